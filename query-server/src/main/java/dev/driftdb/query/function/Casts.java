package dev.driftdb.query.function;

import static dev.driftdb.query.function.CastDef.Context.ASSIGNMENT;
import static dev.driftdb.query.function.CastDef.Context.EXPLICIT;
import static dev.driftdb.query.function.CastDef.Context.IMPLICIT;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** The casts of pg_cast that are not mere text input and output, with pg_cast's contexts. */
final class Casts {
    private static final List<SqlType> INTEGERS = List.of(Types.INT2, Types.INT4, Types.INT8);
    private static final List<SqlType> REGS =
            List.of(
                    Types.REGCLASS,
                    Types.REGTYPE,
                    Types.REGPROC,
                    Types.REGPROCEDURE,
                    Types.REGNAMESPACE,
                    Types.REGROLE);

    private Casts() {}

    static void define(Definitions d, RegNames names) {
        numbers(d);
        strings(d);
        times(d);
        json(d);
        objects(d, names);
        for (SqlType type : Types.all()) {
            if (!type.isArray() && TypeModifiers.hasModifiers(type)) {
                d.casts.add(
                        new CastDef(
                                type,
                                type,
                                IMPLICIT,
                                false,
                                (value, typmod, explicit, _) ->
                                        TypeModifiers.apply(type, value, typmod, explicit)));
            }
        }
    }

    private static void numbers(Definitions d) {
        for (SqlType from : INTEGERS) {
            for (SqlType to : INTEGERS) {
                if (!from.equals(to)) {
                    d.cast(
                            from,
                            to,
                            from.length() < to.length() ? IMPLICIT : ASSIGNMENT,
                            v -> ArithmeticOperators.inRange((Long) v, to));
                }
            }
            d.cast(from, Types.NUMERIC, IMPLICIT, v -> Numeric.of((long) (Long) v));
            d.cast(from, Types.FLOAT4, IMPLICIT, v -> ((Long) v).floatValue());
            d.cast(from, Types.FLOAT8, IMPLICIT, v -> ((Long) v).doubleValue());
            d.cast(Types.NUMERIC, from, ASSIGNMENT, v -> toInteger((Numeric) v, from));
            d.cast(Types.FLOAT4, from, ASSIGNMENT, v -> toInteger((Float) v, from));
            d.cast(Types.FLOAT8, from, ASSIGNMENT, v -> toInteger((Double) v, from));
        }
        d.cast(Types.NUMERIC, Types.FLOAT4, IMPLICIT, v -> toFloat((Numeric) v));
        d.cast(Types.NUMERIC, Types.FLOAT8, IMPLICIT, v -> toDouble((Numeric) v));
        d.cast(Types.FLOAT4, Types.NUMERIC, ASSIGNMENT, v -> toNumeric((Float) v, 6));
        d.cast(Types.FLOAT8, Types.NUMERIC, ASSIGNMENT, v -> toNumeric((Double) v, 15));
        d.cast(Types.FLOAT4, Types.FLOAT8, IMPLICIT, v -> ((Float) v).doubleValue());
        d.cast(Types.FLOAT8, Types.FLOAT4, ASSIGNMENT, v -> toFloat((Double) v));
        d.cast(Types.BOOL, Types.INT4, EXPLICIT, v -> (Boolean) v ? 1L : 0L);
        d.cast(Types.INT4, Types.BOOL, EXPLICIT, v -> (Long) v != 0);
    }

    static Long toInteger(Numeric value, SqlType type) {
        if (!value.isFinite()) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "cannot convert "
                            + (value.isNaN() ? "NaN" : "infinity")
                            + " to "
                            + type.sqlName());
        }
        BigDecimal rounded = value.decimal().setScale(0, RoundingMode.HALF_UP);
        if (rounded.precision() > 19) {
            throw SqlErrors.outOfRange(type);
        }
        try {
            return ArithmeticOperators.inRange(rounded.longValueExact(), type);
        } catch (ArithmeticException _) {
            throw SqlErrors.outOfRange(type);
        }
    }

    static Long toInteger(double value, SqlType type) {
        double rounded = Math.rint(value);
        // 2^63 itself is a double and does not fit; -2^63 does.
        if (!(rounded >= -0x1p63 && rounded < 0x1p63)) {
            throw SqlErrors.outOfRange(type);
        }
        return ArithmeticOperators.inRange((long) rounded, type);
    }

    static Double toDouble(Numeric value) {
        if (!value.isFinite()) {
            return value.isNaN()
                    ? Double.NaN
                    : value.equals(Numeric.INFINITY)
                            ? Double.POSITIVE_INFINITY
                            : Double.NEGATIVE_INFINITY;
        }
        double result = value.decimal().doubleValue();
        if (Double.isInfinite(result) || (result == 0 && value.decimal().signum() != 0)) {
            throw new SqlException(
                    SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                    "\"" + value + "\" is out of range for type double precision");
        }
        return result;
    }

    static Float toFloat(Numeric value) {
        if (!value.isFinite()) {
            return toDouble(value).floatValue();
        }
        float result = value.decimal().floatValue();
        if (Float.isInfinite(result) || (result == 0 && value.decimal().signum() != 0)) {
            throw new SqlException(
                    SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                    "\"" + value + "\" is out of range for type real");
        }
        return result;
    }

    private static Float toFloat(double value) {
        float result = (float) value;
        if (Float.isInfinite(result) && !Double.isInfinite(value)) {
            throw SqlErrors.overflow();
        }
        if (result == 0 && value != 0) {
            throw SqlErrors.underflow();
        }
        return result;
    }

    /** Through the decimal text of that many significant digits, as PostgreSQL does. */
    static Numeric toNumeric(double value, int digits) {
        if (Double.isNaN(value)) {
            return Numeric.NAN;
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY;
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new java.math.MathContext(digits)).stripTrailingZeros();
        return Numeric.of(rounded);
    }

    private static void strings(Definitions d) {
        List<SqlType> texts = List.of(Types.TEXT, Types.VARCHAR);
        for (SqlType text : texts) {
            for (SqlType other : texts) {
                if (!text.equals(other)) {
                    d.cast(text, other, IMPLICIT, v -> v);
                }
            }
            d.cast(text, Types.BPCHAR, IMPLICIT, v -> v);
            d.cast(Types.BPCHAR, text, IMPLICIT, v -> ValueOrder.stripBlanks((String) v));
            d.cast(text, Types.NAME, IMPLICIT, v -> TextFormat.truncateName((String) v));
            d.cast(Types.NAME, text, text.equals(Types.TEXT) ? IMPLICIT : ASSIGNMENT, v -> v);
            d.cast(
                    Types.CHAR,
                    text,
                    text.equals(Types.TEXT) ? IMPLICIT : ASSIGNMENT,
                    v -> TextFormat.format(Types.CHAR, v, FormatSettings.UTC));
            d.cast(text, Types.CHAR, ASSIGNMENT, v -> firstChar((String) v));
            d.cast(Types.BOOL, text, ASSIGNMENT, v -> (Boolean) v ? "true" : "false");
        }
        d.cast(
                Types.BPCHAR,
                Types.NAME,
                IMPLICIT,
                v -> TextFormat.truncateName(ValueOrder.stripBlanks((String) v)));
        d.cast(Types.NAME, Types.BPCHAR, ASSIGNMENT, v -> v);
        d.cast(
                Types.CHAR,
                Types.BPCHAR,
                ASSIGNMENT,
                v -> TextFormat.format(Types.CHAR, v, FormatSettings.UTC));
        d.cast(Types.BPCHAR, Types.CHAR, ASSIGNMENT, v -> firstChar((String) v));
        d.cast(Types.BOOL, Types.BPCHAR, ASSIGNMENT, v -> (Boolean) v ? "true" : "false");
        d.cast(
                Types.CHAR,
                Types.INT4,
                EXPLICIT,
                v -> {
                    String s = (String) v;
                    return s.isEmpty() ? 0L : (long) (byte) s.charAt(0);
                });
        d.cast(
                Types.INT4,
                Types.CHAR,
                EXPLICIT,
                v -> {
                    long code = (Long) v;
                    if (code != (byte) code) {
                        throw new SqlException(
                                SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "\"char\" out of range");
                    }
                    return code == 0 ? "" : String.valueOf((char) (code & 0xFF));
                });
        d.cast(Types.PG_NODE_TREE, Types.TEXT, IMPLICIT, v -> v);
    }

    private static String firstChar(String s) {
        return (String) TextFormat.parse(Types.CHAR, s, FormatSettings.UTC);
    }

    private static void times(Definitions d) {
        SqlType tz = Types.TIMESTAMPTZ;
        d.cast(Types.DATE, Types.TIMESTAMP, IMPLICIT, v -> DateTimes.dateToTimestamp((Long) v));
        d.castStable(
                Types.DATE,
                tz,
                IMPLICIT,
                (v, _, _, c) ->
                        DateTimes.localToInstant(
                                DateTimes.dateToTimestamp((Long) v), c.format().zone()));
        d.cast(Types.TIMESTAMP, Types.DATE, ASSIGNMENT, v -> DateTimes.timestampToDate((Long) v));
        d.castStable(
                Types.TIMESTAMP,
                tz,
                IMPLICIT,
                (v, _, _, c) -> DateTimes.localToInstant((Long) v, c.format().zone()));
        d.castStable(
                tz,
                Types.TIMESTAMP,
                ASSIGNMENT,
                (v, _, _, c) -> DateTimes.instantToLocal((Long) v, c.format().zone()));
        d.castStable(
                tz,
                Types.DATE,
                ASSIGNMENT,
                (v, _, _, c) ->
                        DateTimes.timestampToDate(
                                DateTimes.instantToLocal((Long) v, c.format().zone())));
        d.cast(Types.TIMESTAMP, Types.TIME, ASSIGNMENT, v -> timeOf((Long) v));
        d.castStable(
                tz,
                Types.TIME,
                ASSIGNMENT,
                (v, _, _, c) -> timeOf(DateTimes.instantToLocal((Long) v, c.format().zone())));
        d.castStable(
                tz,
                Types.TIMETZ,
                ASSIGNMENT,
                (v, _, _, c) -> {
                    long at = (Long) v;
                    return new TimeTz(
                            timeOf(DateTimes.instantToLocal(at, c.format().zone())),
                            DateTimes.offsetSeconds(at, c.format().zone()));
                });
        d.cast(Types.TIME, Types.INTERVAL, IMPLICIT, v -> new Interval(0, 0, (Long) v));
        d.cast(
                Types.INTERVAL,
                Types.TIME,
                ASSIGNMENT,
                v -> Math.floorMod(((Interval) v).micros(), DateTimes.MICROS_PER_DAY));
        d.castStable(
                Types.TIME,
                Types.TIMETZ,
                IMPLICIT,
                (v, _, _, c) ->
                        new TimeTz(
                                (Long) v,
                                DateTimes.offsetSeconds(
                                        c.transactionTimestamp(), c.format().zone())));
        d.cast(Types.TIMETZ, Types.TIME, ASSIGNMENT, v -> ((TimeTz) v).micros());
    }

    static Long timeOf(long timestamp) {
        if (DateTimes.isInfinite(timestamp)) {
            throw new SqlException(
                    SqlState.DATETIME_FIELD_OVERFLOW, "cannot convert infinite timestamp to time");
        }
        return Math.floorMod(timestamp, DateTimes.MICROS_PER_DAY);
    }

    private static void json(Definitions d) {
        d.cast(Types.JSON, Types.JSONB, ASSIGNMENT, v -> Json.parse((String) v, "json").toJsonb());
        d.cast(Types.JSONB, Types.JSON, ASSIGNMENT, v -> ((Jsonb) v).text());
        d.cast(Types.JSONB, Types.BOOL, EXPLICIT, v -> bool((Jsonb) v));
        d.cast(Types.JSONB, Types.NUMERIC, EXPLICIT, v -> number((Jsonb) v, Types.NUMERIC));
        for (SqlType type : INTEGERS) {
            d.cast(Types.JSONB, type, EXPLICIT, v -> toInteger(number((Jsonb) v, type), type));
        }
        d.cast(Types.JSONB, Types.FLOAT4, EXPLICIT, v -> toFloat(number((Jsonb) v, Types.FLOAT4)));
        d.cast(Types.JSONB, Types.FLOAT8, EXPLICIT, v -> toDouble(number((Jsonb) v, Types.FLOAT8)));
    }

    private static Numeric number(Jsonb value, SqlType type) {
        if (Json.parse(value) instanceof Json.Num(BigDecimal n)) {
            return Numeric.of(n);
        }
        throw notCastable(value, type);
    }

    private static Boolean bool(Jsonb value) {
        if (Json.parse(value) instanceof Json.Bool(boolean b)) {
            return b;
        }
        throw notCastable(value, Types.BOOL);
    }

    private static SqlException notCastable(Jsonb value, SqlType type) {
        return new SqlException(
                SqlState.INVALID_PARAMETER_VALUE,
                "cannot cast jsonb "
                        + JsonFunctions.typeOf(Json.parse(value)).replace("number", "numeric")
                        + " to type "
                        + type.sqlName());
    }

    private static void objects(Definitions d, RegNames names) {
        d.cast(Types.INT8, Types.OID, IMPLICIT, v -> oid((Long) v));
        d.cast(Types.INT4, Types.OID, IMPLICIT, v -> (Long) v & 0xFFFF_FFFFL);
        d.cast(Types.INT2, Types.OID, IMPLICIT, v -> (Long) v & 0xFFFF_FFFFL);
        d.cast(Types.OID, Types.INT8, ASSIGNMENT, v -> v);
        d.cast(Types.OID, Types.INT4, ASSIGNMENT, v -> (long) (int) (long) (Long) v);
        for (SqlType reg : REGS) {
            d.cast(Types.OID, reg, IMPLICIT, v -> v);
            d.cast(reg, Types.OID, IMPLICIT, v -> v);
            d.cast(Types.INT8, reg, IMPLICIT, v -> oid((Long) v));
            d.cast(Types.INT4, reg, IMPLICIT, v -> (Long) v & 0xFFFF_FFFFL);
            d.cast(Types.INT2, reg, IMPLICIT, v -> (Long) v & 0xFFFF_FFFFL);
            d.cast(reg, Types.INT8, ASSIGNMENT, v -> v);
            d.cast(reg, Types.INT4, ASSIGNMENT, v -> (long) (int) (long) (Long) v);
            CastDef.Context fromText = reg.equals(Types.REGCLASS) ? IMPLICIT : EXPLICIT;
            for (SqlType text : List.of(Types.TEXT, Types.VARCHAR)) {
                d.castStable(text, reg, fromText, (v, _, _, c) -> names.parse(reg, (String) v, c));
                d.castStable(reg, text, ASSIGNMENT, (v, _, _, c) -> names.format(reg, (Long) v, c));
            }
        }
        d.cast(Types.REGPROC, Types.REGPROCEDURE, IMPLICIT, v -> v);
        d.cast(Types.REGPROCEDURE, Types.REGPROC, IMPLICIT, v -> v);
        d.cast(Types.INT2VECTOR, Types.INT2_ARRAY, IMPLICIT, v -> v);
        d.cast(Types.OIDVECTOR, Types.OID_ARRAY, IMPLICIT, v -> v);
    }

    private static Long oid(long value) {
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new SqlException(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "OID out of range");
        }
        return value;
    }
}
