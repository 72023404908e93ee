package dev.driftdb.materializer.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/** Chunks whose server died before it could append their entry. */
class DeadChunksTest {
    private static final UUID DEAD = new UUID(1, 1);
    private static final UUID ALIVE = new UUID(2, 2);
    private static final int CHUNKS = 3;
    private static final byte[] CHUNK = {1, 2, 3};

    /** The last offset at which an entry may still use the dead transaction's first chunk. */
    private static final long LAST = ChunkStore.CHUNK_AGE_OFFSETS_MAX;

    @TempDir Path directory;
    private RocksFiles files;
    private final BatchBytes batch = new BatchBytes();
    private ChunkStore chunks;

    @BeforeEach
    void open() throws RocksDBException {
        files = new RocksFiles(directory, ReplicaSettings.small());
        chunks = new ChunkStore(files, batch);
        for (int number = 0; number < CHUNKS; number++) {
            chunks.put(DEAD, number, number, CHUNK);
        }
        write();
    }

    @AfterEach
    void close() {
        files.close(Duration.ofSeconds(1));
    }

    private void write() throws RocksDBException {
        try (WriteBatch written = batch.toWriteBatch()) {
            files.write(written);
        }
        batch.clear();
        chunks.written();
    }

    private int stored() {
        int count = 0;
        try (RocksIterator all = files.db.newIterator(files.chunks)) {
            for (all.seekToFirst(); all.isValid(); all.next()) {
                count++;
            }
        }
        return count;
    }

    @Test
    void no_entry_may_use_them_once_they_are_too_old_whether_they_are_still_there_or_not() {
        assertThat(chunks.has(DEAD, CHUNKS, LAST)).isTrue();
        assertThat(chunks.has(DEAD, CHUNKS, LAST + 1)).isFalse();
        assertThat(stored()).isEqualTo(CHUNKS);
    }

    @Test
    void they_are_removed_when_they_are_too_old_and_others_stay() throws RocksDBException {
        chunks.put(ALIVE, 0, LAST, CHUNK);
        write();
        chunks.dropOld(LAST);
        write();
        assertThat(stored()).isEqualTo(CHUNKS + 1);
        chunks.dropOld(2 * LAST);
        write();
        assertThat(stored()).isEqualTo(1);
        assertThat(chunks.has(ALIVE, 1, 2 * LAST)).isTrue();
    }
}
