package dev.driftdb.materializer.replica;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.materializer.resolve.Applier;
import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.RocksTableState;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.materializer.state.TableState;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries that are written in parts: nobody sees one, and a crash between them changes nothing. */
class LargeEntryTest {
    private static final int PART_BYTES = 8_000;
    private static final int CHUNK_BYTES = 4_000;
    private static final int ROWS = 300;
    private static final int CRASHES_MAX = 6;
    private static final long CLOCK_MS = 1_000;

    @TempDir Path directory;

    private static final class Crash extends RuntimeException {}

    /** The table, its rows, and large entries of every kind after them. */
    private static List<LogRecord> log() {
        List<LogRecord> log = new ArrayList<>();
        log.add(createTable());
        List<Change> inserts = new ArrayList<>();
        List<Change> exchanged = new ArrayList<>();
        List<Change> deletions = new ArrayList<>();
        for (long id = 0; id < ROWS; id++) {
            inserts.add(put(id, id, id % 7));
            exchanged.add(put(id, id ^ 1, id % 5));
            if (id % 3 == 2) {
                deletions.add(delete(id));
            }
        }
        log.addAll(chunks(inserts));
        log.addAll(chunks(exchanged));
        log.addAll(chunks(deletions));
        List<Change> refill = new ArrayList<>();
        refill.add(new Change.Truncate(STORAGE));
        for (long id = ROWS / 2; id < 2 * ROWS; id++) {
            refill.add(put(id, id + 7, id % 3));
        }
        log.addAll(chunks(refill));
        log.add(
                entry(
                        define(table(OTHER_STORAGE, List.of(2))),
                        new Change.Rekey(TABLE, STORAGE, OTHER_STORAGE)));
        log.add(entry(new Change.BuildIndex(GROUP)));
        log.add(entry(new Change.Truncate(OTHER_STORAGE)));
        return log;
    }

    private static List<LogRecord> chunks(List<Change> changes) {
        return Chunker.split(
                new TransactionEntry(nextUuid(), SQL, List.of(), changes, 0), CHUNK_BYTES);
    }

    private RocksTableState open(String name, int partBytes) {
        return new RocksTableState(
                directory.resolve(name), ReplicaSettings.small(), partBytes, noState -> {});
    }

    private static LogProcessor processor(RocksTableState state) {
        return new LogProcessor(state, new Waiters(state.appliedOffset()), LogSync.BY_BROKER);
    }

    private static String hash(RocksTableState state) {
        try (ReadView view = state.latest()) {
            List<String> all = new ArrayList<>();
            for (long offset = 0; offset <= view.offset(); offset++) {
                EntryInfo info = view.entry(offset);
                all.add(info == null ? "" : offset + ":" + info.changeCount());
            }
            all.addAll(rows(view, STORAGE));
            all.addAll(rows(view, OTHER_STORAGE));
            all.addAll(byIndex(view, UNIQUE, false));
            all.addAll(byIndex(view, GROUP, false));
            return StateHash.of(view) + all;
        }
    }

    @Test
    void parts_make_no_difference_wherever_a_crash_comes_between_them() {
        List<LogRecord> log = log();
        int crashes = 0;
        try (RocksTableState whole = open("whole", Integer.MAX_VALUE)) {
            LogProcessor expected = processor(whole);
            RocksTableState parts = open("parts", PART_BYTES);
            try {
                LogProcessor processor = processor(parts);
                for (int offset = 0; offset < log.size(); offset++) {
                    byte[] record = LogCodec.encode(log.get(offset));
                    expected.process(offset, CLOCK_MS, record);
                    expected.endBatch();
                    if (log.get(offset) instanceof TransactionEntry entry && offset > 0) {
                        // Each time it gets one part further, but an index is begun anew.
                        int before = crashes;
                        while (crashes < before + CRASHES_MAX
                                && crashesAfterPart(parts, entry, offset)) {
                            crashes++;
                            parts.close();
                            parts = open("parts", PART_BYTES);
                            assertThat(parts.appliedOffset()).isEqualTo(offset - 1);
                            assertThatThrownBy(parts::latest).isInstanceOf(SqlException.class);
                        }
                        // What it has in memory of the entry by now goes as well.
                        parts.close();
                        parts = open("parts", PART_BYTES);
                        processor = processor(parts);
                    }
                    processor.process(offset, CLOCK_MS, record);
                    processor.endBatch();
                    assertThat(hash(parts)).isEqualTo(hash(whole));
                }
            } finally {
                parts.close();
            }
        }
        assertThat(crashes).isGreaterThan(20);
    }

    /** False if the entry is applied, and not written, without as much as one part. */
    private static boolean crashesAfterPart(
            RocksTableState state, TransactionEntry entry, long offset) {
        TableState crashing =
                (TableState)
                        Proxy.newProxyInstance(
                                TableState.class.getClassLoader(),
                                new Class<?>[] {TableState.class},
                                (proxy, method, arguments) -> {
                                    Object answer;
                                    try {
                                        answer = method.invoke(state, arguments);
                                    } catch (InvocationTargetException e) {
                                        throw e.getCause();
                                    }
                                    if (method.getName().equals("writePart")) {
                                        throw new Crash();
                                    }
                                    return answer;
                                });
        try {
            new Applier(crashing).apply(entry, offset);
            return false;
        } catch (Crash e) {
            return true;
        }
    }

    @Test
    void another_entry_at_the_place_of_an_unfinished_one_is_refused() {
        try (RocksTableState state = open("state", PART_BYTES)) {
            LogProcessor processor = processor(state);
            processor.process(0, CLOCK_MS, LogCodec.encode(createTable()));
            List<Change> changes = new ArrayList<>();
            for (long id = 0; id < ROWS; id++) {
                changes.add(put(id, id, id));
            }
            List<LogRecord> records = chunks(changes);
            long offset = 1;
            for (LogRecord record : records.subList(0, records.size() - 1)) {
                processor.process(offset++, CLOCK_MS, LogCodec.encode(record));
            }
            processor.endBatch();
            assertThat(crashesAfterPart(state, (TransactionEntry) records.getLast(), offset))
                    .isTrue();
        }
        try (RocksTableState state = open("state", PART_BYTES)) {
            long offset = state.appliedOffset() + 1;
            byte[] other = LogCodec.encode(entry(put(1, 1L, 1L)));
            assertThatThrownBy(() -> processor(state).process(offset, CLOCK_MS, other))
                    .isInstanceOf(ReplicaFailedException.class)
                    .hasMessageContaining("a part of transaction");
        }
    }
}
