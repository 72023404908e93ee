package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANYARRAY;
import static dev.driftdb.schemas.type.Types.ANYCOMPATIBLE;
import static dev.driftdb.schemas.type.Types.ANYCOMPATIBLEARRAY;
import static dev.driftdb.schemas.type.Types.ANYELEMENT;
import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT4_ARRAY;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.19 Array Functions and Operators. */
final class ArrayFunctions {
    private ArrayFunctions() {}

    static void define(Definitions d) {
        shape(d);
        concatenation(d);
        searches(d);
        comparisons(d);
        subscripts(d);
        rows(d);
    }

    private static void shape(Definitions d) {
        d.fn(
                "array_length",
                ANYARRAY,
                INT4,
                INT4,
                (SqlArray a, Long n) ->
                        hasDimension(a, n) ? (Long) (long) a.lengths().get((int) (n - 1)) : null);
        d.fn(
                "array_lower",
                ANYARRAY,
                INT4,
                INT4,
                (SqlArray a, Long n) ->
                        hasDimension(a, n)
                                ? (Long) (long) a.lowerBounds().get((int) (n - 1))
                                : null);
        d.fn(
                "array_upper",
                ANYARRAY,
                INT4,
                INT4,
                (SqlArray a, Long n) -> hasDimension(a, n) ? (Long) upper(a, (int) (n - 1)) : null);
        d.fn("cardinality", ANYARRAY, INT4, (SqlArray a) -> (long) a.values().size());
        d.fn(
                "array_ndims",
                ANYARRAY,
                INT4,
                (SqlArray a) -> a.dimensions() == 0 ? null : (Long) (long) a.dimensions());
        d.fn(
                "array_dims",
                ANYARRAY,
                TEXT,
                (SqlArray a) -> {
                    StringBuilder out = new StringBuilder();
                    for (int i = 0; i < a.dimensions(); i++) {
                        out.append('[').append(a.lowerBounds().get(i)).append(':');
                        out.append(upper(a, i)).append(']');
                    }
                    return out.isEmpty() ? null : out.toString();
                });
        d.define("array_to_string", TEXT, ANYARRAY, TEXT, TEXT)
                .defaults(1)
                .nullable()
                .stable()
                .eval((a, c) -> a[0] == null || a[1] == null ? null : join(a, c));
        d.define("array_fill", ANYARRAY, ANYELEMENT, INT4_ARRAY, INT4_ARRAY)
                .defaults(1)
                .nullable()
                .specialize((_, result) -> (Body.Nary) (a, _) -> fill(a, result));
        d.fn(
                "trim_array",
                ANYARRAY,
                INT4,
                ANYARRAY,
                (SqlArray a, Long n) -> {
                    int length = a.dimensions() == 0 ? 0 : a.lengths().getFirst();
                    if (n < 0 || n > length) {
                        throw new SqlException(
                                SqlState.ARRAY_SUBSCRIPT_ERROR,
                                "number of elements to trim must be between 0 and " + length);
                    }
                    int part = length == 0 ? 0 : a.values().size() / length;
                    return withFirstLength(
                            a,
                            1,
                            a.values().subList(0, (int) (length - n) * part),
                            (int) (length - n));
                });
    }

    private static boolean hasDimension(SqlArray a, long n) {
        return n >= 1 && n <= a.dimensions();
    }

    private static long upper(SqlArray a, int dimension) {
        return (long) a.lowerBounds().get(dimension) + a.lengths().get(dimension) - 1;
    }

    private static SqlArray array(@Nullable Object value) {
        return (SqlArray) Objects.requireNonNull(value);
    }

    private static String join(@Nullable Object[] a, EvalContext context) {
        SqlArray array = array(a[0]);
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Object value : array.values()) {
            if (value == null && (a.length < 3 || a[2] == null)) {
                continue;
            }
            if (!first) {
                out.append(a[1]);
            }
            first = false;
            out.append(
                    value == null ? a[2] : StringFunctions.output(array.element(), value, context));
        }
        return out.toString();
    }

    private static SqlArray fill(@Nullable Object[] a, SqlType result) {
        if (a[1] == null || (a.length > 2 && a[2] == null)) {
            throw new SqlException(
                    SqlState.NULL_VALUE_NOT_ALLOWED,
                    "dimension array or low bound array cannot be null");
        }
        if (array(a[1]).dimensions() > 1) {
            throw wrongSubscripts("Dimension array must be one dimensional.");
        }
        if (a.length > 2 && array(a[2]).dimensions() > 1) {
            throw wrongSubscripts("Low bound array must be one dimensional.");
        }
        List<Integer> lengths = ints(array(a[1]));
        if (lengths.size() > SqlArray.DIMENSIONS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "number of array dimensions ("
                            + lengths.size()
                            + ") exceeds the maximum allowed ("
                            + SqlArray.DIMENSIONS_MAX
                            + ")");
        }
        List<Integer> lower =
                a.length > 2 ? ints(array(a[2])) : Collections.nCopies(lengths.size(), 1);
        long count = lengths.isEmpty() ? 0 : 1;
        for (int length : lengths) {
            count *= length;
            if (length < 0 || count > StringFunctions.LENGTH_MAX) {
                throw new SqlException(
                        SqlState.PROGRAM_LIMIT_EXCEEDED,
                        "array size exceeds the maximum allowed (134217727)");
            }
        }
        if (lower.size() != lengths.size()) {
            throw wrongSubscripts("Low bound array has different size than dimensions array.");
        }
        List<@Nullable Object> values = Collections.nCopies((int) count, a[0]);
        return count == 0
                ? SqlArray.of(result.element(), values)
                : new SqlArray(result.element(), lengths, lower, values);
    }

    private static SqlException wrongSubscripts(String detail) {
        return new SqlException(SqlState.ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts")
                .withDetail(detail);
    }

    private static List<Integer> ints(SqlArray array) {
        List<Integer> result = new ArrayList<>();
        for (Object value : array.values()) {
            if (value == null) {
                throw new SqlException(
                        SqlState.NULL_VALUE_NOT_ALLOWED, "dimension values cannot be null");
            }
            result.add((int) (long) (Long) value);
        }
        return result;
    }

    private static void concatenation(Definitions d) {
        SqlType array = ANYCOMPATIBLEARRAY;
        d.define("array_append", array, array, ANYCOMPATIBLE)
                .nullable()
                .specialize((_, result) ->
                        (Body.Nary) (a, _) -> append((SqlArray) a[0], a[1], result.element()));
        d.operator("||", array, ANYCOMPATIBLE, d.scalars.getLast());
        d.define("array_prepend", array, ANYCOMPATIBLE, array)
                .nullable()
                .specialize((_, result) ->
                        (Body.Nary) (a, _) -> prepend(a[0], (SqlArray) a[1], result.element()));
        d.operator("||", ANYCOMPATIBLE, array, d.scalars.getLast());
        d.define("array_cat", array, array, array)
                .nullable()
                .eval((a, _) -> concatenate((SqlArray) a[0], (SqlArray) a[1]));
        d.operator("||", array, array, d.scalars.getLast());
    }

    private static void requireFlat(SqlArray a, String what) {
        if (a.dimensions() > 1) {
            throw new SqlException(
                    what.endsWith("not supported")
                            ? SqlState.FEATURE_NOT_SUPPORTED
                            : SqlState.DATA_EXCEPTION,
                    what);
        }
    }

    private static SqlArray append(@Nullable SqlArray a, @Nullable Object item, SqlType element) {
        List<@Nullable Object> values = new ArrayList<>();
        if (a == null || a.dimensions() == 0) {
            values.add(item);
            return SqlArray.of(element, values);
        }
        requireFlat(a, "argument must be empty or one-dimensional array");
        values.addAll(a.values());
        values.add(item);
        return new SqlArray(element, List.of(values.size()), a.lowerBounds(), values);
    }

    private static SqlArray prepend(@Nullable Object item, @Nullable SqlArray a, SqlType element) {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(item);
        if (a == null || a.dimensions() == 0) {
            return SqlArray.of(element, values);
        }
        requireFlat(a, "argument must be empty or one-dimensional array");
        values.addAll(a.values());
        return new SqlArray(element, List.of(values.size()), a.lowerBounds(), values);
    }

    private static @Nullable SqlArray concatenate(@Nullable SqlArray a, @Nullable SqlArray b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        if (a.dimensions() == 0 || b.dimensions() == 0) {
            return a.dimensions() == 0 ? b : a;
        }
        List<@Nullable Object> values = new ArrayList<>(a.values());
        values.addAll(b.values());
        List<Integer> outer = a.dimensions() >= b.dimensions() ? a.lengths() : b.lengths();
        SqlArray shape = a.dimensions() >= b.dimensions() ? a : b;
        int difference = a.dimensions() - b.dimensions();
        List<Integer> rest = outer.subList(1, outer.size());
        boolean fits =
                switch (difference) {
                    case 0 ->
                            rest.equals(b.lengths().subList(1, b.dimensions()))
                                    && rest.equals(a.lengths().subList(1, a.dimensions()));
                    case 1 -> rest.equals(b.lengths());
                    case -1 -> rest.equals(a.lengths());
                    default -> false;
                };
        if (!fits) {
            throw new SqlException(
                            SqlState.ARRAY_SUBSCRIPT_ERROR,
                            "cannot concatenate incompatible arrays")
                    .withDetail(incompatible(a.dimensions(), b.dimensions()));
        }
        int first =
                (difference >= 0 ? a.lengths().getFirst() : 1)
                        + (difference <= 0 ? b.lengths().getFirst() : 1);
        SqlArray bounds = difference == 0 ? a : shape;
        List<Integer> lengths = new ArrayList<>(outer);
        lengths.set(0, first);
        return new SqlArray(a.element(), lengths, bounds.lowerBounds(), values);
    }

    private static String incompatible(int a, int b) {
        return switch (Math.abs(a - b)) {
            case 0 ->
                    "Arrays with differing element dimensions are not compatible for"
                            + " concatenation.";
            case 1 -> "Arrays with differing dimensions are not compatible for concatenation.";
            default ->
                    "Arrays of "
                            + a
                            + " and "
                            + b
                            + " dimensions are not compatible for concatenation.";
        };
    }

    private static void searches(Definitions d) {
        SqlType array = ANYCOMPATIBLEARRAY;
        d.define("array_position", INT4, array, ANYCOMPATIBLE, INT4)
                .defaults(1)
                .nullable()
                .eval((a, _) -> a[0] == null ? null : position(a));
        d.define("array_positions", INT4_ARRAY, array, ANYCOMPATIBLE)
                .nullable()
                .eval((a, _) -> {
                    if (a[0] == null) {
                        return null;
                    }
                    SqlArray items = array(a[0]);
                    requireFlat(
                            items,
                            "searching for elements in multidimensional arrays is not supported");
                    List<@Nullable Object> found = new ArrayList<>();
                    for (int i = 0; i < items.values().size(); i++) {
                        if (same(items.element(), items.values().get(i), a[1])) {
                            found.add((long) items.lowerBounds().getFirst() + i);
                        }
                    }
                    return SqlArray.of(INT4, found);
                });
        d.define("array_remove", array, array, ANYCOMPATIBLE)
                .nullable()
                .eval((a, _) -> {
                    if (a[0] == null) {
                        return null;
                    }
                    SqlArray items = array(a[0]);
                    requireFlat(
                            items,
                            "removing elements from multidimensional arrays is not supported");
                    List<@Nullable Object> kept = new ArrayList<>();
                    for (Object value : items.values()) {
                        if (!same(items.element(), value, a[1])) {
                            kept.add(value);
                        }
                    }
                    return withFirstLength(items, 0, kept, kept.size());
                });
        d.define("array_replace", array, array, ANYCOMPATIBLE, ANYCOMPATIBLE)
                .nullable()
                .eval((a, _) -> {
                    if (a[0] == null) {
                        return null;
                    }
                    SqlArray items = array(a[0]);
                    List<@Nullable Object> values = new ArrayList<>();
                    for (Object value : items.values()) {
                        values.add(same(items.element(), value, a[1]) ? a[2] : value);
                    }
                    return new SqlArray(
                            items.element(), items.lengths(), items.lowerBounds(), values);
                });
    }

    /** The same array with another number of parts in its first dimension. */
    private static SqlArray withFirstLength(
            SqlArray a, int lower, List<@Nullable Object> values, int length) {
        if (values.isEmpty()) {
            return SqlArray.of(a.element(), values);
        }
        List<Integer> lengths = new ArrayList<>(a.lengths());
        lengths.set(0, length);
        List<Integer> bounds = new ArrayList<>(a.lowerBounds());
        if (lower > 0) {
            bounds.set(0, lower);
        }
        return new SqlArray(a.element(), lengths, bounds, values);
    }

    private static boolean same(SqlType type, @Nullable Object a, @Nullable Object b) {
        if (a == null || b == null) {
            return a == null && b == null;
        }
        return ValueOrder.of(type).compare(a, b) == 0;
    }

    private static @Nullable Long position(@Nullable Object[] a) {
        SqlArray items = array(a[0]);
        requireFlat(items, "searching for elements in multidimensional arrays is not supported");
        if (items.dimensions() == 0) {
            return null;
        }
        int lower = items.lowerBounds().getFirst();
        int from = 0;
        if (a.length > 2) {
            if (a[2] == null) {
                throw new SqlException(
                        SqlState.NULL_VALUE_NOT_ALLOWED, "initial position must not be null");
            }
            from = (int) Math.max(0, (Long) a[2] - lower);
        }
        for (int i = from; i < items.values().size(); i++) {
            if (same(items.element(), items.values().get(i), a[1])) {
                return (long) lower + i;
            }
        }
        return null;
    }

    private static void comparisons(Definitions d) {
        d.op("@>", ANYARRAY, ANYARRAY, BOOL, ArrayFunctions::contains);
        d.op("<@", ANYARRAY, ANYARRAY, BOOL, (SqlArray a, SqlArray b) -> contains(b, a));
        d.op(
                "&&",
                ANYARRAY,
                ANYARRAY,
                BOOL,
                (SqlArray a, SqlArray b) -> {
                    Comparator<Object> order = ValueOrder.of(a.element());
                    return b.values().stream().anyMatch(value -> holds(a, value, order));
                });
    }

    private static Boolean contains(SqlArray a, SqlArray b) {
        Comparator<Object> order = ValueOrder.of(a.element());
        return b.values().stream().allMatch(value -> holds(a, value, order));
    }

    /** A NULL is in no array. */
    private static boolean holds(SqlArray a, @Nullable Object wanted, Comparator<Object> order) {
        if (wanted == null) {
            return false;
        }
        for (Object value : a.values()) {
            if (value != null && order.compare(value, wanted) == 0) {
                return true;
            }
        }
        return false;
    }

    /** What a[1] and a[1:2] mean; not functions of PostgreSQL. */
    private static void subscripts(Definitions d) {
        d.define("array_subscript", ANYELEMENT, ANYARRAY, INT4_ARRAY)
                .schema("driftdb")
                .variadic()
                .eval((a, _) -> element(array(a[0]), array(a[1]).values()));
        d.define("array_slice", ANYARRAY, ANYARRAY, INT4, INT4)
                .schema("driftdb")
                .nullable()
                .eval((a, _) -> a[0] == null ? null : slice(array(a[0]), (Long) a[1], (Long) a[2]));
    }

    private static @Nullable Object element(SqlArray a, List<@Nullable Object> subscripts) {
        if (subscripts.size() != a.dimensions()) {
            return null;
        }
        int index = 0;
        for (int i = 0; i < subscripts.size(); i++) {
            Object subscript = subscripts.get(i);
            long at = subscript == null ? -1 : (Long) subscript - a.lowerBounds().get(i);
            if (at < 0 || at >= a.lengths().get(i)) {
                return null;
            }
            index = index * a.lengths().get(i) + (int) at;
        }
        return a.values().get(index);
    }

    /** Bounds left out are null; the result starts at 1. */
    private static SqlArray slice(SqlArray a, @Nullable Long from, @Nullable Long to) {
        if (a.dimensions() == 0) {
            return a;
        }
        long lower = a.lowerBounds().getFirst();
        long length = a.lengths().getFirst();
        long first = Math.max(from == null ? lower : from, lower) - lower;
        long end = Math.min(to == null ? lower + length - 1 : to, lower + length - 1) - lower + 1;
        if (first >= end) {
            return SqlArray.of(a.element(), List.of());
        }
        int part = (int) (a.values().size() / length);
        List<Integer> lengths = new ArrayList<>(a.lengths());
        lengths.set(0, (int) (end - first));
        return new SqlArray(
                a.element(),
                lengths,
                Collections.nCopies(lengths.size(), 1),
                a.values().subList((int) first * part, (int) end * part));
    }

    private static void rows(Definitions d) {
        d.table("unnest", ANYELEMENT, (a, _) -> single(array(a[0]).values().iterator()), ANYARRAY);
        d.table(
                "generate_subscripts",
                List.of("generate_subscripts"),
                List.of(INT4),
                1,
                (a, _) -> {
                    SqlArray array = array(a[0]);
                    long n = (Long) Objects.requireNonNull(a[1]);
                    List<@Nullable Object> values = new ArrayList<>();
                    if (hasDimension(array, n)) {
                        long upper = upper(array, (int) n - 1);
                        for (long i = array.lowerBounds().get((int) n - 1); i <= upper; i++) {
                            values.add(i);
                        }
                        if (a.length > 2 && Boolean.TRUE.equals(a[2])) {
                            Collections.reverse(values);
                        }
                    }
                    return single(values.iterator());
                },
                ANYARRAY,
                INT4,
                BOOL);
        d.tables.add(
                new TableFunction(
                        d.oid(),
                        "information_schema",
                        "_pg_expandarray",
                        List.of(ANYARRAY),
                        false,
                        0,
                        List.of("x", "n"),
                        List.of(ANYELEMENT, INT4),
                        true,
                        (a, _) -> {
                            List<@Nullable Object[]> rows = new ArrayList<>();
                            for (Object value : array(a[0]).values()) {
                                rows.add(new Object[] {value, rows.size() + 1L});
                            }
                            return rows.iterator();
                        }));
    }

    /** Rows of one column. */
    static Iterator<@Nullable Object[]> single(Iterator<? extends @Nullable Object> values) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return values.hasNext();
            }

            @Override
            public @Nullable Object[] next() {
                return new Object[] {values.next()};
            }
        };
    }
}
