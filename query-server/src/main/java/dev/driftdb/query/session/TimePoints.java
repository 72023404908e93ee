package dev.driftdb.query.session;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.expr.Expr;
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

/** Turns a point in time, however written, into the one offset that it names. */
final class TimePoints {
    private final StatementContext context;

    TimePoints(StatementContext context) {
        this.context = context;
    }

    long offsetOf(TimePoint point) {
        return switch (point) {
            case TimePoint.Offset offset ->
                    checkOffset((Long) evaluate(offset.expression(), Types.INT8));
            case TimePoint.At at -> offsetAt((Long) evaluate(at.expression(), Types.TIMESTAMPTZ));
            case TimePoint.Ago ago ->
                    offsetAgo((Interval) evaluate(ago.expression(), Types.INTERVAL));
            case TimePoint.Tag _ -> throw SqlException.notSupported("AS OF TAG");
        };
    }

    /** A point as text, as in SET driftdb.as_of = '…' and in a database's name. */
    long offsetOf(String text) {
        String point = text.strip();
        String upper = point.toUpperCase(Locale.ROOT);
        if (upper.startsWith("@SEQ:")) {
            return checkOffset(number(point.substring("@SEQ:".length())));
        }
        if (upper.startsWith("OFFSET ")) {
            return checkOffset(number(point.substring("OFFSET ".length())));
        }
        if (upper.startsWith("TIMESTAMP ")) {
            return offsetOf(unquoted(point.substring("TIMESTAMP ".length())));
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

    private Object evaluate(SqlExpr expression, SqlType type) {
        Expr bound = new Binder(context).bindExpression(expression, List.of(), type, -1, "AS OF");
        Object value = RowExpression.of(bound).evaluate(context);
        if (value == null) {
            throw new SqlException(
                    SqlState.NULL_VALUE_NOT_ALLOWED,
                    "a point in time must not be null",
                    expression.position());
        }
        return value;
    }

    private long checkOffset(long offset) {
        long applied = context.view().offset();
        if (offset < 0 || offset > applied) {
            throw new SqlException(
                            SqlState.INVALID_PARAMETER_VALUE,
                            "offset " + offset + " is outside of the log")
                    .withDetail("The newest applied offset is " + applied + ".");
        }
        return offset;
    }

    private long offsetAt(long micros) {
        if (micros > context.engine().nowMicros()) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE, "a point in time must not be in the future");
        }
        return context.view().offsetAt(Math.floorDiv(micros + Database.EPOCH_2000_MICROS, 1_000));
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
