package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of a table or index to read: values for its first columns, then any number of values
 * or an interval for the next one. Made into byte ranges when a scan opens.
 *
 * @param columns the key's columns, at least as many as are bounded
 * @param equals values of the first columns
 * @param anyOf alternatives for the column behind them, null for none
 * @param lower the least value of the column behind them, null for none
 * @param upper the greatest, null for none
 */
public record KeyBounds(
        List<KeyColumn> columns,
        List<Eval> equals,
        @Nullable AnyOf anyOf,
        @Nullable Bound lower,
        @Nullable Bound upper) {

    /** Everything. */
    public static final KeyBounds ALL = new KeyBounds(List.of(), List.of(), null, null, null);

    public KeyBounds {
        columns = List.copyOf(columns);
        equals = List.copyOf(equals);
    }

    public record KeyColumn(SqlType type, boolean descending, boolean nullsFirst) {}

    public record Bound(Eval value, boolean inclusive) {}

    /** The elements of a list, or of one array value. */
    public sealed interface AnyOf {
        record Elements(List<Eval> list) implements AnyOf {}

        record Array(Eval array) implements AnyOf {}
    }

    /** How many columns have one value, alternatives counted as such. */
    public int fixedColumns() {
        return equals.size() + (anyOf == null ? 0 : 1);
    }

    /** The keys themselves if all columns are fixed: in order and without duplicates. */
    List<Bytes> keys(@Nullable Object[] row, Frame frame) {
        List<Bytes> keys = new ArrayList<>();
        for (KeyRange range : ranges(row, frame)) {
            keys.add(range.from());
        }
        return keys;
    }

    /** Ranges in the order of keys that do not overlap; none if a bound is NULL. */
    List<KeyRange> ranges(@Nullable Object[] row, Frame frame) {
        if (columns.isEmpty()) {
            return List.of(KeyRange.ALL);
        }
        @Nullable Object[] values = new @Nullable Object[equals.size()];
        for (int i = 0; i < values.length; i++) {
            Object value = equals.get(i).eval(row, frame);
            if (value == null || !fits(columns.get(i).type(), value)) {
                return List.of();
            }
            values[i] = value;
        }
        if (anyOf != null) {
            return alternatives(values, anyOf, row, frame);
        }
        if (lower == null && upper == null) {
            return List.of(KeyRange.prefix(key(values, values.length, null)));
        }
        return interval(values, row, frame);
    }

    private List<KeyRange> alternatives(
            @Nullable Object[] values, AnyOf choices, @Nullable Object[] row, Frame frame) {
        SqlType type = columns.get(values.length).type();
        TreeMap<Bytes, KeyRange> ranges = new TreeMap<>(Comparator.naturalOrder());
        for (Object value : elements(choices, row, frame)) {
            if (value != null && fits(type, value)) {
                Bytes key = key(values, values.length + 1, value);
                ranges.put(key, KeyRange.prefix(key));
            }
        }
        return new ArrayList<>(ranges.values());
    }

    private static List<@Nullable Object> elements(
            AnyOf choices, @Nullable Object[] row, Frame frame) {
        return switch (choices) {
            case AnyOf.Elements elements -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (Eval eval : elements.list()) {
                    list.add(eval.eval(row, frame));
                }
                yield list;
            }
            case AnyOf.Array array ->
                    array.array().eval(row, frame) instanceof SqlArray given
                            ? given.values()
                            : List.of();
        };
    }

    private List<KeyRange> interval(
            @Nullable Object[] values, @Nullable Object[] row, Frame frame) {
        KeyColumn column = columns.get(values.length);
        Bytes prefix = key(values, values.length, null);
        Bytes from = prefix;
        Bytes to = KeyCodec.after(prefix);
        for (int side = 0; side < 2; side++) {
            boolean least = side == 0;
            Bound bound = least ? lower : upper;
            if (bound == null) {
                continue;
            }
            Object value = bound.value().eval(row, frame);
            if (value == null) {
                return List.of();
            }
            if (!fits(column.type(), value)) {
                // A bound outside of the column's domain excludes everything or nothing.
                if (((Long) value > 0) == least) {
                    return List.of();
                }
                continue;
            }
            Bytes key = key(values, values.length + 1, value);
            boolean atStart = least != column.descending();
            if (atStart) {
                from = bound.inclusive() ? key : KeyCodec.after(key);
            } else {
                to = bound.inclusive() ? KeyCodec.after(key) : key;
            }
        }
        return to.length() > 0 && from.compareTo(to) >= 0
                ? List.of()
                : List.of(new KeyRange(from, to));
    }

    private Bytes key(@Nullable Object[] values, int count, @Nullable Object last) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (int i = 0; i < count; i++) {
            KeyColumn column = columns.get(i);
            writer.add(
                    column.type(),
                    i < values.length ? values[i] : last,
                    column.descending(),
                    column.nullsFirst());
        }
        return writer.toBytes();
    }

    // An int4 column may be compared with an int8 value that no int4 key can hold.
    private static boolean fits(SqlType type, Object value) {
        if (!(value instanceof Long number)) {
            return true;
        }
        if (type.equals(Types.INT4)) {
            return number == number.intValue();
        }
        if (type.equals(Types.INT2)) {
            return number == number.shortValue();
        }
        return !type.equals(Types.OID) || (number >= 0 && number <= 0xFFFF_FFFFL);
    }
}
