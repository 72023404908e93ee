package dev.driftdb.materializer.state;

import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All rows of one storage in the order of their keys, packed into a few arrays. Immutable.
 *
 * <p>A row is int32 length of the key | key | int64 offset | row.
 */
final class CachedTable {
    private static final int CHUNK_BYTES = 128 << 10;
    private static final int LENGTH_BYTES = Integer.BYTES;

    private final Chunk[] chunks;

    /** How many bytes all keys begin with alike. */
    private final int prefix;

    /** The {@link #leading} bytes of each chunk's last key. */
    private final long[] lastKeys;

    /** The offset from which on the storage has been as it is here. */
    final long validFrom;

    final long bytes;

    private CachedTable(Chunk[] chunks, long validFrom, long bytes) {
        this.chunks = chunks;
        this.prefix = chunks.length == 0 ? 0 : prefix(chunks[0], chunks[chunks.length - 1]);
        this.lastKeys = new long[chunks.length];
        for (int i = 0; i < chunks.length; i++) {
            Chunk chunk = chunks[i];
            int last = chunk.rows() - 1;
            lastKeys[i] = leading(chunk.data, chunk.keyStart(last) + prefix, chunk.keyEnd(last));
        }
        this.validFrom = validFrom;
        this.bytes = bytes;
    }

    /** The bytes that the first key of one chunk and the last key of another begin with alike. */
    private static int prefix(Chunk first, Chunk last) {
        int row = last.rows() - 1;
        int mismatch =
                Arrays.mismatch(
                        first.data,
                        first.keyStart(0),
                        first.keyEnd(0),
                        last.data,
                        last.keyStart(row),
                        last.keyEnd(row));
        return mismatch < 0 ? first.keyEnd(0) - first.keyStart(0) : mismatch;
    }

    /**
     * The first eight bytes of a key behind the prefix of all as a number, zeros behind a shorter
     * one: where two differ, they have the order of the keys. They lie together, so that a search
     * touches little memory.
     */
    private static long leading(byte[] data, int from, int to) {
        if (to - from >= Long.BYTES) {
            return Layout.longAt(data, from) ^ Long.MIN_VALUE;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            value = value << Byte.SIZE | (data[i] & 0xff);
        }
        int missing = Long.BYTES - (to - from);
        return (missing == Long.BYTES ? 0 : value << (missing * Byte.SIZE)) ^ Long.MIN_VALUE;
    }

    /** Some rows one after another. */
    private static final class Chunk {
        final byte[] data;

        /** Where each row begins, and where the last one ends. */
        final int[] starts;

        /** How many bytes its keys begin with alike. */
        final int prefix;

        /** The {@link #leading} bytes of each row's key. */
        final long[] keys;

        Chunk(byte[] data, int[] starts) {
            this.data = data;
            this.starts = starts;
            this.prefix = starts.length == 1 ? 0 : CachedTable.prefix(this, this);
            this.keys = new long[starts.length - 1];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = leading(data, keyStart(i) + prefix, keyEnd(i));
            }
        }

        int rows() {
            return starts.length - 1;
        }

        int keyStart(int row) {
            return starts[row] + LENGTH_BYTES;
        }

        int keyEnd(int row) {
            return keyStart(row) + Layout.intAt(data, starts[row]);
        }

        int compareKey(int row, byte[] key, long leading) {
            return keys[row] != leading ? Long.compare(keys[row], leading) : compareKey(row, key);
        }

        int compareKey(int row, byte[] key) {
            return Arrays.compareUnsigned(data, keyStart(row), keyEnd(row), key, 0, key.length);
        }

        /** Below 0 if all rows are below a key, above 0 if none is, 0 if some may be. */
        int comparePrefix(byte[] key) {
            return CachedTable.comparePrefix(this, prefix, key);
        }

        /** The first row at or above a key, from a row on. */
        int lowerBound(byte[] key, int from) {
            int all = comparePrefix(key);
            if (all != 0) {
                return all < 0 ? rows() : from;
            }
            // What is looked for is mostly near: steps double until they pass it.
            int low = from;
            int high = from;
            int step = 1;
            long leading = leading(key, prefix, key.length);
            while (high < rows() && compareKey(high, key, leading) < 0) {
                low = high + 1;
                high += step;
                step <<= 1;
            }
            return search(key, leading, low, Math.min(high, rows()));
        }

        int search(byte[] key) {
            int all = comparePrefix(key);
            return all != 0
                    ? all < 0 ? rows() : 0
                    : search(key, leading(key, prefix, key.length), 0, rows());
        }

        private int search(byte[] key, long leading, int from, int to) {
            int low = from;
            int high = to;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (compareKey(middle, key, leading) < 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }

    private static int comparePrefix(Chunk chunk, int prefix, byte[] key) {
        int start = chunk.keyStart(0);
        return Arrays.compareUnsigned(
                chunk.data, start, start + prefix, key, 0, Math.min(prefix, key.length));
    }

    /** The row under a key. */
    @Nullable StoredRow get(byte[] key) {
        int number = chunkOf(key);
        if (number == chunks.length) {
            return null;
        }
        Chunk chunk = chunks[number];
        int row = chunk.search(key);
        if (row == chunk.rows() || chunk.compareKey(row, key) != 0) {
            return null;
        }
        int end = chunk.keyEnd(row);
        return new StoredRow(
                Layout.longAt(chunk.data, end),
                Arrays.copyOfRange(chunk.data, end + Layout.OFFSET_BYTES, chunk.starts[row + 1]));
    }

    /** The chunk in which the first row at or above a key is; behind the last if there is none. */
    private int chunkOf(byte[] key) {
        if (chunks.length == 0) {
            return 0;
        }
        int all = comparePrefix(chunks[0], prefix, key);
        if (all != 0) {
            return all < 0 ? chunks.length : 0;
        }
        int low = 0;
        int high = chunks.length;
        long leading = leading(key, prefix, key.length);
        while (low < high) {
            int middle = (low + high) >>> 1;
            Chunk chunk = chunks[middle];
            boolean below =
                    lastKeys[middle] != leading
                            ? lastKeys[middle] < leading
                            : chunk.compareKey(chunk.rows() - 1, key) < 0;
            if (below) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    RowCursor scan(KeyRange range, boolean reverse) {
        return new Cursor(range, reverse);
    }

    private final class Cursor implements RowCursor {
        private static final Chunk NONE = new Chunk(Bytes.EMPTY.array(), new int[1]);

        private final byte[] to;
        private final boolean reverse;
        private int number;
        private Chunk chunk = NONE;
        private int row;

        /** One behind the last row of the chunk, before the first one if in reverse. */
        private int end;

        private final int firstChunk;
        private final int firstRow;
        private int keyEnd;

        Cursor(KeyRange range, boolean reverse) {
            this.reverse = reverse;
            this.to = range.to().array();
            byte[] from = range.from().array();
            firstChunk = from.length == 0 ? 0 : chunkOf(from);
            firstRow =
                    from.length == 0 || firstChunk == chunks.length
                            ? 0
                            : chunks[firstChunk].search(from);
            if (reverse) {
                startAtEnd();
            } else {
                number = firstChunk;
                enter(firstRow);
            }
        }

        private void startAtEnd() {
            if (to.length == 0) {
                number = chunks.length - 1;
                row = number < 0 ? 0 : chunks[number].rows();
            } else {
                number = chunkOf(to);
                if (number == chunks.length) {
                    number--;
                    row = number < 0 ? 0 : chunks[number].rows();
                } else {
                    row = chunks[number].search(to);
                }
            }
            leave();
        }

        /** Forwards: stands before a row of the chunk; nothing behind the range's end is in it. */
        private void enter(int from) {
            if (number >= chunks.length) {
                chunk = NONE;
                row = -1;
                end = 0;
                return;
            }
            chunk = chunks[number];
            row = from - 1;
            boolean whole = to.length == 0 || chunk.compareKey(chunk.rows() - 1, to) < 0;
            end = whole ? chunk.rows() : chunk.lowerBound(to, from);
        }

        /** Backwards: stands behind the last row that is wanted of the chunk. */
        private void leave() {
            if (number < firstChunk || number < 0) {
                chunk = NONE;
                row = 0;
                end = -1;
                return;
            }
            chunk = chunks[number];
            end = number == firstChunk ? firstRow - 1 : -1;
        }

        @Override
        public boolean next() {
            return reverse ? backwards() : forwards();
        }

        private boolean forwards() {
            while (++row >= end) {
                if (end < chunk.rows() || number >= chunks.length) {
                    row = end - 1;
                    return stop();
                }
                number++;
                enter(0);
            }
            keyEnd = chunk.keyEnd(row);
            return true;
        }

        private boolean backwards() {
            while (--row <= end) {
                if (number <= firstChunk) {
                    return stop();
                }
                number--;
                row = chunks[number].rows();
                leave();
            }
            keyEnd = chunk.keyEnd(row);
            return true;
        }

        private boolean stop() {
            chunk = NONE;
            number = reverse ? -1 : chunks.length;
            row = reverse ? 0 : -1;
            end = reverse ? -1 : 0;
            return false;
        }

        private Chunk standing() {
            if (chunk.rows() == 0) {
                throw new IllegalStateException("the cursor stands on no row");
            }
            return chunk;
        }

        @Override
        public byte[] key() {
            return Arrays.copyOfRange(standing().data, chunk.keyStart(row), keyEnd);
        }

        @Override
        public byte[] row() {
            return Arrays.copyOfRange(standing().data, from(), to());
        }

        @Override
        public byte[] buffer() {
            return standing().data;
        }

        @Override
        public int from() {
            return keyEnd + Layout.OFFSET_BYTES;
        }

        @Override
        public int to() {
            return chunk.starts[row + 1];
        }

        @Override
        public long offset() {
            return Layout.longAt(standing().data, keyEnd);
        }

        @Override
        public void close() {
            stop();
        }
    }

    /** Takes rows in the order of their keys. */
    static final class Builder {
        private final long bytesMax;
        private final List<Chunk> chunks = new ArrayList<>();
        private byte[] data = new byte[CHUNK_BYTES];
        private int[] starts = new int[256];
        private int rows;
        private long bytes;

        Builder(long bytesMax) {
            this.bytesMax = bytesMax;
        }

        /** False if there is no room for it. */
        boolean add(byte[] key, StoredRow row) {
            int length = LENGTH_BYTES + key.length + Layout.OFFSET_BYTES + row.row().length;
            if (starts[rows] + length > data.length) {
                endChunk();
                if (bytes > bytesMax) {
                    return false;
                }
                if (length > data.length) {
                    data = new byte[length];
                }
            }
            if (rows + 2 > starts.length) {
                starts = Arrays.copyOf(starts, 2 * starts.length);
            }
            int at = starts[rows];
            Layout.putInt(data, at, key.length);
            System.arraycopy(key, 0, data, at + LENGTH_BYTES, key.length);
            int end = at + LENGTH_BYTES + key.length;
            Layout.putLong(data, end, row.offset());
            System.arraycopy(row.row(), 0, data, end + Layout.OFFSET_BYTES, row.row().length);
            rows++;
            starts[rows] = at + length;
            return true;
        }

        private void endChunk() {
            if (rows > 0) {
                // The last chunk of a table may be nearly empty.
                byte[] kept =
                        starts[rows] < data.length / 2 ? Arrays.copyOf(data, starts[rows]) : data;
                chunks.add(new Chunk(kept, Arrays.copyOf(starts, rows + 1)));
                bytes += kept.length + (long) (Integer.BYTES + Long.BYTES) * (rows + 1);
                data = new byte[CHUNK_BYTES];
                rows = 0;
            }
        }

        CachedTable build(long validFrom) {
            endChunk();
            return new CachedTable(chunks.toArray(Chunk[]::new), validFrom, bytes);
        }
    }
}
