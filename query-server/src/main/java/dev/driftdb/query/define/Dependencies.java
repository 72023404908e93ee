package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.parse.StoredNames;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.MaterializedView;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.RelationReference;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What depends on objects that are to be dropped: all of it goes with CASCADE and keeps them from
 * being dropped without. What belongs to an object (its indexes, the sequences its columns own, the
 * type of its rows) goes silently.
 */
final class Dependencies {
    /** Dependents that an error or a notice names; of more it gives the number. */
    private static final int SHOWN_MAX = 100;

    /** Something that can be dropped. */
    sealed interface Thing {
        record Whole(CatalogObject object) implements Thing {}

        record Column(int tableId, ColumnDef column) implements Thing {}

        /** A composite type's. */
        record Attribute(TypeDef type, ColumnDef column) implements Thing {}

        /** The rows of a relation as a type, or the array over that or over a type. */
        record TypeOf(CatalogObject object, boolean array) implements Thing {}

        record Default(TableDef table, ColumnDef column) implements Thing {}

        record OfConstraint(TableDef table, Constraint constraint) implements Thing {}

        record OfDomain(TypeDef domain, TypeDef.DomainCheck check) implements Thing {}
    }

    /**
     * A thing and why it goes.
     *
     * @param on what it depends on, null for what the statement named
     * @param silent it is a part of that
     */
    private record Found(Thing thing, @Nullable Thing on, boolean silent) {}

    private record Edge(Thing thing, int id, boolean silent) {}

    private final DefinitionScope scope;
    private final Names names;
    private final Set<Thing> seen = new HashSet<>();
    private final List<Found> postOrder = new ArrayList<>();

    Dependencies(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /**
     * All that goes with these, in an order in which it can go: dependents first.
     *
     * @throws SqlException 2BP01 without CASCADE if something other than parts of them does
     */
    List<Thing> of(List<Thing> targets, boolean cascade) {
        seen.addAll(targets);
        for (Thing target : targets) {
            if (target instanceof Thing.Whole(TableDef table)) {
                markParts(table);
            }
        }
        for (Thing target : targets) {
            visitChildren(target);
            postOrder.add(new Found(target, null, false));
        }
        List<Found> reported = new ArrayList<>();
        for (Found found : postOrder.reversed()) {
            if (found.on() != null && !found.silent() && !isInWhole(found.thing())) {
                reported.add(found);
            }
        }
        if (!reported.isEmpty()) {
            report(targets, reported, cascade);
        }
        return postOrder.stream().map(Found::thing).filter(t -> !isInWhole(t)).toList();
    }

    /** Whether it goes with the object that it is a part of. */
    private boolean isInWhole(Thing thing) {
        CatalogObject owner =
                switch (thing) {
                    case Thing.Column(int tableId, var _) -> scope.catalog().find(tableId);
                    case Thing.Default(TableDef table, var _) -> table;
                    case Thing.OfConstraint(TableDef table, var _) -> table;
                    case Thing.Attribute(TypeDef type, var _) -> type;
                    case Thing.OfDomain(TypeDef domain, var _) -> domain;
                    case Thing.Whole _, Thing.TypeOf _ -> null;
                };
        return owner != null && seen.contains(new Thing.Whole(owner));
    }

    private void visitChildren(Thing thing) {
        List<Edge> edges = new ArrayList<>(dependents(thing));
        Collections.reverse(edges);
        edges.sort(Comparator.comparingInt(Edge::id).reversed());
        for (Edge edge : edges) {
            if (seen.add(edge.thing())) {
                scope.evalContext().checkCanceled();
                visitChildren(edge.thing());
                postOrder.add(new Found(edge.thing(), thing, edge.silent()));
            }
        }
    }

    private void report(List<Thing> targets, List<Found> reported, boolean cascade) {
        if (cascade) {
            if (reported.size() == 1) {
                scope.notice("drop cascades to " + text(reported.getFirst().thing()));
                return;
            }
            List<String> lines =
                    reported.stream().map(f -> "drop cascades to " + text(f.thing())).toList();
            scope.notice("drop cascades to " + reported.size() + " other objects", shown(lines));
            return;
        }
        List<String> lines = new ArrayList<>();
        for (Found found : reported) {
            Thing on = found.on();
            if (on != null) {
                lines.add(text(found.thing()) + " depends on " + text(on));
            }
        }
        throw new SqlException(
                        SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                        targets.size() == 1
                                ? "cannot drop "
                                        + text(targets.getFirst())
                                        + " because other objects depend on it"
                                : "cannot drop desired object(s) because other objects depend on"
                                        + " them")
                .withDetail(shown(lines))
                .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
    }

    private static String shown(List<String> lines) {
        if (lines.size() <= SHOWN_MAX) {
            return String.join("\n", lines);
        }
        int more = lines.size() - SHOWN_MAX;
        return String.join("\n", lines.subList(0, SHOWN_MAX))
                + "\nand "
                + more
                + " other object"
                + (more == 1 ? "" : "s")
                + " (see server log for list)";
    }

    // ---- who depends on what ----

    private List<Edge> dependents(Thing thing) {
        List<Edge> edges = new ArrayList<>();
        switch (thing) {
            case Thing.Whole(SchemaDef schema) -> {
                for (TableDef table : scope.catalog().objects(TableDef.class)) {
                    if (table.schemaId() == schema.id()) {
                        markParts(table);
                    }
                }
                for (CatalogObject object : scope.catalog().objects()) {
                    boolean inside =
                            switch (object) {
                                case Relation relation -> relation.schemaId() == schema.id();
                                case TypeDef type -> type.schemaId() == schema.id();
                                default -> false;
                            };
                    if (inside && !isPart(object)) {
                        edges.add(new Edge(new Thing.Whole(object), object.id(), false));
                    }
                }
            }
            case Thing.Whole(TableDef table) -> {
                markParts(table);
                for (IndexDef index : scope.catalog().indexesOf(table.id())) {
                    edges.add(new Edge(new Thing.Whole(index), index.id(), true));
                }
                for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
                    if (sequence.ownerTableId() == table.id()) {
                        edges.add(new Edge(new Thing.Whole(sequence), sequence.id(), true));
                    }
                }
                for (Catalog.Reference reference : scope.catalog().referencesTo(table.id())) {
                    if (reference.child().id() != table.id()) {
                        edges.add(edge(reference));
                    }
                }
                addViews(edges, table.id(), 0);
                addRowType(edges, table);
            }
            case Thing.Whole(IndexDef index) -> {
                for (Catalog.Reference reference : scope.catalog().referencesTo(index.tableId())) {
                    IndexDef parent = scope.catalog().parentIndex(reference.key());
                    if (parent != null && parent.id() == index.id()) {
                        edges.add(edge(reference));
                    }
                }
            }
            case Thing.Whole(ViewDef view) -> {
                addViews(edges, view.id(), 0);
                addRowType(edges, view);
            }
            case Thing.Whole(TypeDef type) -> {
                addUses(edges, type.id(), type.id());
                addViews(edges, type.id(), 0);
                edges.add(new Edge(new Thing.TypeOf(type, true), type.id(), true));
            }
            case Thing.TypeOf(CatalogObject object, boolean array) -> {
                int typeId = array ? Types.userArrayOid(object.id()) : object.id();
                addUses(edges, typeId, object.id());
                if (array) {
                    addViews(edges, typeId, 0);
                } else {
                    edges.add(new Edge(new Thing.TypeOf(object, true), object.id(), true));
                }
            }
            case Thing.Attribute(TypeDef type, ColumnDef column) ->
                    addViews(edges, type.id(), column.number());
            case Thing.Whole(SequenceDef sequence) -> {
                for (TableDef table : scope.catalog().objects(TableDef.class)) {
                    for (ColumnDef column : table.visibleColumns()) {
                        if (SequenceTexts.uses(scope.catalog(), column.defaultSql(), sequence)) {
                            edges.add(
                                    new Edge(
                                            column.isGenerated()
                                                    ? new Thing.Column(table.id(), column)
                                                    : new Thing.Default(table, column),
                                            table.id(),
                                            column.isIdentity()));
                        }
                    }
                    for (Constraint constraint : table.constraints()) {
                        if (constraint instanceof Constraint.Check check
                                && StoredNames.namesRelation(check.sql(), sequence.id())) {
                            edges.add(
                                    new Edge(
                                            new Thing.OfConstraint(table, check),
                                            check.id(),
                                            false));
                        }
                    }
                }
                addViews(edges, sequence.id(), 0);
            }
            case Thing.Column(int tableId, ColumnDef column) -> {
                for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
                    if (sequence.ownerTableId() == tableId
                            && sequence.ownerColumn() == column.number()) {
                        edges.add(new Edge(new Thing.Whole(sequence), sequence.id(), true));
                    }
                }
                TableDef table = scope.catalog().findTable(tableId);
                if (table != null && column.defaultSql() != null) {
                    // Its own default goes with it, whatever that uses.
                    seen.add(new Thing.Default(table, column));
                }
                if (table != null) {
                    for (ColumnDef other : new ColumnTexts(scope).generatedFrom(table, column)) {
                        edges.add(new Edge(new Thing.Column(tableId, other), tableId, false));
                    }
                }
                for (Catalog.Reference reference : scope.catalog().referencesTo(tableId)) {
                    if (reference.child().id() != tableId
                            && reference.key().parentColumns().contains(column.number())) {
                        edges.add(edge(reference));
                    }
                }
                addViews(edges, tableId, column.number());
            }
            case Thing.Whole _, Thing.OfConstraint _, Thing.Default _, Thing.OfDomain _ -> {}
        }
        return edges;
    }

    private static void addRowType(List<Edge> edges, CatalogObject relation) {
        edges.add(new Edge(new Thing.TypeOf(relation, false), relation.id(), true));
    }

    /**
     * Columns, attributes and domains of a type.
     *
     * @param ownerId whose own columns do not count
     */
    private void addUses(List<Edge> edges, int typeId, int ownerId) {
        for (CatalogObject object : scope.catalog().objects()) {
            if (object.id() == ownerId) {
                continue;
            }
            switch (object) {
                case TableDef table when seen.contains(new Thing.Whole(table)) -> {}
                case TableDef table -> {
                    for (ColumnDef column : table.visibleColumns().reversed()) {
                        if (column.type().oid() == typeId) {
                            edges.add(
                                    new Edge(
                                            new Thing.Column(table.id(), column),
                                            table.id(),
                                            false));
                        }
                    }
                    addTexts(edges, table, typeId);
                }
                case IndexDef index when names(index, typeId) ->
                        edges.add(new Edge(new Thing.Whole(index), index.id(), false));
                case TypeDef type -> {
                    switch (type.kind()) {
                        case TypeDef.Composite composite -> {
                            for (ColumnDef attribute : composite.visible().reversed()) {
                                if (attribute.type().oid() == typeId) {
                                    edges.add(
                                            new Edge(
                                                    new Thing.Attribute(type, attribute),
                                                    type.id(),
                                                    false));
                                }
                            }
                        }
                        case TypeDef.Domain domain -> {
                            if (domain.over().oid() == typeId
                                    || StoredNames.namesType(domain.defaultSql(), typeId)) {
                                edges.add(new Edge(new Thing.Whole(type), type.id(), false));
                            }
                            for (TypeDef.DomainCheck check : domain.checks()) {
                                if (StoredNames.namesType(check.sql(), typeId)) {
                                    edges.add(
                                            new Edge(
                                                    new Thing.OfDomain(type, check),
                                                    check.id(),
                                                    false));
                                }
                            }
                        }
                        case TypeDef.Enumeration _ -> {}
                    }
                }
                default -> {}
            }
        }
    }

    /** What the texts of a table's columns and constraints name. */
    private static void addTexts(List<Edge> edges, TableDef table, int typeId) {
        for (ColumnDef column : table.visibleColumns()) {
            if (column.type().oid() != typeId
                    && StoredNames.namesType(column.defaultSql(), typeId)) {
                edges.add(
                        new Edge(
                                column.isGenerated()
                                        ? new Thing.Column(table.id(), column)
                                        : new Thing.Default(table, column),
                                table.id(),
                                false));
            }
        }
        for (Constraint constraint : table.constraints()) {
            if (constraint instanceof Constraint.Check check
                    && StoredNames.namesType(check.sql(), typeId)) {
                edges.add(new Edge(new Thing.OfConstraint(table, check), check.id(), false));
            }
        }
    }

    private static boolean names(IndexDef index, int typeId) {
        return StoredNames.namesType(index.predicate(), typeId)
                || index.columns().stream()
                        .map(IndexDef.IndexColumn::expression)
                        .anyMatch(e -> e != null && StoredNames.namesType(e.sql(), typeId));
    }

    /** Its own defaults and constraints go with a table, whatever they use. */
    private void markParts(TableDef table) {
        for (ColumnDef column : table.visibleColumns()) {
            if (column.defaultSql() != null) {
                seen.add(new Thing.Default(table, column));
            }
        }
        for (Constraint constraint : table.constraints()) {
            seen.add(new Thing.OfConstraint(table, constraint));
        }
    }

    private static Edge edge(Catalog.Reference reference) {
        return new Edge(
                new Thing.OfConstraint(reference.child(), reference.key()),
                reference.key().id(),
                false);
    }

    /** An index, or a sequence that a column owns: dropped with its table. */
    private static boolean isPart(CatalogObject object) {
        return object instanceof IndexDef
                || (object instanceof SequenceDef sequence && sequence.ownerTableId() != 0);
    }

    /** Views over a relation, or over one of its columns. */
    private void addViews(List<Edge> edges, int relationId, int column) {
        Catalog catalog = scope.catalog();
        // Whoever reads an attribute of a type's rows has them from elsewhere.
        boolean ofType = !(catalog.find(relationId) instanceof Relation);
        for (CatalogObject object : catalog.objects()) {
            List<RelationReference> references =
                    switch (object) {
                        case ViewDef view -> view.references();
                        case MaterializedView view -> view.references();
                        default -> List.of();
                    };
            boolean uses =
                    references.stream()
                            .anyMatch(r ->
                                    r.relationId() == relationId
                                            && (column == 0
                                                    ? !ofType || r.columns().isEmpty()
                                                    : r.uses(column)));
            if (!uses) {
                continue;
            }
            CatalogObject shown =
                    object instanceof MaterializedView view
                            ? catalog.findTable(view.tableId())
                            : object;
            if (shown != null && shown.id() != relationId) {
                edges.add(new Edge(new Thing.Whole(shown), shown.id(), false));
            }
        }
    }

    /** Whether a view reads an attribute of a composite type. */
    boolean isInViews(TypeDef type, ColumnDef attribute) {
        List<Edge> views = new ArrayList<>();
        addViews(views, type.id(), attribute.number());
        return !views.isEmpty();
    }

    /** 0A000 if a view reads the column: its own columns have the types that they have. */
    void refuseTypeChange(TableDef table, ColumnDef column) {
        List<Edge> views = new ArrayList<>();
        addViews(views, table.id(), column.number());
        if (!views.isEmpty()) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot alter type of a column used by a view or rule")
                    .withDetail(
                            "rule _RETURN on "
                                    + text(views.getFirst().thing())
                                    + " depends on column \""
                                    + column.name()
                                    + "\"");
        }
    }

    // ---- how things are called ----

    String text(Thing thing) {
        return switch (thing) {
            case Thing.Whole(CatalogObject object) -> text(object);
            case Thing.Column(int tableId, ColumnDef column) ->
                    "column " + column.name() + " of " + text(relation(tableId));
            case Thing.Attribute(TypeDef type, ColumnDef column) ->
                    "column " + column.name() + " of composite type " + shownName(type);
            case Thing.TypeOf(CatalogObject object, boolean array) ->
                    "type " + ownName(object) + (array ? "[]" : "");
            case Thing.Default(TableDef table, ColumnDef column) ->
                    "default value for column " + column.name() + " of " + text(table);
            case Thing.OfConstraint(TableDef table, Constraint constraint) ->
                    "constraint " + constraint.name() + " on " + text(table);
            case Thing.OfDomain(var _, TypeDef.DomainCheck check) -> "constraint " + check.name();
        };
    }

    private CatalogObject relation(int id) {
        CatalogObject object = scope.catalog().find(id);
        if (object == null) {
            throw new IllegalStateException("no relation has id " + id);
        }
        return object;
    }

    private String text(CatalogObject object) {
        return switch (object) {
            case SchemaDef schema -> "schema " + schema.name();
            case TableDef table ->
                    (scope.catalog().materializedView(table.id()) == null
                                    ? "table "
                                    : "materialized view ")
                            + shownName(table);
            case ViewDef view -> "view " + shownName(view);
            case IndexDef index -> "index " + shownName(index);
            case SequenceDef sequence -> "sequence " + shownName(sequence);
            case TypeDef type -> "type " + shownName(type);
            default -> object.name();
        };
    }

    private String ownName(CatalogObject object) {
        return switch (object) {
            case Relation relation -> shownName(relation);
            case TypeDef type -> shownName(type);
            default -> object.name();
        };
    }

    private String shownName(TypeDef type) {
        String name = IndexTexts.quoted(type.name());
        SqlType found = names.findType(QualifiedName.of(type.name()));
        return found != null && found.oid() == type.id() ? name : qualified(type.schemaId(), name);
    }

    /** Qualified where the search path does not find it. */
    private String shownName(Relation relation) {
        String name = IndexTexts.quoted(relation.name());
        Relation found = names.find(QualifiedName.of(relation.name()));
        if (found != null && found.id() == relation.id()) {
            return name;
        }
        return qualified(relation.schemaId(), name);
    }

    private String qualified(int schemaId, String name) {
        CatalogObject schema = scope.catalog().find(schemaId);
        return schema == null ? name : IndexTexts.quoted(schema.name()) + "." + name;
    }
}
