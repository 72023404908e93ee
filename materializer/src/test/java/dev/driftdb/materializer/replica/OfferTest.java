package dev.driftdb.materializer.replica;

import static dev.driftdb.materializer.testing.Tables.createTable;
import static dev.driftdb.materializer.testing.Tables.entry;
import static dev.driftdb.materializer.testing.Tables.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.RocksTableState;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that come twice: offered by the process that appended them, and read from the log. */
class OfferTest {
    private static final long TIME_MS = 5000;

    @TempDir Path directory;
    private final AtomicInteger syncs = new AtomicInteger();
    private final AtomicReference<@Nullable IOException> syncFailure = new AtomicReference<>();
    private RocksTableState state;
    private Waiters waiters;
    private LogProcessor processor;

    @BeforeEach
    void open() {
        state = new RocksTableState(directory, ReplicaSettings.small());
        waiters = new Waiters(state.appliedOffset());
        processor = new LogProcessor(state, waiters, this::sync);
        read(0, createTable());
    }

    @AfterEach
    void close() {
        state.close();
    }

    private void sync() throws IOException {
        syncs.incrementAndGet();
        IOException failure = syncFailure.get();
        if (failure != null) {
            throw failure;
        }
    }

    private void read(long offset, LogRecord record) {
        processor.process(offset, TIME_MS, LogCodec.encode(record));
        processor.endBatch();
    }

    private static AppendedRecord appended(long offset, LogRecord record) {
        return new AppendedRecord(offset, TIME_MS, LogCodec.encode(record));
    }

    @Test
    void the_next_records_are_applied_when_they_are_offered_and_not_again_when_they_are_read() {
        LogRecord.TransactionEntry first = entry(put(1, 10L, 1L));
        LogRecord.TransactionEntry second = entry(put(1, 11L, 1L));
        CompletableFuture<Outcome> outcome = waiters.outcomeOf(second.id());
        processor.offer(List.of(appended(1, first), appended(2, second)));
        assertThat(outcome).isCompletedWithValue(new Outcome.Committed(2, TIME_MS));
        assertThat(state.appliedOffset()).isEqualTo(2);
        read(1, first);
        read(2, second);
        assertThat(state.appliedOffset()).isEqualTo(2);
        assertThat(waiters.awaitOffset(2)).isCompleted();
    }

    @Test
    void a_record_behind_a_gap_waits_until_the_log_has_brought_what_is_before_it() {
        LogRecord.TransactionEntry foreign = entry(put(1, 10L, 1L));
        LogRecord.TransactionEntry own = entry(put(2, 20L, 1L));
        CompletableFuture<Outcome> outcome = waiters.outcomeOf(own.id());
        processor.offer(List.of(appended(2, own)));
        assertThat(outcome).isNotDone();
        assertThat(state.appliedOffset()).isZero();
        read(1, foreign);
        read(2, own);
        assertThat(outcome).isCompletedWithValue(new Outcome.Committed(2, TIME_MS));
    }

    @Test
    void offered_and_read_records_make_the_same_state() {
        LogRecord.TransactionEntry first = entry(put(1, 10L, 1L));
        LogRecord.TransactionEntry second = entry(put(2, 20L, 1L));
        processor.offer(List.of(appended(1, first), appended(2, second)));
        try (RocksTableState other =
                new RocksTableState(directory.resolve("other"), ReplicaSettings.small())) {
            LogProcessor reader = new LogProcessor(other, new Waiters(-1), LogSync.BY_BROKER);
            List<LogRecord> records = List.of(createTable(), first, second);
            for (int i = 0; i < records.size(); i++) {
                reader.process(i, TIME_MS, LogCodec.encode(records.get(i)));
            }
            reader.endBatch();
            try (var ours = state.latest();
                    var theirs = other.latest()) {
                assertThat(StateHash.of(ours)).isEqualTo(StateHash.of(theirs));
            }
        }
    }

    @Test
    void a_batch_is_synced_once_before_it_is_shown_and_not_shown_when_that_fails() {
        assertThat(syncs).hasValue(1);
        syncFailure.set(new IOException("the disk is gone"));
        LogRecord.TransactionEntry own = entry(put(1, 10L, 1L));
        CompletableFuture<Outcome> outcome = waiters.outcomeOf(own.id());
        processor.offer(List.of(appended(1, own)));
        assertThat(syncs).hasValue(2);
        assertThat(state.appliedOffset()).isZero();
        assertThat(outcome).isCompletedExceptionally();
        assertThatThrownBy(() -> read(2, entry(put(2, 20L, 1L))))
                .isInstanceOf(ReplicaFailedException.class);
        processor.offer(List.of(appended(1, own)));
        assertThat(state.appliedOffset()).isZero();
    }
}
