package dev.driftdb.schemas.type;

import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * What text input and output of values depends on. DateStyle is always ISO, its order MDY unless
 * {@code dayFirst}; IntervalStyle is postgres.
 *
 * @param nowMicros the transaction's time (microseconds since 2000-01-01 UTC), for 'now' and
 *     'today'
 * @param byteaEscape bytea_output: the escape form instead of hexadecimal
 */
public record FormatSettings(
        ZoneId zone, boolean dayFirst, int extraFloatDigits, long nowMicros, boolean byteaEscape) {
    public static final FormatSettings UTC = new FormatSettings(ZoneOffset.UTC, false, 1, 0, false);
}
