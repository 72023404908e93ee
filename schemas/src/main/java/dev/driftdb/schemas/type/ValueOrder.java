package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The default order of a type's values, the one that indexes, sorting and comparison operators
 * share. Text is ordered by code points (the collation is "C"), bpchar without its trailing blanks,
 * NaN above every number, uuid as unsigned bytes. {@code compare(a, b) == 0} exactly if SQL's
 * {@code =} holds.
 */
public final class ValueOrder {
    private static final Comparator<Object> NATURAL = ValueOrder::compareNatural;
    private static final Comparator<Object> LONGS = (a, b) -> Long.compare((Long) a, (Long) b);
    private static final Comparator<Object> UNSIGNED_LONGS =
            (a, b) -> Long.compareUnsigned((Long) a, (Long) b);
    private static final Comparator<Object> TEXT = (a, b) -> compareText((String) a, (String) b);
    private static final Comparator<Object> BLANK_PADDED =
            (a, b) -> compareText(stripBlanks((String) a), stripBlanks((String) b));
    private static final Comparator<Object> UUIDS = ValueOrder::compareUuids;
    private static final Comparator<Object> JSONBS = ValueOrder::compareJsonbs;
    private static final Comparator<Object> ARRAYS =
            (a, b) -> compareArrays((SqlArray) a, (SqlArray) b);
    private static final Comparator<Object> ROWS = (a, b) -> compareRows((SqlRow) a, (SqlRow) b);

    private ValueOrder() {}

    /**
     * The order of one type; no NULLs.
     *
     * @throws SqlException 42883 for a type without one
     */
    public static Comparator<Object> of(SqlType type) {
        if (!isOrdered(type)) {
            SqlType element = type.isArray() ? type.element() : type;
            throw new SqlException(
                    SqlState.UNDEFINED_FUNCTION,
                    "could not identify an equality operator for type " + element.sqlName());
        }
        if (type.isDomain()) {
            return of(type.base());
        }
        return switch (type.storage()) {
            case ENUM -> LONGS;
            case LONG -> type.equals(Types.PG_LSN) ? UNSIGNED_LONGS : LONGS;
            case TEXT -> type.equals(Types.BPCHAR) ? BLANK_PADDED : TEXT;
            // -0 equals 0 and NaN is above all, unlike Float.compareTo.
            case FLOAT4 -> (a, b) -> compareDoubles((Float) a, (Float) b);
            case FLOAT8 -> (a, b) -> compareDoubles((Double) a, (Double) b);
            case BOOLEAN, NUMERIC, BYTES, INTERVAL, TIMETZ -> NATURAL;
            case UUID -> UUIDS;
            case JSONB -> JSONBS;
            case ARRAY -> ARRAYS;
            case ROW -> ROWS;
            case NONE -> throw new IllegalStateException(type + " has no values");
        };
    }

    /** Whether the type has a default order: all but json, jsonpath and the pseudo-types. */
    public static boolean isOrdered(SqlType type) {
        if (type.storage() == Storage.ROW) {
            return true;
        }
        if (type.isDomain()) {
            return isOrdered(type.base());
        }
        if (type.isArray()) {
            return isOrdered(type.element());
        }
        return !type.isPseudo()
                && !type.equals(Types.JSON)
                && !type.equals(Types.JSONPATH)
                && !type.equals(Types.PG_NODE_TREE)
                && type.storage() != Storage.NONE;
    }

    /** A hash that is equal where the order says equal. */
    public static int hash(SqlType type, Object value) {
        if (type.isDomain()) {
            return hash(type.base(), value);
        }
        return switch (type.storage()) {
            case FLOAT4 -> Float.hashCode((Float) value == 0 ? 0f : (Float) value);
            case FLOAT8 -> Double.hashCode((Double) value == 0 ? 0d : (Double) value);
            case TEXT ->
                    type.equals(Types.BPCHAR)
                            ? stripBlanks((String) value).hashCode()
                            : value.hashCode();
            case JSONB -> Json.parse((Jsonb) value).orderHash();
            case ARRAY -> {
                SqlArray array = (SqlArray) value;
                int hash = array.lengths().hashCode();
                for (Object item : array.values()) {
                    hash = hash * 31 + (item == null ? 0 : hash(array.element(), item));
                }
                yield hash;
            }
            case ROW -> {
                SqlRow row = (SqlRow) value;
                int hash = 1;
                for (int i = 0; i < row.values().size(); i++) {
                    Object field = row.values().get(i);
                    hash = hash * 31 + (field == null ? 0 : hash(row.types().get(i), field));
                }
                yield hash;
            }
            case BOOLEAN, LONG, ENUM, NUMERIC, BYTES, INTERVAL, TIMETZ, UUID, NONE ->
                    value.hashCode();
        };
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // one storage: the classes are the same
    private static int compareNatural(Object a, Object b) {
        return ((Comparable) a).compareTo(b);
    }

    private static int compareDoubles(double a, double b) {
        if (a < b) {
            return -1;
        }
        if (a > b) {
            return 1;
        }
        return a == b ? 0 : Boolean.compare(Double.isNaN(a), Double.isNaN(b));
    }

    /** By code points, which UTF-16's own order is not above U+FFFF. */
    public static int compareText(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean xSurrogate = Character.isSurrogate(x);
                boolean ySurrogate = Character.isSurrogate(y);
                return xSurrogate == ySurrogate ? Character.compare(x, y) : xSurrogate ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Without the blanks at the end, which do not count in bpchar. */
    public static String stripBlanks(String s) {
        int end = s.length();
        while (end > 0 && s.charAt(end - 1) == ' ') {
            end--;
        }
        return s.substring(0, end);
    }

    private static int compareUuids(Object a, Object b) {
        UUID x = (UUID) a;
        UUID y = (UUID) b;
        int high = Long.compareUnsigned(x.getMostSignificantBits(), y.getMostSignificantBits());
        return high != 0
                ? high
                : Long.compareUnsigned(x.getLeastSignificantBits(), y.getLeastSignificantBits());
    }

    private static int compareJsonbs(Object a, Object b) {
        Jsonb x = (Jsonb) a;
        Jsonb y = (Jsonb) b;
        return x.equals(y) ? 0 : Json.compareWhole(Json.parse(x), Json.parse(y));
    }

    /** Element by element, then the shorter first, then dimensions. A NULL element is greatest. */
    private static int compareArrays(SqlArray a, SqlArray b) {
        int count = Math.min(a.values().size(), b.values().size());
        Comparator<Object> order = of(a.element());
        for (int i = 0; i < count; i++) {
            int result = compareNullable(a.values().get(i), b.values().get(i), order);
            if (result != 0) {
                return result;
            }
        }
        int result = Integer.compare(a.values().size(), b.values().size());
        if (result == 0) {
            result = Integer.compare(a.dimensions(), b.dimensions());
        }
        if (result == 0) {
            result = compareInts(a.lengths(), b.lengths());
        }
        return result == 0 ? compareInts(a.lowerBounds(), b.lowerBounds()) : result;
    }

    private static int compareInts(List<Integer> a, List<Integer> b) {
        for (int i = 0; i < a.size(); i++) {
            int result = Integer.compare(a.get(i), b.get(i));
            if (result != 0) {
                return result;
            }
        }
        return 0;
    }

    private static int compareRows(SqlRow a, SqlRow b) {
        int count = Math.min(a.values().size(), b.values().size());
        for (int i = 0; i < count; i++) {
            SqlType type = a.types().get(i);
            if (!type.base().equals(b.types().get(i).base())) {
                throw new SqlException(
                        SqlState.DATATYPE_MISMATCH,
                        "cannot compare dissimilar column types "
                                + type.sqlName()
                                + " and "
                                + b.types().get(i).sqlName()
                                + " at record column "
                                + (i + 1));
            }
            if (!isOrdered(type)) {
                throw new SqlException(
                        SqlState.UNDEFINED_FUNCTION,
                        "could not identify a comparison function for type " + type.sqlName());
            }
            int result = compareNullable(a.values().get(i), b.values().get(i), of(type));
            if (result != 0) {
                return result;
            }
        }
        if (a.values().size() != b.values().size()) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "cannot compare record types with different numbers of columns");
        }
        return 0;
    }

    private static int compareNullable(
            @Nullable Object a, @Nullable Object b, Comparator<Object> order) {
        if (a == null || b == null) {
            return Boolean.compare(a == null, b == null);
        }
        return order.compare(a, b);
    }
}
