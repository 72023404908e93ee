package dev.driftdb.query.execute;

import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns values into hash keys: Java objects that are equal exactly where SQL's {@code =} holds, or
 * both are NULL. Immutable.
 */
public final class ValueKey {
    private final Kind[] kinds;
    private final SqlType[] types;
    private final @Nullable Comparator<Object>[] orders;

    private enum Kind {
        /** The Java class is right as it is. */
        PLAIN,
        /** It is right without the blanks at its end. */
        BLANK_PADDED,
        /** Equality is what the type's order says. */
        ORDERED
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    public ValueKey(List<SqlType> types) {
        this.types = types.toArray(SqlType[]::new);
        this.kinds = new Kind[this.types.length];
        this.orders = new Comparator[this.types.length];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = kind(this.types[i]);
            orders[i] = kinds[i] == Kind.ORDERED ? ValueOrder.of(this.types[i]) : null;
        }
    }

    public int width() {
        return types.length;
    }

    /** One value as it may stand in a key. */
    public @Nullable Object normal(int column, @Nullable Object value) {
        if (value == null || kinds[column] == Kind.PLAIN) {
            return value;
        }
        Comparator<Object> order = orders[column];
        return order == null
                ? ValueOrder.stripBlanks((String) value)
                : new Ordered(value, types[column], order);
    }

    /** The key of values that {@link #normal} made; the array is given away. */
    public @Nullable Object of(@Nullable Object[] normalValues) {
        return normalValues.length == 1 ? normalValues[0] : new Composite(normalValues);
    }

    /** The key of all columns of a row. */
    public @Nullable Object ofRow(@Nullable Object[] row) {
        if (types.length == 1) {
            return normal(0, row[0]);
        }
        @Nullable Object[] values = new @Nullable Object[types.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = normal(i, row[i]);
        }
        return new Composite(values);
    }

    /** The key of expressions over a row. */
    public @Nullable Object of(Eval[] evals, @Nullable Object[] row, Frame frame) {
        if (evals.length == 1) {
            return normal(0, evals[0].eval(row, frame));
        }
        @Nullable Object[] values = new @Nullable Object[evals.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = normal(i, evals[i].eval(row, frame));
        }
        return new Composite(values);
    }

    /** As {@link #of}, but null if any value is NULL: such a key equals no other. */
    public @Nullable Object ofNonNull(Eval[] evals, @Nullable Object[] row, Frame frame) {
        if (evals.length == 1) {
            return normal(0, evals[0].eval(row, frame));
        }
        @Nullable Object[] values = new @Nullable Object[evals.length];
        for (int i = 0; i < values.length; i++) {
            Object value = normal(i, evals[i].eval(row, frame));
            if (value == null) {
                return null;
            }
            values[i] = value;
        }
        return new Composite(values);
    }

    private static Kind kind(SqlType type) {
        if (type.isDomain()) {
            return kind(type.base());
        }
        return switch (type.storage()) {
            case BOOLEAN, LONG, ENUM, NUMERIC, BYTES, UUID, NONE -> Kind.PLAIN;
            case TEXT -> type.equals(Types.BPCHAR) ? Kind.BLANK_PADDED : Kind.PLAIN;
            case FLOAT4, FLOAT8, INTERVAL, TIMETZ, JSONB, ARRAY, ROW -> Kind.ORDERED;
        };
    }

    private static final class Ordered {
        private final Object value;
        private final Comparator<Object> order;
        private final int hash;

        Ordered(Object value, SqlType type, Comparator<Object> order) {
            this.value = value;
            this.order = order;
            this.hash = ValueOrder.hash(type, value);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Ordered ordered
                    && hash == ordered.hash
                    && order.compare(value, ordered.value) == 0;
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private static final class Composite {
        private static final int MULTIPLIER = 0x9E3779B1;
        private static final int MIX_BITS = 15;

        private final @Nullable Object[] values;
        private final int hash;

        Composite(@Nullable Object[] values) {
            this.values = values;
            this.hash = hash(values);
        }

        /** Small numbers in several columns must not add up to the same few hashes. */
        private static int hash(@Nullable Object[] values) {
            int hash = 1;
            for (Object value : values) {
                hash = (hash ^ (value == null ? 0 : value.hashCode())) * MULTIPLIER;
                hash ^= hash >>> MIX_BITS;
            }
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Composite composite
                    && hash == composite.hash
                    && Arrays.equals(values, composite.values);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
