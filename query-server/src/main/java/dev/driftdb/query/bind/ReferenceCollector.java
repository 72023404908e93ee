package dev.driftdb.query.bind;

import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.schemas.catalog.RelationReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gathers what the names of one text stand for while it is bound; not inside of views. */
final class ReferenceCollector {
    /** A column of a stored relation under its name at a place of the text. */
    record Use(int position, int relationId, int number) {}

    private record Found(int position, int relationId, List<RelationReference.Named> columns) {}

    private record Key(int relationId, int number) {}

    private final List<Found> relations = new ArrayList<>();
    private final List<Use> uses = new ArrayList<>();
    private final Set<Key> used = new HashSet<>();
    private final Map<Key, RelationReference> types = new LinkedHashMap<>();
    private final Map<Integer, Long> literals = new HashMap<>();
    private final List<Binder.LabelUse> labels = new ArrayList<>();

    void relation(int position, int relationId, List<RelationReference.Named> columns) {
        relations.add(new Found(position, relationId, columns));
    }

    void column(Column column, int position) {
        if (column.tableId() != 0) {
            uses.add(new Use(position, column.tableId(), column.columnNumber()));
            used.add(new Key(column.tableId(), column.columnNumber()));
        }
    }

    /**
     * A type that is not built in.
     *
     * @param position of its name, 0 for a literal that has it without saying so
     */
    void type(int position, int typeId) {
        types.putIfAbsent(
                new Key(typeId, position), new RelationReference(position, typeId, List.of()));
    }

    /** Attributes that are read of a row of a type. */
    void attributes(int position, int typeId, List<RelationReference.Named> columns) {
        types.put(new Key(typeId, position), new RelationReference(position, typeId, columns));
    }

    void literal(int position, long relationId) {
        literals.put(position, relationId);
    }

    /** A literal that is a label of an enumeration. */
    void label(int position, int typeId, String label) {
        labels.add(new Binder.LabelUse(position, typeId, label));
    }

    List<Binder.LabelUse> labels() {
        return labels;
    }

    /** The types that the text names, by position. */
    Map<Integer, Integer> namedTypes() {
        Map<Integer, Integer> result = new HashMap<>();
        for (RelationReference type : types.values()) {
            if (type.position() > 0 && type.columns().isEmpty()) {
                result.put(type.position(), type.relationId());
            }
        }
        return result;
    }

    Map<Integer, Long> literals() {
        return literals;
    }

    List<Use> uses() {
        return uses;
    }

    List<RelationReference> references() {
        List<RelationReference> result = new ArrayList<>();
        for (Found found : relations) {
            result.add(
                    new RelationReference(
                            found.position(),
                            found.relationId(),
                            found.columns().stream()
                                    .map(c ->
                                            new RelationReference.Named(
                                                    c.number(),
                                                    c.name(),
                                                    used.contains(
                                                            new Key(
                                                                    found.relationId(),
                                                                    c.number()))))
                                    .toList()));
        }
        result.addAll(types.values());
        return result;
    }
}
