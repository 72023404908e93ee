package dev.driftdb.materializer.replica;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.materializer.state.VersionCursor;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random transactions against a model that keeps a whole copy of the table per offset. */
class HistoryOracleTest {
    private static final int KEYS = 24;
    private static final int ENTRIES = 120;

    private record ModelRow(String text, long offset) {}

    private final long seed = Long.getLong("driftdb.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final List<LogRecord> log = new ArrayList<>();
    private final List<TreeMap<Long, ModelRow>> model = new ArrayList<>();

    @TempDir Path directory;

    HistoryOracleTest() {
        TreeMap<Long, ModelRow> rows = new TreeMap<>();
        log.add(createTable());
        model.add(new TreeMap<>(rows));
        while (log.size() < ENTRIES) {
            long offset = log.size();
            TreeMap<Long, ModelRow> next = new TreeMap<>(rows);
            List<Change> changes = new ArrayList<>();
            if (random.nextInt(40) == 0) {
                changes.add(new Change.Truncate(STORAGE));
                next.clear();
            }
            List<Long> ids = new ArrayList<>();
            for (long id = 0; id < KEYS; id++) {
                ids.add(id);
            }
            Collections.shuffle(ids, random);
            for (long id : ids.subList(0, random.nextInt(5))) {
                boolean truncated =
                        !changes.isEmpty() && changes.getFirst() instanceof Change.Truncate;
                if (next.containsKey(id) && !truncated && random.nextInt(3) == 0) {
                    changes.add(delete(id));
                    next.remove(id);
                } else {
                    // Unique by its offset, often NULL, so that no precondition is needed.
                    Long u = random.nextBoolean() ? null : offset * 1000 + id;
                    Long g = random.nextInt(5) == 0 ? null : (long) random.nextInt(4);
                    changes.add(put(id, u, g));
                    next.put(id, new ModelRow(id + "," + u + "," + g, offset));
                }
            }
            boolean refused = random.nextInt(10) == 0;
            List<Precondition> preconditions =
                    refused
                            ? List.of(new Precondition.RowVersion(STORAGE, key(KEYS + 1), 5))
                            : List.of();
            log.add(entry(preconditions, changes.toArray(Change[]::new)));
            if (!refused) {
                rows = next;
            }
            model.add(new TreeMap<>(rows));
        }
    }

    private LocalReplica open(String name) {
        return new LocalReplica(directory.resolve(name), ReplicaSettings.small(), () -> 1000);
    }

    @Test
    void every_offset_reads_as_the_model_says() {
        try (LocalReplica replica = open("a")) {
            for (LogRecord record : log) {
                replica.append(List.of(record));
            }
            checkAll(replica);
        }
        try (LocalReplica reopened = open("a")) {
            checkAll(reopened);
        }
    }

    @Test
    void what_is_behind_the_horizon_reads_as_before_and_the_rest_is_refused() {
        AtomicLong hours = new AtomicLong();
        long horizon = -1;
        long dropped = 0;
        try (LocalReplica replica =
                new LocalReplica(
                        directory.resolve("vacuum"),
                        ReplicaSettings.small(),
                        () -> hours.getAndIncrement() * 3_600_000)) {
            for (LogRecord record : log) {
                long offset = replica.append(List.of(record));
                if (random.nextInt(8) == 0) {
                    horizon = Math.max(horizon, offset - random.nextInt(ENTRIES / 3));
                    dropped += replica.vacuum(STORAGE, horizon, () -> {});
                    checkFrom(replica, Math.max(0, horizon), offset);
                }
            }
            horizon = Math.max(horizon, ENTRIES - 10);
            dropped += replica.vacuum(STORAGE, horizon, () -> {});
            assertThat(dropped).as("seed %s", seed).isPositive();
            assertThat(replica.vacuum(STORAGE, horizon, () -> {})).isZero();
            checkFrom(replica, horizon, ENTRIES - 1);
        }
        try (LocalReplica reopened = open("vacuum")) {
            checkFrom(reopened, horizon, ENTRIES - 1);
            long before = horizon - 1;
            try (ReadView view = reopened.asOf(before)) {
                assertThat(view.catalog().findTable(TABLE)).isNotNull();
                assertThatThrownBy(() -> view.get(STORAGE, key(1)))
                        .isInstanceOf(SqlException.class)
                        .hasMessageContaining("past the horizon");
                assertThatThrownBy(() -> view.scan(STORAGE, KeyRange.ALL, false))
                        .isInstanceOf(SqlException.class);
            }
            try (ReadView view = reopened.latest()) {
                assertThatThrownBy(() -> view.versions(STORAGE, KeyRange.ALL, before, ENTRIES))
                        .isInstanceOf(SqlException.class);
            }
            // With everything at the horizon, nothing but marks of updates is left.
            reopened.vacuum(STORAGE, ENTRIES - 1, () -> {});
            checkFrom(reopened, ENTRIES - 1, ENTRIES - 1);
        }
    }

    @Test
    void a_view_that_is_open_keeps_what_a_vacuum_drops() {
        try (LocalReplica replica = open("pin")) {
            replica.append(log);
            try (ReadView past = replica.asOf(ENTRIES / 2);
                    RowCursor half = past.scan(STORAGE, KeyRange.ALL, false)) {
                replica.vacuum(STORAGE, ENTRIES - 1, () -> {});
                checkView(past, model.get(ENTRIES / 2));
                int rows = 0;
                while (half.next()) {
                    rows++;
                }
                assertThat(rows).isEqualTo(model.get(ENTRIES / 2).size());
            }
        }
    }

    private void checkFrom(LocalReplica replica, long horizon, long last) {
        for (long offset = horizon; offset <= last; offset++) {
            try (ReadView view = replica.asOf(offset)) {
                checkView(view, model.get((int) offset));
            }
        }
        try (ReadView view = replica.latest()) {
            checkIndexes(view, model.get((int) last));
            checkVersions(view, horizon, ENTRIES, last);
        }
    }

    private void checkAll(LocalReplica replica) {
        for (int offset = 0; offset < log.size(); offset++) {
            try (ReadView view = replica.asOf(offset)) {
                checkView(view, model.get(offset));
            }
        }
        try (ReadView view = replica.asOf(-1)) {
            checkView(view, new TreeMap<>());
        }
        try (ReadView view = replica.latest()) {
            checkIndexes(view, model.getLast());
            for (int i = 0; i < 60; i++) {
                long from = random.nextLong(ENTRIES + 5) - 2;
                checkVersions(view, from, from + random.nextInt(ENTRIES / 2), ENTRIES - 1);
            }
        }
        try (ReadView view = replica.asOf(ENTRIES / 2)) {
            checkVersions(view, 0, ENTRIES, ENTRIES / 2);
            checkVersions(view, 10, 20, ENTRIES / 2);
        }
    }

    private void checkView(ReadView view, TreeMap<Long, ModelRow> rows) {
        String what = "seed " + seed + ", offset " + view.offset();
        for (long id = 0; id < KEYS; id++) {
            StoredRow row = view.get(STORAGE, key(id));
            ModelRow expected = rows.get(id);
            assertThat(row == null ? null : new ModelRow(text(row.row()), row.offset()))
                    .as(what)
                    .isEqualTo(expected);
        }
        checkScan(what, view, KeyRange.ALL, rows);
        long from = random.nextInt(KEYS);
        long to = from + random.nextInt(KEYS);
        TreeMap<Long, ModelRow> part = new TreeMap<>(rows.subMap(from, to));
        checkScan(what, view, new KeyRange(key(from), key(to)), part);
        if (rows.containsKey(to)) {
            part.put(to, rows.get(to));
        }
        // An end that a key of the table is a prefix of.
        Bytes afterTo = Bytes.wrap(Arrays.copyOf(key(to).array(), key(to).length() + 1));
        checkScan(what, view, new KeyRange(key(from), afterTo), part);
        part.headMap(from, true).clear();
        Bytes afterFrom = Bytes.wrap(Arrays.copyOf(key(from).array(), key(from).length() + 1));
        if (from < to) {
            checkScan(what, view, new KeyRange(afterFrom, afterTo), part);
        }
    }

    private static void checkScan(
            String what, ReadView view, KeyRange range, TreeMap<Long, ModelRow> expected) {
        for (boolean reverse : new boolean[] {false, true}) {
            List<ModelRow> found = new ArrayList<>();
            try (RowCursor cursor = view.scan(STORAGE, range, reverse)) {
                while (cursor.next()) {
                    found.add(new ModelRow(text(cursor.row()), cursor.offset()));
                    long id = Long.parseLong(text(cursor.row()).split(",")[0]);
                    assertThat(cursor.key()).isEqualTo(key(id).array());
                }
                assertThat(cursor.next()).isFalse();
            }
            assertThat(found)
                    .as(what + (reverse ? " reverse" : ""))
                    .containsExactlyElementsOf(
                            (reverse ? expected.descendingMap() : expected).values());
        }
    }

    private void checkIndexes(ReadView view, TreeMap<Long, ModelRow> rows) {
        for (int index : new int[] {UNIQUE, GROUP}) {
            List<String> forwards = byIndex(view, index, false);
            assertThat(forwards)
                    .as("seed %s", seed)
                    .containsExactlyInAnyOrderElementsOf(
                            rows.values().stream().map(ModelRow::text).toList());
            assertThat(byIndex(view, index, true)).containsExactlyElementsOf(forwards.reversed());
        }
    }

    private void checkVersions(ReadView view, long from, long to, long last) {
        List<String> expected = new ArrayList<>();
        for (long id = 0; id < KEYS; id++) {
            ModelRow before = null;
            for (int offset = 0; offset <= last; offset++) {
                ModelRow row = model.get(offset).get(id);
                if (row != null && row.offset() == offset) {
                    long end = VersionCursor.LIVE;
                    boolean deleted = false;
                    for (int later = offset + 1; later <= last; later++) {
                        if (!row.equals(model.get(later).get(id))) {
                            end = later;
                            deleted = model.get(later).get(id) == null;
                            break;
                        }
                    }
                    if (offset <= to && end > from) {
                        expected.add(version(row.text(), offset, end, before == null, deleted));
                    }
                }
                before = row;
            }
        }
        List<String> found = new ArrayList<>();
        try (VersionCursor cursor = view.versions(STORAGE, KeyRange.ALL, from, to)) {
            while (cursor.next()) {
                found.add(
                        version(
                                text(cursor.row()),
                                cursor.offsetFrom(),
                                cursor.offsetTo(),
                                cursor.isInsert(),
                                cursor.endsDeleted()));
            }
        }
        assertThat(found)
                .as("seed %s, versions in [%s, %s] at %s", seed, from, to, last)
                .containsExactlyElementsOf(expected);
    }

    private static String version(String row, long from, long to, boolean insert, boolean deleted) {
        return row + " " + from + ".." + to + (insert ? " insert" : "") + (deleted ? " end" : "");
    }

    @Test
    void any_batching_and_any_restart_come_to_the_same_state() {
        List<String> hashes = new ArrayList<>();
        try (LocalReplica oneByOne = open("one")) {
            for (LogRecord record : log) {
                oneByOne.append(List.of(record));
            }
            hashes.add(oneByOne.stateHash());
            for (int offset : new int[] {7, ENTRIES / 2}) {
                try (ReadView past = oneByOne.asOf(offset);
                        LocalReplica prefix = open("prefix" + offset)) {
                    prefix.append(log.subList(0, offset + 1));
                    assertThat(StateHash.of(past)).isEqualTo(prefix.stateHash());
                }
            }
        }
        try (LocalReplica allAtOnce = open("all")) {
            allAtOnce.append(log);
            checkAll(allAtOnce);
            hashes.add(allAtOnce.stateHash());
        }
        for (int split : new int[] {1, 2, ENTRIES / 3, ENTRIES - 1}) {
            try (LocalReplica first = open("split" + split)) {
                first.append(log.subList(0, split));
            }
            try (LocalReplica second = open("split" + split)) {
                assertThat(second.appliedOffset()).isEqualTo(split - 1);
                second.append(log.subList(split, log.size()));
                checkIndexes(second);
                hashes.add(second.stateHash());
            }
        }
        assertThat(hashes).as("seed %s", seed).containsOnly(hashes.getFirst());
    }

    private void checkIndexes(LocalReplica replica) {
        try (ReadView view = replica.latest()) {
            checkIndexes(view, model.getLast());
        }
    }

    @Test
    void after_a_crash_the_state_is_an_earlier_one_and_the_log_brings_it_up() throws IOException {
        String expected;
        try (LocalReplica replica = open("live")) {
            replica.append(log.subList(0, ENTRIES / 2));
            replica.state.flush();
            replica.append(log.subList(ENTRIES / 2, ENTRIES));
            copy(directory.resolve("live"), directory.resolve("crashed"));
            expected = replica.stateHash();
        }
        try (LocalReplica crashed = open("crashed")) {
            int applied = (int) crashed.appliedOffset();
            assertThat(applied).isEqualTo(ENTRIES / 2 - 1);
            assertThat(crashed.state.lastTransactionId()).isEqualTo(log.get(applied).id());
            crashed.append(log.subList(applied + 1, ENTRIES));
            assertThat(crashed.stateHash()).isEqualTo(expected);
            checkAll(crashed);
        }
    }

    /** What a crash would leave. A compaction may remove a file meanwhile: then all over again. */
    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (boolean whole = false; !whole; ) {
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.toList()) {
                    if (!file.getFileName().toString().equals("LOCK")) {
                        Files.copy(
                                file,
                                to.resolve(file.getFileName()),
                                StandardCopyOption.REPLACE_EXISTING);
                    }
                }
                whole = true;
            } catch (NoSuchFileException e) {
                // The next copy has the newer set of files; what it no longer names is ignored.
            }
        }
    }

    @Test
    void records_that_come_again_change_nothing() {
        try (LocalReplica replica = open("twice")) {
            replica.append(log);
            String once = replica.stateHash();
            for (int offset = 0; offset < log.size(); offset++) {
                replica.processor.process(offset, 5, LogCodec.encode(log.get(offset)));
            }
            replica.processor.endBatch();
            assertThat(replica.stateHash()).isEqualTo(once);
            checkIndexes(replica);
        }
    }
}
