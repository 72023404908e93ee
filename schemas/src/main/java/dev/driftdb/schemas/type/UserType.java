package dev.driftdb.schemas.type;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a type that is not built in is made of: the part of {@link SqlType} that CREATE TYPE says.
 */
public sealed interface UserType {

    /**
     * CREATE TYPE … AS ENUM. A value is the position of its label, a {@code Long} that never
     * changes while the label may be renamed; positions are in the order of the type.
     */
    final class Enumeration implements UserType {
        private final List<Label> labels;
        private final Map<String, Long> byName = new HashMap<>();
        private final Map<Long, String> byPosition = new HashMap<>();

        /**
         * @param labels in the order of their positions
         */
        public Enumeration(List<Label> labels) {
            this.labels = List.copyOf(labels);
            for (Label label : labels) {
                byName.put(label.name(), label.position());
                byPosition.put(label.position(), label.name());
            }
        }

        public List<Label> labels() {
            return labels;
        }

        public @Nullable Long position(String name) {
            return byName.get(name);
        }

        /** The label at a position; one that is not there is our own fault. */
        public String label(long position) {
            String name = byPosition.get(position);
            if (name == null) {
                throw new IllegalStateException("no label has the position " + position);
            }
            return name;
        }
    }

    /** One label of an enumeration. */
    record Label(long position, String name) {}

    /**
     * CREATE DOMAIN: values are those of the base type. The conditions are the binder's matter.
     *
     * @param over the type it was made over, itself a domain perhaps
     * @param typmod of {@code over}, -1 for none
     */
    record Domain(SqlType over, int typmod) implements UserType {}

    /**
     * CREATE TYPE … AS (…), or the rows of a table: values are {@link SqlRow}s over the attributes
     * that are not dropped.
     *
     * @param attributes by number, dropped ones included
     */
    record Composite(List<Attribute> attributes) implements UserType {
        public Composite {
            attributes = List.copyOf(attributes);
        }

        /** What a user sees, in order. */
        public List<Attribute> visible() {
            List<Attribute> visible = new ArrayList<>(attributes.size());
            for (Attribute attribute : attributes) {
                if (!attribute.dropped()) {
                    visible.add(attribute);
                }
            }
            return visible;
        }

        /** A row of this type. */
        public SqlRow row(List<@Nullable Object> values) {
            List<Attribute> visible = visible();
            return new SqlRow(
                    visible.stream().map(Attribute::type).toList(),
                    values,
                    visible.stream().map(Attribute::name).toList());
        }
    }

    /**
     * @param number from 1, never used again
     */
    record Attribute(int number, String name, SqlType type, int typmod, boolean dropped) {}

    /** The array over a type that is not built in. */
    record ArrayOf(SqlType element) implements UserType {}

    /**
     * A type that only its oid is known of: a catalog's image replaces it by what it stands for.
     */
    record Unresolved() implements UserType {}
}
