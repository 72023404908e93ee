package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.query.function.ScalarFunction.Volatility;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Functions that syntax stands for and that have no name in SQL. */
final class RowFunctions {
    private static final int FIELD_OID = 199_001;
    private static final int SUBSCRIPT_OID = 199_002;
    private static final int SLICE_OID = 199_003;
    private static final int NAMED_OID = 199_004;
    private static final int COMPOSITE_OID = 199_005;

    private static final ScalarFunction SUBSCRIPT =
            new ScalarFunction(
                    SUBSCRIPT_OID,
                    "pg_catalog",
                    "array_get",
                    List.of(Types.ANYARRAY, Types.INT4_ARRAY),
                    false,
                    0,
                    Types.ANYELEMENT,
                    true,
                    Volatility.IMMUTABLE,
                    (arguments, result) -> (Body.Binary) RowFunctions::subscript);

    private static final ScalarFunction SLICE =
            new ScalarFunction(
                    SLICE_OID,
                    "pg_catalog",
                    "array_slice",
                    List.of(Types.ANYARRAY, Types.INT4_ARRAY, Types.INT4_ARRAY),
                    false,
                    0,
                    Types.ANYARRAY,
                    true,
                    Volatility.IMMUTABLE,
                    (arguments, result) -> (Body.Nary) (values, context) -> slice(values));

    private static final ScalarFunction NAMED =
            new ScalarFunction(
                    NAMED_OID,
                    "pg_catalog",
                    "row_named",
                    List.of(Types.RECORD, Types.arrayOf(Types.TEXT)),
                    false,
                    0,
                    Types.RECORD,
                    true,
                    Volatility.IMMUTABLE,
                    (arguments, result) -> (Body.Binary) RowFunctions::named);

    /** By the index of the field, so that equal expressions are equal: at most 1600. */
    private static final Map<Integer, ScalarFunction.Implementation> FIELDS =
            new ConcurrentHashMap<>();

    private static final ScalarFunction.Implementation COMPOSITE =
            (arguments, result) -> {
                UserType.Composite composite = result.composite();
                if (composite == null) {
                    throw new IllegalStateException(result + " is no row type");
                }
                return (Body.Unary) value -> composite.row(((SqlRow) value).values());
            };

    private RowFunctions() {}

    /** The row with names for its fields. */
    static Expr named(Expr row, List<String> names) {
        Expr constant =
                new Expr.Constant(SqlArray.of(Types.TEXT, names), Types.arrayOf(Types.TEXT), -1);
        return new Expr.Call(NAMED, List.of(row, constant), row.type(), -1, null);
    }

    /** The row as one of a composite type, whose attributes its fields are. */
    static Expr composite(Expr row, SqlType type) {
        ScalarFunction function =
                new ScalarFunction(
                        COMPOSITE_OID,
                        "pg_catalog",
                        "row_composite",
                        List.of(Types.RECORD),
                        false,
                        0,
                        type,
                        true,
                        Volatility.IMMUTABLE,
                        COMPOSITE);
        return new Expr.Call(function, List.of(row), type, -1, null);
    }

    private static Object named(Object row, Object names) {
        SqlRow plain = (SqlRow) row;
        return new SqlRow(
                plain.types(),
                plain.values(),
                ((SqlArray) names).values().stream().map(String::valueOf).toList());
    }

    /** Field {@code index} of a row value. */
    static Expr field(Expr row, int index, SqlType type) {
        ScalarFunction function =
                new ScalarFunction(
                        FIELD_OID + index * 10,
                        "pg_catalog",
                        "row_field",
                        List.of(Types.RECORD),
                        false,
                        0,
                        type,
                        true,
                        Volatility.IMMUTABLE,
                        FIELDS.computeIfAbsent(
                                index,
                                at ->
                                        (arguments, result) ->
                                                (Body.Unary)
                                                        value ->
                                                                ((SqlRow) value).values().get(at)));
        return new Expr.Call(function, List.of(row), type, -1, null);
    }

    /** array[i][j]… : one subscript per dimension, NULL for what is not there. */
    static Expr.Call subscript(Expr array, List<Expr> subscripts, SqlType type) {
        Expr indexes = new Expr.ArrayConstructor(subscripts, Types.INT4_ARRAY);
        return new Expr.Call(SUBSCRIPT, List.of(array, indexes), type, -1, null);
    }

    /** array[l:h][l:h]… : bounds outside of the array are cut to it, a NULL makes it NULL. */
    static Expr.Call slice(Expr array, List<Expr> lows, List<Expr> highs) {
        return new Expr.Call(
                SLICE,
                List.of(
                        array,
                        new Expr.ArrayConstructor(lows, Types.INT4_ARRAY),
                        new Expr.ArrayConstructor(highs, Types.INT4_ARRAY)),
                array.type(),
                -1,
                null);
    }

    private static @Nullable Object subscript(Object left, Object right) {
        return element((SqlArray) left, ((SqlArray) right).values());
    }

    /** The element at one subscript per dimension, NULL if there is none. */
    static @Nullable Object element(SqlArray array, List<? extends @Nullable Object> at) {
        if (at.size() != array.dimensions()) {
            return null;
        }
        int position = 0;
        for (int i = 0; i < at.size(); i++) {
            Object one = at.get(i);
            if (one == null) {
                return null;
            }
            long offset = (Long) one - array.lowerBounds().get(i);
            if (offset < 0 || offset >= array.lengths().get(i)) {
                return null;
            }
            position = position * array.lengths().get(i) + (int) offset;
        }
        return array.values().get(position);
    }

    private static @Nullable Object slice(@Nullable Object[] arguments) {
        if (!(arguments[0] instanceof SqlArray array
                && arguments[1] instanceof SqlArray lows
                && arguments[2] instanceof SqlArray highs)) {
            throw new SqlException(SqlState.ARRAY_SUBSCRIPT_ERROR, "wrong array subscripts");
        }
        if (lows.values().contains(null) || highs.values().contains(null)) {
            return null;
        }
        int dimensions = array.dimensions();
        int given = lows.values().size();
        SqlArray empty = SqlArray.of(array.element(), List.of());
        if (dimensions < given || dimensions == 0) {
            return empty;
        }
        int[] from = new int[dimensions];
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            long first = array.lowerBounds().get(i);
            long last = first + array.lengths().get(i) - 1;
            long low = i < given ? number(lows, i) : first;
            long high = i < given ? number(highs, i) : last;
            low = Math.max(low, first);
            high = Math.min(high, last);
            if (low > high) {
                return empty;
            }
            from[i] = (int) (low - first);
            lengths.add((int) (high - low + 1));
        }
        List<@Nullable Object> values = new ArrayList<>();
        copy(array, from, lengths, 0, 0, values);
        return new SqlArray(
                array.element(), lengths, lengths.stream().map(any -> 1).toList(), values);
    }

    private static long number(SqlArray array, int index) {
        return array.values().get(index) instanceof Long value ? value : 0;
    }

    private static void copy(
            SqlArray array,
            int[] from,
            List<Integer> lengths,
            int dimension,
            int position,
            List<@Nullable Object> out) {
        for (int i = 0; i < lengths.get(dimension); i++) {
            int at = position * array.lengths().get(dimension) + from[dimension] + i;
            if (dimension == lengths.size() - 1) {
                out.add(array.values().get(at));
            } else {
                copy(array, from, lengths, dimension + 1, at, out);
            }
        }
    }
}
