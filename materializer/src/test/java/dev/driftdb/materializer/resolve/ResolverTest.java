package dev.driftdb.materializer.resolve;

import static dev.driftdb.materializer.testing.Tables.GROUP;
import static dev.driftdb.materializer.testing.Tables.PRIMARY;
import static dev.driftdb.materializer.testing.Tables.STORAGE;
import static dev.driftdb.materializer.testing.Tables.TABLE;
import static dev.driftdb.materializer.testing.Tables.T_G;
import static dev.driftdb.materializer.testing.Tables.T_U;
import static dev.driftdb.materializer.testing.Tables.UNIQUE;
import static dev.driftdb.materializer.testing.Tables.createTable;
import static dev.driftdb.materializer.testing.Tables.define;
import static dev.driftdb.materializer.testing.Tables.delete;
import static dev.driftdb.materializer.testing.Tables.drop;
import static dev.driftdb.materializer.testing.Tables.entry;
import static dev.driftdb.materializer.testing.Tables.indexKey;
import static dev.driftdb.materializer.testing.Tables.key;
import static dev.driftdb.materializer.testing.Tables.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.log.Precondition.DefinitionUnchanged;
import dev.driftdb.schemas.log.Precondition.KeyAbsent;
import dev.driftdb.schemas.log.Precondition.KeyExists;
import dev.driftdb.schemas.log.Precondition.RangeEmpty;
import dev.driftdb.schemas.log.Precondition.RangeUnchanged;
import dev.driftdb.schemas.log.Precondition.RowVersion;
import dev.driftdb.schemas.log.Precondition.RowWrittenBy;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each precondition is asked twice: of entries that are written, and of entries of the same batch.
 */
class ResolverTest {
    @TempDir Path directory;
    private LocalReplica replica;

    @BeforeEach
    void open() {
        replica = new LocalReplica(directory, ReplicaSettings.small(), () -> 1000);
    }

    @AfterEach
    void close() {
        replica.close();
    }

    /** Offset 0: the table; offset 1: rows (1, u 10, g 5), (2, u NULL, g 5), (3, u 30, g 7). */
    private static List<LogRecord> start() {
        return List.of(createTable(), entry(put(1, 10L, 5L), put(2, null, 5L), put(3, 30L, 7L)));
    }

    private static Bytes u(long value) {
        return indexKey(T_U, value);
    }

    private static Bytes g(long value) {
        return indexKey(T_G, value);
    }

    private void holds(Precondition precondition, LogRecord... before) {
        assertThat(outcomes(precondition, before))
                .allMatch(outcome -> outcome instanceof Outcome.Committed);
    }

    private void fails(Precondition precondition, LogRecord... before) {
        assertThat(outcomes(precondition, before))
                .allMatch(outcome ->
                        outcome instanceof Outcome.Rejected rejected
                                && precondition.equals(rejected.failed()));
    }

    private List<Outcome> outcomes(Precondition precondition, LogRecord... before) {
        LogRecord.TransactionEntry pending = entry(List.of(precondition));
        LogRecord.TransactionEntry written = entry(List.of(precondition));
        CompletableFuture<Outcome> first = replica.outcomeOf(pending.id());
        CompletableFuture<Outcome> second = replica.outcomeOf(written.id());
        List<LogRecord> batch = new ArrayList<>(replica.appliedOffset() < 0 ? start() : List.of());
        batch.addAll(List.of(before));
        batch.add(pending);
        replica.append(batch);
        replica.append(List.of(written));
        return List.of(first.join(), second.join());
    }

    @Test
    void row_version_is_the_offset_of_the_last_write() {
        holds(new RowVersion(STORAGE, key(1), 1));
        fails(new RowVersion(STORAGE, key(1), 0));
        fails(new RowVersion(STORAGE, key(1), Precondition.ABSENT));
        holds(new RowVersion(STORAGE, key(9), Precondition.ABSENT));
        fails(new RowVersion(STORAGE, key(9), 1));
        fails(new RowVersion(STORAGE, key(1), 1), entry(put(1, 11L, 5L)));
        fails(new RowVersion(STORAGE, key(3), 1), entry(delete(3)));
        holds(new RowVersion(STORAGE, key(3), Precondition.ABSENT));
    }

    @Test
    void row_written_by_is_the_transaction_of_the_last_write() {
        LogRecord.TransactionEntry insert = entry(put(7, 70L, 7L));
        LogRecord.TransactionEntry update = entry(put(7, 71L, 7L));
        UUID other = entry(put(8, 80L, 8L)).id();
        holds(new RowWrittenBy(STORAGE, key(7), insert.id()), insert);
        holds(new RowWrittenBy(STORAGE, key(7), update.id()), update);
        fails(new RowWrittenBy(STORAGE, key(7), insert.id()));
        fails(new RowWrittenBy(STORAGE, key(7), other));
        fails(new RowWrittenBy(STORAGE, key(9), other));
    }

    @Test
    void key_absent_asks_the_unique_index() {
        holds(new KeyAbsent(UNIQUE, u(11)));
        fails(new KeyAbsent(UNIQUE, u(10)));
        holds(new KeyAbsent(UNIQUE, u(10)), entry(put(1, 11L, 5L)));
        fails(new KeyAbsent(UNIQUE, u(11)));
        fails(new KeyAbsent(PRIMARY, key(1)));
        holds(new KeyAbsent(PRIMARY, key(4)));
        holds(new KeyAbsent(UNIQUE, indexKey(T_U, null)));
    }

    @Test
    void key_exists_asks_the_rows_or_the_unique_index() {
        holds(new KeyExists(STORAGE, false, key(1)));
        fails(new KeyExists(STORAGE, false, key(4)));
        holds(new KeyExists(UNIQUE, true, u(30)));
        fails(new KeyExists(UNIQUE, true, u(31)));
        fails(new KeyExists(UNIQUE, true, u(30)), entry(delete(3)));
        fails(new KeyExists(STORAGE, false, key(3)));
        holds(new KeyExists(PRIMARY, true, key(1)));
    }

    @Test
    void range_empty_asks_the_rows_or_any_index() {
        Bytes after5 = KeyCodec.after(g(5));
        Bytes after7 = KeyCodec.after(g(7));
        holds(new RangeEmpty(GROUP, true, g(6), g(7)));
        fails(new RangeEmpty(GROUP, true, g(6), after7));
        fails(new RangeEmpty(GROUP, true, g(5), after5));
        fails(new RangeEmpty(GROUP, true, Bytes.EMPTY, Bytes.EMPTY));
        fails(new RangeEmpty(GROUP, true, g(7), Bytes.EMPTY));
        holds(new RangeEmpty(GROUP, true, after7, Bytes.EMPTY));
        fails(new RangeEmpty(STORAGE, false, key(2), key(3)));
        holds(new RangeEmpty(STORAGE, false, key(4), Bytes.EMPTY));
        fails(new RangeEmpty(GROUP, true, g(5), after5), entry(delete(1)));
        holds(new RangeEmpty(GROUP, true, g(5), after5), entry(put(2, null, 6L)));
        holds(new RangeEmpty(STORAGE, false, key(3), Bytes.EMPTY), entry(delete(3)));
    }

    @Test
    void range_unchanged_sees_inserts_updates_and_deletions_after_the_offset() {
        holds(new RangeUnchanged(STORAGE, Bytes.EMPTY, Bytes.EMPTY, 1));
        fails(new RangeUnchanged(STORAGE, Bytes.EMPTY, Bytes.EMPTY, 0));
        // What follows is at the offsets after those questions.
        long inserted = replica.append(List.of(entry(put(4, 40L, 8L))));
        fails(new RangeUnchanged(STORAGE, key(4), Bytes.EMPTY, inserted - 1));
        holds(new RangeUnchanged(STORAGE, key(4), Bytes.EMPTY, inserted));
        holds(new RangeUnchanged(STORAGE, Bytes.EMPTY, key(4), inserted - 1));
        long updated = replica.append(List.of(entry(put(4, 41L, 8L))));
        fails(new RangeUnchanged(STORAGE, key(4), key(5), updated - 1));
        holds(new RangeUnchanged(STORAGE, key(4), key(5), updated));
        long deleted = replica.append(List.of(entry(delete(4))));
        fails(new RangeUnchanged(STORAGE, key(4), key(5), deleted - 1));
        holds(new RangeUnchanged(STORAGE, key(4), key(5), deleted));
        holds(new RangeUnchanged(STORAGE, key(5), Bytes.EMPTY, deleted - 1));
        long next = replica.appliedOffset() + 1;
        fails(new RangeUnchanged(STORAGE, key(1), key(2), next - 1), entry(delete(1)));
    }

    @Test
    void range_unchanged_is_still_known_after_a_restart() {
        holds(new RowVersion(STORAGE, key(1), 1));
        long deleted = replica.append(List.of(entry(delete(2))));
        replica.close();
        open();
        fails(new RangeUnchanged(STORAGE, key(2), key(3), deleted - 1));
        holds(new RangeUnchanged(STORAGE, key(2), key(3), deleted));
    }

    @Test
    void definition_unchanged_compares_the_offset_that_wrote_it() {
        holds(new DefinitionUnchanged(TABLE, 0));
        fails(new DefinitionUnchanged(TABLE, 1));
        fails(new DefinitionUnchanged(TABLE, 0), entry(define(Tables.T)));
        fails(new DefinitionUnchanged(UNIQUE, 0), entry(drop(UNIQUE)));
        holds(new DefinitionUnchanged(GROUP, 0));
    }

    @Test
    void the_first_precondition_that_fails_is_named_and_nothing_changes() {
        Precondition good = new RowVersion(STORAGE, key(1), 1);
        Precondition bad = new KeyAbsent(UNIQUE, u(10));
        Precondition worse = new RowVersion(STORAGE, key(1), 77);
        replica.append(start());
        String before = replica.stateHash();
        LogRecord.TransactionEntry entry = entry(List.of(good, bad, worse), put(1, 10L, 9L));
        CompletableFuture<Outcome> outcome = replica.outcomeOf(entry.id());
        replica.append(List.of(entry));
        assertThat(outcome.join()).isEqualTo(new Outcome.Rejected(2, bad));
        assertThat(replica.stateHash()).isEqualTo(before);
        try (ReadView view = replica.latest()) {
            assertThat(Tables.entryAt(view, 2).committed()).isFalse();
        }
    }

    @Test
    void a_source_position_takes_effect_once() {
        replica.append(start());
        Outcome first = ingest(7, put(5, 50L, 1L));
        assertThat(first).isInstanceOf(Outcome.Committed.class);
        assertThat(ingest(7, put(5, 51L, 1L)))
                .isEqualTo(new Outcome.Rejected(replica.appliedOffset(), null));
        assertThat(ingest(6, put(5, 51L, 1L))).isInstanceOf(Outcome.Rejected.class);
        replica.close();
        open();
        assertThat(ingest(7, put(5, 51L, 1L))).isInstanceOf(Outcome.Rejected.class);
        assertThat(ingest(8, put(5, 51L, 1L))).isInstanceOf(Outcome.Committed.class);
    }

    private Outcome ingest(long position, Change change) {
        LogRecord.TransactionEntry entry =
                new LogRecord.TransactionEntry(
                        Tables.nextUuid(),
                        new LogRecord.Metadata(
                                "ingest",
                                "drift",
                                "",
                                "INSERT",
                                new LogRecord.SourcePosition("events", 0, position)),
                        List.of(),
                        List.of(change),
                        0);
        CompletableFuture<Outcome> outcome = replica.outcomeOf(entry.id());
        replica.append(List.of(entry));
        return outcome.join();
    }
}
