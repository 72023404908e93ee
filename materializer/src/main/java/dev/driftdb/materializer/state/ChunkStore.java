package dev.driftdb.materializer.state;

import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Chunks that wait for their entry: int128 transaction id | int32 number -> int64 offset | the
 * chunk's bytes.
 *
 * <p>Whether a chunk is too old is decided by its offset alone, so that all replicas decide alike;
 * when it is really removed does not matter.
 */
final class ChunkStore {
    /** A transaction whose entry comes later than this after a chunk of it has no effect. */
    static final long CHUNK_AGE_OFFSETS_MAX = 1_000_000;

    /** How many offsets apart old chunks are looked for. */
    private static final long SWEEP_OFFSETS = 65_536;

    private final RocksFiles files;
    private final WriteBatch batch;
    private final Map<Bytes, byte @Nullable []> pending = new HashMap<>();
    private long lastSweep = -1;

    ChunkStore(RocksFiles files, WriteBatch batch) {
        this.files = files;
        this.batch = batch;
    }

    void put(UUID id, int number, long offset, byte[] chunk) {
        byte[] key = Layout.chunkKey(id, number);
        byte[] value = Layout.currentValue(offset, chunk);
        try {
            batch.put(files.chunks, key, value);
        } catch (RocksDBException e) {
            throw RocksFiles.failed("write the state", e);
        }
        pending.put(Bytes.wrap(key), value);
    }

    void remove(UUID id, int count) {
        for (int number = 0; number < count; number++) {
            byte[] key = Layout.chunkKey(id, number);
            delete(key);
            pending.put(Bytes.wrap(key), null);
        }
    }

    private void delete(byte[] key) {
        try {
            batch.delete(files.chunks, key);
        } catch (RocksDBException e) {
            throw RocksFiles.failed("write the state", e);
        }
    }

    @Nullable List<LogRecord.Chunk> read(UUID id, int count, long entryOffset) {
        List<LogRecord.Chunk> chunks = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            byte[] key = Layout.chunkKey(id, number);
            Bytes whole = Bytes.wrap(key);
            byte[] value =
                    pending.containsKey(whole) ? pending.get(whole) : files.get(files.chunks, key);
            if (value == null || entryOffset - Layout.longAt(value, 0) > CHUNK_AGE_OFFSETS_MAX) {
                return null;
            }
            byte[] bytes = Arrays.copyOfRange(value, Layout.OFFSET_BYTES, value.length);
            if (!(LogCodec.decode(bytes) instanceof LogRecord.Chunk chunk)) {
                throw new IllegalStateException("no chunk under chunk " + number + " of " + id);
            }
            chunks.add(chunk);
        }
        return chunks;
    }

    /** Removes written chunks that no entry from this offset on may use. */
    void dropOld(long offset) {
        if (lastSweep >= 0 && offset - lastSweep < SWEEP_OFFSETS) {
            return;
        }
        lastSweep = offset;
        byte[] first = new byte[0];
        byte[] afterLast = new byte[Layout.chunkKey(new UUID(0, 0), 0).length + 1];
        Arrays.fill(afterLast, (byte) 0xff);
        try (BoundedIterator written =
                new BoundedIterator(files, null, files.chunks, first, afterLast, false)) {
            for (boolean found = written.first(); found; found = written.next()) {
                byte[] key = written.key();
                if (offset - Layout.longAt(written.value(), 0) > CHUNK_AGE_OFFSETS_MAX
                        && !pending.containsKey(Bytes.wrap(key))) {
                    delete(key);
                }
            }
        }
    }

    void written() {
        pending.clear();
    }
}
