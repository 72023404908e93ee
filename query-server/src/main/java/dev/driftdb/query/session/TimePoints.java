package dev.driftdb.query.session;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.define.TagDefinitions;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Turns a point in time, however written, into the one offset that it names. */
final class TimePoints {
    private final StatementContext context;

    TimePoints(StatementContext context) {
        this.context = context;
    }

    /**
     * @return null while it depends on parameters whose values are not known; -1 before the first
     *     entry
     */
    @Nullable Long offsetOf(TimePoint point) {
        return switch (point) {
            case TimePoint.Offset offset -> evaluated(point, offset.expression());
            case TimePoint.At at -> evaluated(point, at.expression());
            case TimePoint.Ago ago -> evaluated(point, ago.expression());
            case TimePoint.Value value -> evaluated(point, value.expression());
            case TimePoint.Tag tag -> offsetOfTag(tag.name(), tag.position());
        };
    }

    private @Nullable Long evaluated(TimePoint point, SqlExpr written) {
        SqlType type = type(point);
        Expr bound = new Binder(context).bindExpression(written, List.of(), type, -1, "AS OF");
        if (!context.knowsParameters() && ExprTraits.hasParameters(bound)) {
            return null;
        }
        Object value = RowExpression.of(bound).evaluate(context);
        if (value == null) {
            throw new SqlException(
                    SqlState.NULL_VALUE_NOT_ALLOWED,
                    "a point in time must not be null",
                    written.position());
        }
        if (type.equals(Types.TEXT)) {
            return parsedOffsetOf((String) value);
        }
        return type.equals(Types.INT8)
                ? checkOffset((Long) value)
                : type.equals(Types.INTERVAL)
                        ? offsetAgo((Interval) value)
                        : offsetAt((Long) value);
    }

    /** A parameter that the client has given the type of an offset or a span stands for one. */
    private SqlType type(TimePoint point) {
        if (point instanceof TimePoint.Value(SqlExpr value)) {
            SqlType given = new Binder(context).bindExpression(value, List.of(), "AS OF").type();
            return given.base().equals(Types.TEXT) || given.base().equals(Types.VARCHAR)
                    ? Types.TEXT
                    : typeOf(given.base());
        }
        if (!(point instanceof TimePoint.At(SqlExpr.Parameter parameter))) {
            return switch (point) {
                case TimePoint.Offset _ -> Types.INT8;
                case TimePoint.Ago _ -> Types.INTERVAL;
                case TimePoint.At _, TimePoint.Value _, TimePoint.Tag _ -> Types.TIMESTAMPTZ;
            };
        }
        return typeOf(context.parameterTypes().get(parameter.number()));
    }

    private static SqlType typeOf(@Nullable SqlType given) {
        boolean integer =
                Types.INT8.equals(given) || Types.INT4.equals(given) || Types.INT2.equals(given);
        return integer
                ? Types.INT8
                : Types.INTERVAL.equals(given) ? Types.INTERVAL : Types.TIMESTAMPTZ;
    }

    /** The same, where nothing before the first entry can be meant. */
    @Nullable Long reachedOffsetOf(TimePoint point) {
        Long offset = offsetOf(point);
        return offset == null ? null : checkReached(offset);
    }

    /** A point as text, as in SET driftdb.as_of = '…' and in a database's name. */
    long offsetOf(String text) {
        return checkReached(parsedOffsetOf(text));
    }

    private long parsedOffsetOf(String text) {
        String point = text.strip();
        String upper = point.toUpperCase(Locale.ROOT);
        if (upper.startsWith("@SEQ:")) {
            return checkOffset(number(point.substring("@SEQ:".length())));
        }
        if (upper.startsWith("OFFSET ")) {
            return checkOffset(number(point.substring("OFFSET ".length())));
        }
        if (upper.startsWith("TAG ") || upper.startsWith("TAG:")) {
            String name = unquoted(point.substring("TAG ".length()));
            return offsetOfTag(name.replace("''", "'"), 0);
        }
        if (upper.startsWith("TIMESTAMP ")) {
            return parsedOffsetOf(unquoted(point.substring("TIMESTAMP ".length())));
        }
        if (upper.startsWith("INTERVAL ") || upper.startsWith("-")) {
            String interval =
                    upper.startsWith("-") ? point : unquoted(point.substring("INTERVAL ".length()));
            return offsetAgo(
                    (Interval) TextFormat.parse(Types.INTERVAL, interval, context.format()));
        }
        if (!point.isEmpty() && point.chars().allMatch(Character::isDigit)) {
            return checkOffset(number(point));
        }
        return offsetAt((Long) TextFormat.parse(Types.TIMESTAMPTZ, point, context.format()));
    }

    /** What the statement itself reads, if that is a point to read at. */
    long ownOffset() {
        return checkReached(context.view().offset());
    }

    /** A tag is known by the newest catalog, whatever the time that the transaction reads. */
    private long offsetOfTag(String name, int position) {
        Transaction transaction = context.transaction();
        Catalog catalog =
                transaction.asOf() == null ? context.catalog() : transaction.replica().catalog();
        return TagDefinitions.find(catalog, name, position).offset();
    }

    /** A transaction that reads the past may name points behind that. */
    private long inNewest(ToLongFunction<ReadView> look) {
        Transaction transaction = context.transaction();
        if (transaction.asOf() == null) {
            return look.applyAsLong(context.view());
        }
        try (ReadView newest = transaction.replica().latest()) {
            return look.applyAsLong(newest);
        }
    }

    private static String unquoted(String text) {
        String stripped = text.strip();
        return stripped.length() >= 2 && stripped.startsWith("'") && stripped.endsWith("'")
                ? stripped.substring(1, stripped.length() - 1)
                : stripped;
    }

    private static long number(String digits) {
        try {
            return Long.parseLong(digits.strip());
        } catch (NumberFormatException e) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE, "invalid offset: \"" + digits.strip() + "\"");
        }
    }

    private long checkOffset(long offset) {
        long applied = inNewest(ReadView::offset);
        if (offset < 0 || offset > applied) {
            throw new SqlException(
                            SqlState.INVALID_PARAMETER_VALUE,
                            "offset " + offset + " is outside of the log")
                    .withDetail("The newest applied offset is " + applied + ".");
        }
        return offset;
    }

    /** There was nothing before the first entry, not even what every database has. */
    private long checkReached(long offset) {
        if (offset >= 0) {
            return offset;
        }
        SqlException refused =
                new SqlException(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "a point in time must not be before the first entry of the log");
        EntryInfo first = context.view().entry(0);
        throw first == null
                ? refused
                : refused.withDetail(
                        "The first entry was appended at "
                                + TextFormat.format(
                                        Types.TIMESTAMPTZ,
                                        first.timestampMs() * 1_000 - Database.EPOCH_2000_MICROS,
                                        context.format())
                                + ".");
    }

    private long offsetAt(long micros) {
        if (micros > context.engine().nowMicros()) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE, "a point in time must not be in the future");
        }
        long millis = Math.floorDiv(micros + Database.EPOCH_2000_MICROS, 1_000);
        return inNewest(view -> view.offsetAt(millis));
    }

    /** INTERVAL '-10 minutes' and '-10s' count back from the statement's time. */
    private long offsetAgo(Interval interval) {
        long now = context.statementTimestamp() + Database.EPOCH_2000_MICROS;
        Instant start =
                Instant.ofEpochSecond(
                        Math.floorDiv(now, 1_000_000L), Math.floorMod(now, 1_000_000L) * 1_000);
        ZoneId zone = context.format().zone();
        LocalDateTime then =
                LocalDateTime.ofInstant(start, zone)
                        .plusMonths(interval.months())
                        .plusDays(interval.days());
        Instant at = then.atZone(zone).toInstant().plusNanos(interval.micros() * 1_000);
        return offsetAt(
                at.getEpochSecond() * 1_000_000
                        + at.getNano() / 1_000
                        - Database.EPOCH_2000_MICROS);
    }
}
