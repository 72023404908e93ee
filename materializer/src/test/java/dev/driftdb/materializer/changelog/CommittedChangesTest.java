package dev.driftdb.materializer.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommittedChangesTest {
    private static final int HEAP = 16400;
    private static final int HEAP_STORAGE = 16401;
    private static final int ENTRIES = 400;
    private static final long IDS = 8;

    @TempDir Path directory;
    private LocalReplica replica;

    /** The rows of both tables as a map says them. */
    private final Map<Bytes, byte[]> rows = new HashMap<>();

    private final List<Bytes> appended = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();
    private boolean published = true;

    @BeforeEach
    void open() {
        replica = new LocalReplica(directory, ReplicaSettings.small(), () -> 1_700_000_000_000L);
        TableDef heap =
                new TableDef(
                        HEAP,
                        Tables.T.schemaId(),
                        "heap",
                        Tables.T.ownerId(),
                        HEAP_STORAGE,
                        Tables.COLUMNS,
                        List.of(),
                        List.of(),
                        Map.of());
        replica.append(List.of(Tables.entry(Tables.define(table(true)), Tables.define(heap))));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void rows_before_each_entry_are_right_however_entries_fall_into_polls() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<TransactionEntry> entries = new ArrayList<>();
        List<LogRecord> batch = new ArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            TransactionEntry entry = random(1 + i, random);
            entries.add(entry);
            batch.add(entry);
            if (random.nextInt(5) == 0 || i == ENTRIES - 1) {
                replica.append(batch);
                batch.clear();
            }
        }
        for (int pollSize : new int[] {1, 2, 7, 50, ENTRIES}) {
            for (long bytesMax : new long[] {0, 700, 5_000, RowsBefore.BYTES_MAX}) {
                assertThat(PublishedText.of(replica, 1, entries, pollSize, bytesMax))
                        .as("seed %d, polls of %d, %d bytes", seed, pollSize, bytesMax)
                        .isEqualTo(expected);
            }
        }
    }

    private TransactionEntry random(long offset, Random random) {
        if (random.nextInt(20) == 0) {
            return Tables.entry(
                    List.of(new Precondition.KeyExists(Tables.STORAGE, false, Tables.key(IDS))),
                    Tables.put(1, 1L, 1L));
        } else if (random.nextInt(20) == 0) {
            published = !published;
            return Tables.entry(Tables.define(table(published)));
        }
        List<Change> changes = new ArrayList<>();
        if (random.nextInt(15) == 0) {
            changes.add(new Change.Truncate(Tables.STORAGE));
            expect(true, "t");
            rows.keySet().removeIf(key -> key.length() == Tables.key(0).length());
        }
        Set<Long> ids = new LinkedHashSet<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            ids.add(random.nextLong(IDS));
        }
        for (long id : ids) {
            String key = "key={\"id\": " + id + "}";
            changes.add(
                    random.nextInt(3) == 0
                            ? delete(Tables.STORAGE, Tables.key(id), key)
                            : put(Tables.STORAGE, Tables.key(id), key, row(id, random)));
        }
        if (random.nextBoolean()) {
            Bytes row = row(100, random);
            Bytes key = KeyCodec.rowId(offset, 3);
            changes.add(new Change.Append(HEAP_STORAGE, 3, row));
            rows.put(key, row.array());
            expect(false, "c " + heapKey(key) + " null -> " + PublishedText.row(row.array()));
            appended.add(key);
        } else if (!appended.isEmpty()) {
            Bytes key = appended.get(random.nextInt(appended.size()));
            changes.add(
                    random.nextInt(3) == 0
                            ? delete(HEAP_STORAGE, key, heapKey(key))
                            : put(HEAP_STORAGE, key, heapKey(key), row(200, random)));
        }
        return Tables.entry(changes.toArray(Change[]::new));
    }

    private Change put(int storageId, Bytes key, String keyText, Bytes row) {
        byte[] old = rows.put(key, row.array());
        expect(
                storageId == Tables.STORAGE,
                (old == null ? "c " : "u ")
                        + keyText
                        + " "
                        + PublishedText.row(old)
                        + " -> "
                        + PublishedText.row(row.array()));
        return new Change.Put(storageId, Change.Kind.INSERT, key, row);
    }

    private Change delete(int storageId, Bytes key, String keyText) {
        byte @Nullable [] old = rows.remove(key);
        if (old != null) {
            expect(
                    storageId == Tables.STORAGE,
                    "d " + keyText + " " + PublishedText.row(old) + " -> null");
        }
        return new Change.Delete(storageId, key);
    }

    private void expect(boolean ofT, String text) {
        if (published || !ofT) {
            expected.add(text);
        }
    }

    private static String heapKey(Bytes key) {
        ByteBuffer rowId = ByteBuffer.wrap(key.array());
        return "key={\"row_offset\": "
                + rowId.getLong()
                + ", \"row_ordinal\": "
                + rowId.getInt()
                + "}";
    }

    private static Bytes row(long id, Random random) {
        return Tables.row(id, random.nextLong(1_000_000_000), random.nextLong(5));
    }

    private static TableDef table(boolean published) {
        TableDef t = Tables.T;
        return t.withOptions(published ? Map.of() : Map.of("changelog", "off"));
    }
}
