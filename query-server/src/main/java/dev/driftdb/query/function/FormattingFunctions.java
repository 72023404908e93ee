package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.DATE;
import static dev.driftdb.schemas.type.Types.FLOAT4;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.INTERVAL;
import static dev.driftdb.schemas.type.Types.NUMERIC;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TIMESTAMP;
import static dev.driftdb.schemas.type.Types.TIMESTAMPTZ;

import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlType;
import java.time.ZoneId;
import java.util.List;

/** PostgreSQL manual, 9.8 Data Type Formatting Functions. */
final class FormattingFunctions {
    private FormattingFunctions() {}

    static void define(Definitions d) {
        d.fn(
                "to_char",
                TIMESTAMP,
                TEXT,
                TEXT,
                (Long t, String template) -> DateFormatText.format(t, 0, null, template));
        d.define("to_char", TEXT, TIMESTAMPTZ, TEXT)
                .stable()
                .eval((a, c) -> {
                    ZoneId zone = c.format().zone();
                    long at = SystemFunctions.number(a, 0);
                    int offset = DateTimes.isInfinite(at) ? 0 : DateTimes.offsetSeconds(at, zone);
                    return DateFormatText.format(
                            DateTimes.instantToLocal(at, zone),
                            offset,
                            zone,
                            SystemFunctions.text(a, 1));
                });
        d.fn(
                "to_char",
                INTERVAL,
                TEXT,
                TEXT,
                (Interval i, String template) -> DateFormatText.format(i, template));
        d.fn(
                "to_char",
                NUMERIC,
                TEXT,
                TEXT,
                (Numeric n, String template) -> NumberFormatText.format(n, template));
        for (SqlType type : List.of(INT4, INT8)) {
            d.fn(
                    "to_char",
                    type,
                    TEXT,
                    TEXT,
                    (Long n, String template) -> NumberFormatText.format(n, template, type));
        }
        d.fn(
                "to_char",
                FLOAT4,
                TEXT,
                TEXT,
                (Float n, String template) ->
                        NumberFormatText.format(n, template, NumberFormatText.FLOAT4_DIGITS));
        d.fn(
                "to_char",
                FLOAT8,
                TEXT,
                TEXT,
                (Double n, String template) ->
                        NumberFormatText.format(n, template, NumberFormatText.FLOAT8_DIGITS));
        d.fn("to_number", TEXT, TEXT, NUMERIC, NumberParseText::parse);
        d.fn("to_date", TEXT, TEXT, DATE, DateAssembly::date);
        d.define("to_timestamp", TIMESTAMPTZ, TEXT, TEXT)
                .stable()
                .eval((a, c) ->
                        DateAssembly.timestamp(
                                SystemFunctions.text(a, 0),
                                SystemFunctions.text(a, 1),
                                c.format().zone()));
    }
}
