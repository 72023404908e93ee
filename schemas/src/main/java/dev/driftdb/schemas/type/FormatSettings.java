package dev.driftdb.schemas.type;

import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * What text input and output of values depends on. DateStyle is always ISO, of the order given;
 * IntervalStyle is postgres.
 *
 * @param order of day, month and year where a date's form does not say it
 * @param nowMicros the transaction's time (microseconds since 2000-01-01 UTC), for 'now' and
 *     'today'
 * @param byteaEscape bytea_output: the escape form instead of hexadecimal
 */
public record FormatSettings(
        ZoneId zone, DateOrder order, int extraFloatDigits, long nowMicros, boolean byteaEscape) {
    /** DateStyle's second part. */
    public enum DateOrder {
        YMD,
        DMY,
        MDY
    }

    public static final FormatSettings UTC =
            new FormatSettings(ZoneOffset.UTC, DateOrder.MDY, 1, 0, false);
}
