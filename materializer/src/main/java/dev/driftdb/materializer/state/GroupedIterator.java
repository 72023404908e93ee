package dev.driftdb.materializer.state;

import dev.driftdb.schemas.type.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;

/**
 * Walks keys of the form id | part | suffix whose parts lie in a range: history (suffix: offset)
 * and index (suffix: row key, or none).
 *
 * <p>No part is a prefix of another, so the order of whole keys is the order of parts. But a part
 * that is a prefix of the range's end sorts, with its suffix, above that end: hence the comparisons
 * on parts here instead of a bound in RocksDB.
 */
abstract class GroupedIterator implements AutoCloseable {
    final BoundedIterator iterator;
    private final int id;
    private final KeyRange range;
    private byte @Nullable [] key;
    private byte[] part = Bytes.EMPTY.array();

    GroupedIterator(
            RocksFiles files,
            @Nullable PublishedState state,
            ColumnFamilyHandle family,
            int id,
            KeyRange range) {
        this(
                new BoundedIterator(
                        files,
                        state,
                        family,
                        Layout.lower(id, range),
                        Layout.afterLast(id),
                        range.equals(KeyRange.ALL)),
                id,
                range);
    }

    /**
     * @param iterator over the keys of the id, or those at or above the range's start
     */
    GroupedIterator(BoundedIterator iterator, int id, KeyRange range) {
        this.iterator = iterator;
        this.id = id;
        this.range = range;
    }

    /** How long the part is in the key that the iterator stands on. */
    abstract int partLength(byte[] key);

    /** To the lowest key of the range, or the highest. */
    boolean start(boolean reverse) {
        if (!reverse) {
            boolean found = read(iterator.seek(Layout.lower(id, range)));
            // The range's start may lie between a part and its suffix.
            while (found && Arrays.compareUnsigned(part, range.from().array()) < 0) {
                found = read(iterator.next());
            }
            return found && inside();
        }
        if (range.to().length() == 0) {
            return read(iterator.last()) && inside();
        }
        byte[] end = Layout.key(id, range.to().array());
        if (read(iterator.seek(end)) && belowEnd()) {
            byte[] last = part;
            boolean more;
            do {
                more = read(iterator.next());
            } while (more && Arrays.equals(part, last));
            return read(more ? iterator.prev() : iterator.last()) && inside();
        }
        return read(iterator.seekForPrev(end)) && inside();
    }

    boolean next() {
        return read(iterator.next()) && inside();
    }

    boolean prev() {
        return read(iterator.prev()) && inside();
    }

    boolean seek(byte[] target) {
        return read(iterator.seek(target)) && inside();
    }

    boolean seekForPrev(byte[] target) {
        return read(iterator.seekForPrev(target)) && inside();
    }

    private boolean read(boolean valid) {
        if (!valid) {
            key = null;
            return false;
        }
        byte[] found = iterator.key();
        key = found;
        part = Arrays.copyOfRange(found, Layout.ID_BYTES, Layout.ID_BYTES + partLength(found));
        return true;
    }

    private boolean inside() {
        if (belowEnd() && Arrays.compareUnsigned(part, range.from().array()) >= 0) {
            return true;
        }
        key = null;
        return false;
    }

    private boolean belowEnd() {
        return range.to().length() == 0 || Arrays.compareUnsigned(part, range.to().array()) < 0;
    }

    /** Whether it stands on a key of the range. */
    boolean valid() {
        return key != null;
    }

    /** The whole key it stands on. */
    byte[] key() {
        byte[] found = key;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on nothing");
        }
        return found;
    }

    byte[] part() {
        return part;
    }

    byte[] value() {
        return iterator.value();
    }

    /** Stands on nothing from now on; the iterator is somebody else's. */
    void leave() {
        key = null;
    }

    @Override
    public void close() {
        leave();
        iterator.close();
    }

    /** Versions in history: newest first under each key. */
    static final class History extends GroupedIterator {
        /** Versions stepped over one by one before a seek is cheaper. */
        private static final int STEPS_BEFORE_SEEK = 16;

        /** Where the last time showed that a seek comes anyway. */
        private static final int STEPS_WHEN_MANY = 1;

        /** So many times; then it is tried again. */
        private static final int MANY_TIMES = 64;

        private final int storageId;
        private int manyToVersion;
        private int manyToSkip;

        History(RocksFiles files, @Nullable PublishedState state, int storageId, KeyRange range) {
            super(files, state, files.history, storageId, range);
            this.storageId = storageId;
        }

        @Override
        int partLength(byte[] key) {
            return key.length - Layout.ID_BYTES - Layout.OFFSET_BYTES;
        }

        long offset() {
            return Layout.historyOffset(key());
        }

        /** To the newest version of this key at or before an offset; false if there is none. */
        boolean toVersion(byte[] rowKey, long offset) {
            int steps = manyToVersion > 0 ? STEPS_WHEN_MANY : STEPS_BEFORE_SEEK;
            for (int step = 0; step < steps; step++) {
                if (!valid() || !Arrays.equals(part(), rowKey)) {
                    return false;
                }
                if (offset() <= offset) {
                    return true;
                }
                next();
            }
            manyToVersion = manyToVersion > 0 ? manyToVersion - 1 : MANY_TIMES;
            return seekVersion(rowKey, offset);
        }

        /** The same, wherever it stands. */
        boolean seekVersion(byte[] rowKey, long offset) {
            // Nothing was before offset 0, and -1 would sort above all versions.
            return offset >= 0
                    && seek(Layout.historyKey(storageId, rowKey, offset))
                    && Arrays.equals(part(), rowKey);
        }

        /** Past all versions of a key, whether or not it stands on one of them. */
        void skip(byte[] rowKey) {
            int steps = manyToSkip > 0 ? STEPS_WHEN_MANY : STEPS_BEFORE_SEEK;
            for (int step = 0; step < steps; step++) {
                if (!valid() || !Arrays.equals(part(), rowKey)) {
                    return;
                }
                next();
            }
            manyToSkip = manyToSkip > 0 ? manyToSkip - 1 : MANY_TIMES;
            // Offset 0 is the greatest suffix of a real version, so this is its own or beyond.
            if (seek(Layout.historyKey(storageId, rowKey, 0)) && Arrays.equals(part(), rowKey)) {
                next();
            }
        }

        /** Before all versions of a key, for walking downwards. */
        void skipBackwards(byte[] rowKey) {
            seekForPrev(Layout.key(storageId, rowKey));
        }
    }

    /** Entries of one index. */
    static final class Entries extends GroupedIterator {
        private byte[] value = Bytes.EMPTY.array();

        Entries(RocksFiles files, @Nullable PublishedState state, int indexId, KeyRange range) {
            super(files, state, files.index, indexId, range);
        }

        Entries(BoundedIterator iterator, int indexId, KeyRange range) {
            super(iterator, indexId, range);
        }

        @Override
        int partLength(byte[] key) {
            value = iterator.value();
            return Layout.entryColumnsLength(key, value);
        }

        @Override
        byte[] value() {
            return value;
        }
    }
}
