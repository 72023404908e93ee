package dev.driftdb.materializer.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * A write batch in RocksDB's own format, made on the heap: native code is entered once a batch and
 * not for each row, and what is pending is read where it lies. For one thread.
 *
 * <p>int64 sequence (0) | int32 count, both little-endian | records. A record is int8 tag | varint
 * column family | varint length | key, and for a put or the deletion of a range varint length |
 * value or end.
 */
final class BatchBytes {
    private static final VarHandle COUNT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int HEADER_BYTES = 12;
    private static final int COUNT_AT = 8;
    private static final byte TAG_DELETE = 0x04;
    private static final byte TAG_PUT = 0x05;
    private static final byte TAG_DELETE_RANGE = 0x0e;

    /** Tag, family and length take at most this. */
    private static final int RECORD_HEAD_BYTES_MAX = 7;

    private static final int VARINT_BYTES_MAX = 5;
    private static final int FAMILIES_MAX = 0x7f;
    private static final int CAPACITY_MIN = 64 << 10;

    /** A buffer that is filled to less than one in so many is made smaller. */
    private static final int SHRINK_FACTOR = 8;

    /** What RocksDB takes in one batch is below 4 GiB; an array of Java ends here. */
    private static final int BYTES_MAX = Integer.MAX_VALUE - 8;

    private byte[] bytes = new byte[CAPACITY_MIN];
    private int size = HEADER_BYTES;
    private int count;

    int size() {
        return size;
    }

    void clear() {
        if (bytes.length > CAPACITY_MIN && size < bytes.length / SHRINK_FACTOR) {
            bytes = new byte[Math.max(CAPACITY_MIN, bytes.length / 2)];
        }
        size = HEADER_BYTES;
        count = 0;
    }

    private void reserve(int length) {
        long wanted = (long) size + length;
        if (wanted > bytes.length) {
            if (wanted > BYTES_MAX) {
                throw new IllegalStateException("a batch of more than " + BYTES_MAX + " bytes");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(wanted, 2L * size), BYTES_MAX));
        }
    }

    private void begin(byte tag, int family, int keyLength) {
        if (family > FAMILIES_MAX) {
            throw new IllegalStateException("column family " + family);
        }
        reserve(RECORD_HEAD_BYTES_MAX + keyLength + VARINT_BYTES_MAX);
        bytes[size++] = tag;
        bytes[size++] = (byte) family;
        varint(keyLength);
        count++;
    }

    /**
     * Begins a put, whose key and then {@link #value} follow.
     *
     * @return its place
     */
    int put(int family, int keyLength) {
        int place = size;
        begin(TAG_PUT, family, keyLength);
        return place;
    }

    /** The value of the put follows. */
    void value(int length) {
        reserve(VARINT_BYTES_MAX + length);
        varint(length);
    }

    /**
     * Begins a deletion, whose key follows.
     *
     * @return its place
     */
    int delete(int family, int keyLength) {
        int place = size;
        begin(TAG_DELETE, family, keyLength);
        return place;
    }

    void put(int family, byte[] key, byte[] value) {
        put(family, key.length);
        raw(key);
        value(value.length);
        raw(value);
    }

    void delete(int family, byte[] key) {
        delete(family, key.length);
        raw(key);
    }

    void deleteRange(int family, byte[] from, byte[] to) {
        begin(TAG_DELETE_RANGE, family, from.length);
        raw(from);
        value(to.length);
        raw(to);
    }

    // Parts of a key or value for which there is room.

    void int8(int value) {
        bytes[size++] = (byte) value;
    }

    void int32(int value) {
        Layout.putInt(bytes, size, value);
        size += Integer.BYTES;
    }

    void int64(long value) {
        Layout.putLong(bytes, size, value);
        size += Long.BYTES;
    }

    void raw(byte[] value) {
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    private void varint(int value) {
        int rest = value;
        while (rest >= 0x80) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    // What lies at the place of a put or deletion.

    boolean isDelete(int place) {
        return bytes[place] == TAG_DELETE;
    }

    /** Whether the key is this id and then these two parts. */
    boolean hasKey(int place, int id, byte[] first, byte[] second) {
        int length = Layout.ID_BYTES + first.length + second.length;
        int at = place + 2;
        if (varintAt(at) != length) {
            return false;
        }
        at += varintLength(length);
        int middle = at + Layout.ID_BYTES + first.length;
        return Layout.intAt(bytes, at) == id
                && Arrays.equals(bytes, at + Layout.ID_BYTES, middle, first, 0, first.length)
                && Arrays.equals(bytes, middle, at + length, second, 0, second.length);
    }

    byte[] key(int place) {
        return lengthAndBytes(place + 2);
    }

    /** The value of a put. */
    byte[] value(byte[] key, int place) {
        return lengthAndBytes(place + 2 + varintLength(key.length) + key.length);
    }

    private byte[] lengthAndBytes(int at) {
        int length = varintAt(at);
        int from = at + varintLength(length);
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    private int varintAt(int from) {
        int value = 0;
        int at = from;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes[at++];
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static int varintLength(int value) {
        return value == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(value)) / 7;
    }

    /** For RocksDB; the caller closes it. */
    WriteBatch toWriteBatch() throws RocksDBException {
        COUNT.set(bytes, COUNT_AT, count);
        return new WriteBatch(Arrays.copyOf(bytes, size));
    }
}
