package dev.driftdb.materializer.state;

import dev.driftdb.schemas.type.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows read lately by key, newest version only; least recently used ones go first. Safe for any
 * thread.
 *
 * <p>Its one danger is a reader that puts an old version in after the writer has replaced it. So
 * the writer announces the new offset first ({@link #beginWrite}) and only then touches the keys it
 * changed; a reader may put only while the announced offset is still its own, which is checked
 * under the same lock as the writer's touch. A cached row is right for every view whose offset is
 * not below the row's.
 */
final class RowCache {
    private static final int SEGMENT_BITS = 4;
    private static final int SEGMENTS = 1 << SEGMENT_BITS;

    /** Spreads hashes so that the rows of one segment still differ in the bits its map looks at. */
    private static final int SPREAD = 0x9E3779B9;

    /** Roughly what a map node, a key object and a row object take besides their bytes. */
    private static final int OVERHEAD_BYTES = 144;

    private final Segment[] segments = new Segment[SEGMENTS];
    private final boolean enabled;
    private volatile long writtenOffset;

    RowCache(long bytesMax, long offset) {
        enabled = bytesMax > 0;
        writtenOffset = offset;
        for (int i = 0; i < SEGMENTS; i++) {
            segments[i] = new Segment(bytesMax / SEGMENTS);
        }
    }

    /** The newest version of a row, null when it is not cached. */
    @Nullable StoredRow get(Bytes key) {
        if (!enabled) {
            return null;
        }
        Segment segment = segment(key);
        synchronized (segment) {
            return segment.rows.get(key);
        }
    }

    /** A reader's row, read from the state at an offset. */
    void offer(Bytes key, StoredRow row, long viewOffset) {
        if (!enabled || writtenOffset != viewOffset) {
            return;
        }
        Segment segment = segment(key);
        synchronized (segment) {
            if (writtenOffset == viewOffset) {
                segment.put(key, row);
            }
        }
    }

    void beginWrite(long offset) {
        writtenOffset = offset;
    }

    /** What takes the keys that a batch has changed, after {@link #beginWrite}. */
    Writing writing() {
        return new Writing();
    }

    /** The keys that one batch has changed. */
    final class Writing {
        /** A bit for each segment that had rows; the others can get none that are too old. */
        private int filled;

        private Writing() {
            for (int i = 0; enabled && i < SEGMENTS; i++) {
                synchronized (segments[i]) {
                    filled |= segments[i].rows.isEmpty() ? 0 : 1 << i;
                }
            }
        }

        boolean isNeeded() {
            return filled != 0;
        }

        /** A key has changed: a cached row is replaced, or dropped when the row is gone. */
        void written(Bytes key, @Nullable StoredRow row) {
            int number = number(key);
            if ((filled & 1 << number) == 0) {
                return;
            }
            Segment segment = segments[number];
            synchronized (segment) {
                if (segment.remove(key) && row != null) {
                    segment.put(key, row);
                }
            }
        }
    }

    private Segment segment(Bytes key) {
        return segments[number(key)];
    }

    private static int number(Bytes key) {
        return (key.hashCode() * SPREAD) >>> (Integer.SIZE - SEGMENT_BITS);
    }

    private static final class Segment {
        private final long bytesMax;
        private long bytes;

        private final LinkedHashMap<Bytes, StoredRow> rows = new LinkedHashMap<>(16, 0.75f, true);

        Segment(long bytesMax) {
            this.bytesMax = bytesMax;
        }

        void put(Bytes key, StoredRow row) {
            remove(key);
            rows.put(key, row);
            bytes += size(key, row);
            while (bytes > bytesMax) {
                Map.Entry<Bytes, StoredRow> eldest = rows.pollFirstEntry();
                if (eldest == null) {
                    break;
                }
                bytes -= size(eldest.getKey(), eldest.getValue());
            }
        }

        boolean remove(Bytes key) {
            StoredRow old = rows.remove(key);
            if (old == null) {
                return false;
            }
            bytes -= size(key, old);
            return true;
        }

        private static long size(Bytes key, StoredRow row) {
            return (long) OVERHEAD_BYTES + key.length() + row.row().length;
        }
    }
}
