package dev.driftdb.materializer.state;

import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.type.Bytes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

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

    private static final int REMOVED = -1;

    private final RocksFiles files;
    private final BatchBytes batch;
    private final int family;

    /** Where in the batch a chunk lies, or {@link #REMOVED}. */
    private final Map<Bytes, Integer> pending = new HashMap<>();

    private long lastSweep = -1;

    ChunkStore(RocksFiles files, BatchBytes batch) {
        this.files = files;
        this.batch = batch;
        this.family = files.chunks.getID();
    }

    void put(UUID id, int number, long offset, byte[] chunk) {
        byte[] key = Layout.chunkKey(id, number);
        int place = batch.put(family, key.length);
        batch.raw(key);
        batch.value(Layout.OFFSET_BYTES + chunk.length);
        batch.int64(offset);
        batch.raw(chunk);
        pending.put(Bytes.wrap(key), place);
    }

    void remove(UUID id, int count) {
        for (int number = 0; number < count; number++) {
            byte[] key = Layout.chunkKey(id, number);
            batch.delete(family, key);
            pending.put(Bytes.wrap(key), REMOVED);
        }
    }

    boolean has(UUID id, int count, long entryOffset) {
        byte[] offset = new byte[Layout.OFFSET_BYTES];
        for (int number = 0; number < count; number++) {
            byte[] key = Layout.chunkKey(id, number);
            Integer place = pending.get(Bytes.wrap(key));
            boolean there;
            if (place == null) {
                there = files.getStart(files.chunks, key, offset);
            } else {
                there = place != REMOVED;
                if (there) {
                    offset = batch.value(key, place);
                }
            }
            if (!there || entryOffset - Layout.longAt(offset, 0) > CHUNK_AGE_OFFSETS_MAX) {
                return false;
            }
        }
        return true;
    }

    LogRecord.Chunk read(UUID id, int number) {
        byte[] key = Layout.chunkKey(id, number);
        Integer place = pending.get(Bytes.wrap(key));
        byte[] value = null;
        if (place == null) {
            value = files.get(files.chunks, key);
        } else if (place != REMOVED) {
            value = batch.value(key, place);
        }
        if (value == null
                || !(LogCodec.decode(Arrays.copyOfRange(value, Layout.OFFSET_BYTES, value.length))
                        instanceof LogRecord.Chunk chunk)) {
            throw new IllegalStateException("no chunk under chunk " + number + " of " + id);
        }
        return chunk;
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
                    batch.delete(family, key);
                }
            }
        }
    }

    void written() {
        pending.clear();
    }
}
