package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.type.Bytes;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rows of published tables as they were before each entry. One view of the past serves many
 * entries: what the entries since then changed is remembered here, up to a limit. Owned by the
 * publisher's thread.
 */
final class RowsBefore implements AutoCloseable {
    /** Remembered rows, with {@link #OVERHEAD_BYTES} for each, before a newer view is taken. */
    static final long BYTES_MAX = 4 << 20;

    /** Roughly what a map node and two keys take. */
    private static final int OVERHEAD_BYTES = 128;

    /** Stands for a row that is not there: no row is empty. */
    private static final byte[] GONE = new byte[0];

    private record Key(int storageId, Bytes key) {}

    private final LongFunction<ReadView> views;
    private final long bytesMax;
    private final Map<Key, byte[]> changed = new HashMap<>();
    private long bytes;
    private @Nullable ReadView base;

    /**
     * @param views gives the view of the state after the entry at an offset, -1 before the first
     */
    RowsBefore(LongFunction<ReadView> views, long bytesMax) {
        this.views = views;
        this.bytesMax = bytesMax;
    }

    /** The next reads are for the entry at this offset. */
    void beginEntry(long offset) {
        if (bytes > bytesMax) {
            close();
        }
        if (base == null) {
            base = views.apply(offset - 1);
        }
    }

    /** The row before the entry, null if there was none. A key that the entry has not changed. */
    byte @Nullable [] get(int storageId, Bytes key) {
        byte[] row = changed.get(new Key(storageId, key));
        if (row != null) {
            return row.length == 0 ? null : row;
        }
        ReadView view = base;
        if (view == null) {
            throw new IllegalStateException("no entry has begun");
        }
        StoredRow stored = view.get(storageId, key);
        return stored == null ? null : stored.row();
    }

    /** The entry puts a row, or (null) removes it. */
    void set(int storageId, Bytes key, byte @Nullable [] row) {
        // What does not fit is forgotten, and with it everything else before the next entry.
        if (bytes <= bytesMax) {
            changed.put(new Key(storageId, key), row == null ? GONE : row);
            bytes += OVERHEAD_BYTES + key.length() + (row == null ? 0 : row.length);
        }
    }

    /** Forgets: the next entry takes a view of its own. */
    @Override
    public void close() {
        changed.clear();
        bytes = 0;
        ReadView view = base;
        base = null;
        if (view != null) {
            view.close();
        }
    }
}
