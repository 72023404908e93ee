package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What jsonpath's datetime() makes of a string.
 *
 * @param type date, time, timetz, timestamp or timestamptz
 * @param value days of a date, else microseconds
 * @param offsetSeconds of timetz and timestamptz, as given
 */
record JsonMoment(SqlType type, long value, int offsetSeconds) {
    private static final List<String> TEMPLATES = new ArrayList<>();

    static {
        TEMPLATES.add("yyyy-mm-dd");
        for (String date : List.of("", "yyyy-mm-dd ", "yyyy-mm-dd\"T\"")) {
            for (String time :
                    List.of(
                            "HH24:MI:SS.USTZH:TZM",
                            "HH24:MI:SS.USTZH",
                            "HH24:MI:SSTZH:TZM",
                            "HH24:MI:SSTZH",
                            "HH24:MI:SS.US",
                            "HH24:MI:SS")) {
                TEMPLATES.add(date + time);
            }
        }
    }

    static JsonMoment read(Object item, @Nullable String template, EvalContext context) {
        if (!(item instanceof Json.Str(String text))) {
            throw fail("jsonpath item method .datetime() can only be applied to a string", null);
        }
        if (template != null) {
            try {
                return DateAssembly.moment(text, template);
            } catch (SqlException e) {
                throw new JsonPathRun.Failure(e);
            }
        }
        for (String known : TEMPLATES) {
            context.checkCanceled();
            try {
                return DateAssembly.moment(text, known);
            } catch (SqlException _) {
                // Another template may fit.
            }
        }
        throw fail(
                "datetime format is not recognized: \"" + text + "\"",
                "Use a datetime template argument to specify the input data format.");
    }

    private static JsonPathRun.Failure fail(String message, @Nullable String hint) {
        SqlException error =
                new SqlException(SqlState.INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION, message);
        return new JsonPathRun.Failure(hint == null ? error : error.withHint(hint));
    }

    /** As JSON shows it: ISO 8601. */
    Json.Str json() {
        String text =
                switch (type.name()) {
                    case "date" -> DateTimes.formatDate(value);
                    case "time" -> DateTimes.formatTime(value);
                    case "timetz" ->
                            withMinutes(DateTimes.formatTimeTz(new TimeTz(value, offsetSeconds)));
                    case "timestamp" -> DateTimes.formatTimestamp(value).replaceFirst(" ", "T");
                    default ->
                            withMinutes(
                                    DateTimes.formatTimestampTz(
                                                    value, ZoneOffset.ofTotalSeconds(offsetSeconds))
                                            .replaceFirst(" ", "T"));
                };
        return new Json.Str(text);
    }

    private static String withMinutes(String text) {
        return text.replaceFirst("([+-]\\d\\d)( BC)?$", "$1:00$2");
    }

    /** Null: the two are not comparable. */
    @Nullable Integer compare(JsonMoment other, boolean zoned, EvalContext context) {
        boolean clock = type.equals(Types.TIME) || type.equals(Types.TIMETZ);
        boolean otherClock = other.type.equals(Types.TIME) || other.type.equals(Types.TIMETZ);
        if (clock != otherClock) {
            return null;
        }
        if (clock) {
            if (type.equals(other.type) && type.equals(Types.TIME)) {
                return Long.compare(value, other.value);
            }
            return clock(other, zoned, context).compareTo(other.clock(this, zoned, context));
        }
        boolean instants = type.equals(Types.TIMESTAMPTZ) || other.type.equals(Types.TIMESTAMPTZ);
        if (!instants) {
            return Long.compare(local(), other.local());
        }
        return Long.compare(instant(other, zoned, context), other.instant(this, zoned, context));
    }

    private TimeTz clock(JsonMoment other, boolean zoned, EvalContext context) {
        if (type.equals(Types.TIMETZ)) {
            return new TimeTz(value, offsetSeconds);
        }
        requireZone(other, zoned);
        int offset =
                DateTimes.offsetSeconds(context.transactionTimestamp(), context.format().zone());
        return new TimeTz(value, offset);
    }

    private long local() {
        return type.equals(Types.DATE) ? DateTimes.dateToTimestamp(value) : value;
    }

    private long instant(JsonMoment other, boolean zoned, EvalContext context) {
        if (type.equals(Types.TIMESTAMPTZ)) {
            return value;
        }
        requireZone(other, zoned);
        return DateTimes.localToInstant(local(), context.format().zone());
    }

    private void requireZone(JsonMoment other, boolean zoned) {
        if (!zoned) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot convert value from "
                                    + type.name()
                                    + " to "
                                    + other.type.name()
                                    + " without time zone usage")
                    .withHint("Use *_tz() function for time zone support.");
        }
    }
}
