package dev.driftdb.query.catalog;

import dev.driftdb.query.function.CatalogText;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A type as information_schema describes it; what does not apply is null.
 *
 * @param characterLength the declared limit in characters
 * @param octetLength that limit in bytes, or the most a value without one can have
 * @param precision of a number, in digits of {@code radix}
 * @param datetimePrecision decimal digits of a second
 */
record InformationTypes(
        String dataType,
        @Nullable Integer characterLength,
        @Nullable Integer octetLength,
        @Nullable Integer precision,
        @Nullable Integer radix,
        @Nullable Integer scale,
        @Nullable Integer datetimePrecision) {
    private static final String INTERVAL = "interval ";
    private static final int HEADER_BYTES = 4;
    private static final int BYTES_PER_CHARACTER_MAX = 4;
    private static final int VALUE_BYTES_MAX = 1 << 30;
    private static final int SECOND_DIGITS = 6;
    private static final int INTERVAL_FULL_PRECISION = 0xFFFF;

    static InformationTypes of(SqlType type, int typmod) {
        if (RelationRows.isArray(type)) {
            return new InformationTypes("ARRAY", null, null, null, null, null, null);
        }
        if (type.definition() != null) {
            return new InformationTypes("USER-DEFINED", null, null, null, null, null, null);
        }
        String name = type.sqlName();
        return switch (type.name()) {
            case "int2" -> integer(name, 16);
            case "int4" -> integer(name, 32);
            case "int8" -> integer(name, 64);
            case "float4" -> new InformationTypes(name, null, null, 24, 2, null, null);
            case "float8" -> new InformationTypes(name, null, null, 53, 2, null, null);
            case "numeric" ->
                    typmod < 0
                            ? new InformationTypes(name, null, null, null, 10, null, null)
                            : new InformationTypes(
                                    name,
                                    null,
                                    null,
                                    ((typmod - HEADER_BYTES) >> 16) & 0xFFFF,
                                    10,
                                    (((typmod - HEADER_BYTES) & 0x7FF) ^ 1024) - 1024,
                                    null);
            case "text" -> characters(name, -1);
            case "varchar", "bpchar" -> characters(name, typmod);
            case "date" -> new InformationTypes(name, null, null, null, null, null, 0);
            case "time", "timetz", "timestamp", "timestamptz" -> seconds(name, typmod);
            case "interval" ->
                    seconds(
                            name,
                            typmod < 0
                                            || (typmod & INTERVAL_FULL_PRECISION)
                                                    == INTERVAL_FULL_PRECISION
                                    ? -1
                                    : typmod & INTERVAL_FULL_PRECISION);
            default -> new InformationTypes(name, null, null, null, null, null, null);
        };
    }

    /** The fields of an interval, null for none: "DAY TO SECOND(2)". */
    static @Nullable String intervalFields(SqlType type, int typmod) {
        if (!type.equals(Types.INTERVAL)) {
            return null;
        }
        String written = CatalogText.type(type.oid(), (long) typmod);
        return written.startsWith(INTERVAL)
                ? written.substring(INTERVAL.length()).toUpperCase(Locale.ROOT)
                : null;
    }

    private static InformationTypes integer(String name, int bits) {
        return new InformationTypes(name, null, null, bits, 2, 0, null);
    }

    private static InformationTypes characters(String name, int typmod) {
        if (typmod < 0) {
            return new InformationTypes(name, null, VALUE_BYTES_MAX, null, null, null, null);
        }
        int length = typmod - HEADER_BYTES;
        return new InformationTypes(
                name, length, length * BYTES_PER_CHARACTER_MAX, null, null, null, null);
    }

    private static InformationTypes seconds(String name, int precision) {
        return new InformationTypes(
                name, null, null, null, null, null, precision < 0 ? SECOND_DIGITS : precision);
    }
}
