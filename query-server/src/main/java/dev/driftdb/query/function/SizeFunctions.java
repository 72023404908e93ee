package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.NUMERIC;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes as people write them, and the size of a value. */
final class SizeFunctions {
    private static final List<String> UNITS = List.of("bytes", "kB", "MB", "GB", "TB", "PB");
    private static final int STEP = 10;

    /** Up to so many of a unit stay in it. */
    private static final long PLAIN_LIMIT = 10 * 1024L;

    private static final Pattern SIZE =
            Pattern.compile(
                    "\\s*([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)\\s*(.*?)\\s*",
                    Pattern.DOTALL);

    private SizeFunctions() {}

    static void define(Definitions d) {
        d.fn("pg_size_pretty", INT8, TEXT, (Long n) -> pretty(n));
        d.fn("pg_size_pretty", NUMERIC, TEXT, (Numeric n) -> pretty(n));
        d.fn("pg_size_bytes", TEXT, INT8, SizeFunctions::bytes);
        d.define("pg_column_size", INT4, Types.ANY)
                .nullable()
                .stable()
                .specialize((types, _) -> {
                    SqlType type = types.getFirst();
                    return (Body.Nary)
                            (a, _) -> {
                                Object value = a[0];
                                return value == null ? null : (Long) size(type, value);
                            };
                });
    }

    private static String pretty(long bytes) {
        if (Math.abs(bytes) < PLAIN_LIMIT && bytes != Long.MIN_VALUE) {
            return bytes + " bytes";
        }
        // Half units, which round away from zero.
        long size = bytes / 512;
        int unit = 1;
        while (unit < UNITS.size() - 1 && Math.abs(size) >= PLAIN_LIMIT * 2 - 1) {
            size /= 1024;
            unit++;
        }
        return (size + (size < 0 ? -1 : 1)) / 2 + " " + UNITS.get(unit);
    }

    private static String pretty(Numeric bytes) {
        if (NumericMath.abs(bytes).compareTo(Numeric.of(PLAIN_LIMIT)) < 0) {
            return bytes + " bytes";
        }
        Numeric size = cut(bytes, 512);
        int unit = 1;
        while (unit < UNITS.size() - 1
                && NumericMath.abs(size).compareTo(Numeric.of(PLAIN_LIMIT * 2 - 1)) >= 0) {
            size = cut(size, 1024);
            unit++;
        }
        int sign = size.isNaN() ? 1 : NumericMath.sign(size);
        return cut(NumericMath.add(size, Numeric.of(sign < 0 ? -1L : 1L)), 2)
                + " "
                + UNITS.get(unit);
    }

    private static Numeric cut(Numeric size, long divisor) {
        return size.isFinite()
                ? NumericMath.round(
                        NumericMath.quotient(size, Numeric.of(divisor)), 0, RoundingMode.DOWN)
                : size;
    }

    private static Long bytes(String text) {
        Matcher m = SIZE.matcher(text);
        if (!m.matches()) {
            throw invalid(text);
        }
        Numeric number = (Numeric) TextFormat.parse(NUMERIC, m.group(1), FormatSettings.UTC);
        String unit = m.group(2);
        int at = unit.isEmpty() || unit.equalsIgnoreCase("b") ? 0 : -1;
        for (int i = 0; i < UNITS.size() && at < 0; i++) {
            at =
                    UNITS.get(i).toLowerCase(Locale.ROOT).equals(unit.toLowerCase(Locale.ROOT))
                            ? i
                            : -1;
        }
        if (at < 0) {
            throw invalid(text)
                    .withDetail("Invalid size unit: \"" + unit + "\".")
                    .withHint(
                            "Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\","
                                    + " and \"PB\".");
        }
        return Casts.toInteger(NumericMath.multiply(number, Numeric.of(1L << (STEP * at))), INT8);
    }

    private static SqlException invalid(String text) {
        return SqlErrors.invalidParameter("invalid size: \"" + text + "\"");
    }

    /** Bytes as PostgreSQL keeps the value in memory; 0A000 where that is its own affair. */
    private static long size(SqlType type, Object value) {
        if (type.length() > 0) {
            return type.length();
        }
        return switch (value) {
            case String text -> StringFunctions.utf8(text).length + VARLENA_HEADER;
            case Bytes bytes -> bytes.length() + VARLENA_HEADER;
            default ->
                    throw SqlException.notSupported(
                            "pg_column_size of a value of type " + type.sqlName());
        };
    }

    private static final int VARLENA_HEADER = 4;
}
