package dev.driftdb.materializer.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.TableProperties;
import org.rocksdb.WriteBatch;

class DeadEntryCompactionTest {
    private static final int STORAGE = 7;
    private static final int ROWS = 1_000;
    private static final int VERSIONS = 20;

    @TempDir Path directory;
    private RocksFiles files;
    private DeadEntryCompaction compaction;

    @BeforeEach
    void open() {
        files = new RocksFiles(directory, ReplicaSettings.small());
        compaction = new DeadEntryCompaction(files, new Erasure(files, () -> {}));
    }

    @AfterEach
    void close() {
        compaction.close();
        files.close(Duration.ofSeconds(1));
    }

    @Test
    void overwritten_rows_are_gone_from_memory_and_files_soon_after_the_last_write()
            throws RocksDBException {
        for (int version = 0; version < VERSIONS; version++) {
            putAll(version);
        }
        assertThat(entriesInMemory()).isEqualTo((long) ROWS * VERSIONS);

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    assertThat(entriesInMemory()).isZero();
                    assertThat(entriesInFiles()).isEqualTo(ROWS);
                });
    }

    private void putAll(int version) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            for (int id = 0; id < ROWS; id++) {
                byte[] key = Layout.key(STORAGE, Layout.longBytes(id));
                byte[] value = ("version " + version).getBytes(StandardCharsets.US_ASCII);
                batch.put(files.current, key, value);
                if (version > 0) {
                    compaction.died(files.current, STORAGE, key.length + value.length);
                }
            }
            files.write(batch);
            compaction.written();
        }
    }

    private long entriesInMemory() throws RocksDBException {
        return files.db.getLongProperty(files.current, "rocksdb.num-entries-active-mem-table");
    }

    private long entriesInFiles() throws RocksDBException {
        return files.db.getPropertiesOfAllTables(files.current).values().stream()
                .mapToLong(TableProperties::getNumEntries)
                .sum();
    }
}
