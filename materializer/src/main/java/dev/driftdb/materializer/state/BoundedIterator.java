package dev.driftdb.materializer.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * A RocksDB iterator with bounds, held together with everything that must outlive it. An end that
 * is really a read error throws. After {@link #close} it is never valid.
 */
final class BoundedIterator implements AutoCloseable {
    /** Fetched ahead by scans of whole storages; RocksDB itself grows to 256 KiB for others. */
    static final long SCAN_READAHEAD_BYTES = 1 << 20;

    /** So many cost about what one seek does. */
    private static final int STEPS_MAX = 8;

    private static final int KEY_BUFFER_BYTES = 64;
    private static final int VALUE_BUFFER_BYTES = 512;

    private final @Nullable PublishedState state;
    private final StateDamage damage;
    private final @Nullable ReadOptions options;
    private final @Nullable Slice lower;
    private final @Nullable Slice upper;
    private final RocksIterator iterator;

    /** Where the iterator goes when it is not needed any longer; null if it is its own. */
    private final @Nullable HistoryIterators shared;

    private byte[] keyBuffer = new byte[KEY_BUFFER_BYTES];
    private byte[] valueBuffer = new byte[VALUE_BUFFER_BYTES];
    private boolean closed;

    /** By {@link #version}, which shares an iterator with nothing else. */
    private byte @Nullable [] askedFor;

    /**
     * @param state whose snapshot is read, and which is held until close; null for the newest state
     *     as its only writer may read it
     */
    BoundedIterator(
            RocksFiles files,
            @Nullable PublishedState state,
            ColumnFamilyHandle family,
            byte[] lowerBound,
            byte[] upperBound,
            boolean readAhead) {
        if (state != null && !state.acquire()) {
            throw new IllegalStateException("the view is closed");
        }
        this.state = state;
        damage = files.damage;
        shared = null;
        lower = new Slice(lowerBound);
        upper = new Slice(upperBound);
        options = new ReadOptions().setIterateLowerBound(lower).setIterateUpperBound(upper);
        if (state != null) {
            options.setSnapshot(state.snapshot);
        }
        if (readAhead) {
            options.setReadaheadSize(SCAN_READAHEAD_BYTES);
        }
        iterator = files.db.newIterator(family, options);
    }

    /**
     * Over the whole history, for seeking single keys: cheaper to have.
     *
     * @param state whose snapshot is read, and which is held until close
     */
    BoundedIterator(PublishedState state) {
        if (!state.acquire()) {
            throw new IllegalStateException("the view is closed");
        }
        this.state = state;
        damage = state.files.damage;
        lower = null;
        upper = null;
        options = null;
        shared = state.files.historyIterators;
        try {
            iterator = shared.take(state);
        } catch (RuntimeException e) {
            state.release();
            throw e;
        }
    }

    boolean valid() {
        if (closed) {
            return false;
        }
        if (iterator.isValid()) {
            return true;
        }
        try {
            iterator.status();
        } catch (RocksDBException e) {
            throw damage.failure("read the state", e);
        }
        return false;
    }

    boolean first() {
        if (!closed) {
            iterator.seekToFirst();
        }
        return valid();
    }

    boolean last() {
        if (!closed) {
            iterator.seekToLast();
        }
        return valid();
    }

    /** To the first key at or above. */
    boolean seek(byte[] key) {
        if (!closed) {
            iterator.seek(key);
        }
        return valid();
    }

    /** To the last key at or below. */
    boolean seekForPrev(byte[] key) {
        if (!closed) {
            iterator.seekForPrev(key);
        }
        return valid();
    }

    boolean next() {
        if (!closed) {
            iterator.next();
        }
        return valid();
    }

    boolean prev() {
        if (!closed) {
            iterator.prev();
        }
        return valid();
    }

    byte[] key() {
        requireOpen();
        return iterator.key();
    }

    /** The key after the id, in one copy. */
    byte[] keyWithoutId() {
        int length = readKey();
        return Arrays.copyOfRange(keyBuffer, Layout.ID_BYTES, length);
    }

    private int readKey() {
        requireOpen();
        int length = iterator.key(keyBuffer);
        if (length > keyBuffer.length) {
            keyBuffer = new byte[Math.max(length, 2 * keyBuffer.length)];
            iterator.key(keyBuffer);
        }
        return length;
    }

    byte[] value() {
        requireOpen();
        return iterator.value();
    }

    /**
     * In history: the newest version of a row at or before an offset; null if there is none or it
     * is a deletion.
     *
     * @param historyKey {@link Layout#historyKey} of the row and the offset
     */
    @Nullable StoredRow version(byte[] historyKey) {
        if (!stepTo(historyKey)) {
            return null;
        }
        int rowKeyEnd = historyKey.length - Layout.OFFSET_BYTES;
        if (readKey() != historyKey.length
                || !Arrays.equals(keyBuffer, 0, rowKeyEnd, historyKey, 0, rowKeyEnd)) {
            return null;
        }
        int length = readValue();
        return Layout.isDeletion(valueBuffer)
                ? null
                : new StoredRow(
                        ~Layout.longAt(keyBuffer, rowKeyEnd),
                        Arrays.copyOfRange(valueBuffer, 1, length));
    }

    /**
     * To the first key at or above. What is asked for in the order of keys costs no seek each: no
     * key is between the one asked for before and the one it stands on.
     */
    private boolean stepTo(byte[] key) {
        byte[] before = askedFor;
        askedFor = key;
        if (before == null || Arrays.compareUnsigned(before, key) > 0) {
            return seek(key);
        }
        for (int step = 0; step < STEPS_MAX && valid(); step++) {
            if (compareKey(key) >= 0) {
                return true;
            }
            iterator.next();
        }
        return valid() && seek(key);
    }

    private int compareKey(byte[] key) {
        int length = readKey();
        return Arrays.compareUnsigned(keyBuffer, 0, length, key, 0, key.length);
    }

    private int readValue() {
        requireOpen();
        int length = iterator.value(valueBuffer);
        if (length > valueBuffer.length) {
            valueBuffer = new byte[Math.max(length, 2 * valueBuffer.length)];
            iterator.value(valueBuffer);
        }
        return length;
    }

    /** int64 offset | row, in one copy. */
    StoredRow currentRow() {
        int length = readValue();
        return new StoredRow(
                Layout.longAt(valueBuffer, 0),
                Arrays.copyOfRange(valueBuffer, Layout.OFFSET_BYTES, length));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the cursor is closed");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (shared == null) {
            iterator.close();
        } else {
            shared.giveBack(iterator);
        }
        if (options != null) {
            options.close();
        }
        if (lower != null) {
            lower.close();
        }
        if (upper != null) {
            upper.close();
        }
        if (state != null) {
            state.release();
        }
    }
}
