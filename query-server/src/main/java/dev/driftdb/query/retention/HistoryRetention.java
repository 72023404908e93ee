package dev.driftdb.query.retention;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.type.Interval;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * How long the history of tables is kept: what a table says itself, else what the server says.
 *
 * @param server null for ever
 */
public record HistoryRetention(@Nullable Interval server) {
    public static final HistoryRetention FOREVER = new HistoryRetention((Interval) null);

    /**
     * @param text an interval, or {@code infinity}
     * @throws dev.driftdb.schemas.error.SqlException 22007, 22023 for what is neither
     */
    public static HistoryRetention parse(String text) {
        return new HistoryRetention(TableOptions.parseRetention(text));
    }

    /** The time whose rows are the oldest to be kept, milliseconds since 1970; null if all are. */
    @Nullable Long oldestMs(TableDef table, Instant now) {
        Interval kept =
                TableOptions.hasHistoryRetention(table)
                        ? TableOptions.historyRetention(table)
                        : server;
        if (kept == null) {
            return null;
        }
        return LocalDateTime.ofInstant(now, ZoneOffset.UTC)
                .minusMonths(kept.months())
                .minusDays(kept.days())
                .toInstant(ZoneOffset.UTC)
                .minusNanos(kept.micros() * 1_000)
                .toEpochMilli();
    }

    /**
     * From which offset on a table's history is to be kept: every point at or after the retention's
     * start stays readable. -1 for all.
     */
    public long horizon(TableDef table, ReadView newest, Instant now) {
        Long oldestMs = oldestMs(table, now);
        return oldestMs == null ? -1 : newest.offsetAt(oldestMs);
    }
}
