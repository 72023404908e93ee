package dev.driftdb.schemas.row;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A byte array that grows; all integers are big-endian. Owned by one thread. */
final class ByteSink {
    static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int size;

    ByteSink(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Makes room and moves past it; returns where the room starts. Its content is undefined. */
    int reserve(int length) {
        int at = size;
        if (bytes.length - at < length) {
            long wanted = Math.max((long) at + length, 2L * bytes.length);
            if ((long) at + length > Integer.MAX_VALUE - 8) {
                throw new IllegalStateException("a row or key exceeds 2 GiB");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
        size = at + length;
        return at;
    }

    void zero(int from, int length) {
        Arrays.fill(bytes, from, from + length, (byte) 0);
    }

    void int8(int value) {
        int at = reserve(1);
        bytes[at] = (byte) value;
    }

    void int32(int value) {
        int at = reserve(Integer.BYTES);
        INT.set(bytes, at, value);
    }

    void int64(long value) {
        int at = reserve(Long.BYTES);
        LONG.set(bytes, at, value);
    }

    /** Unsigned LEB128: seven bits per byte, the lowest first. */
    void varint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            int8((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        int8(rest);
    }

    void raw(byte[] value) {
        int at = reserve(value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
    }

    /** As few bytes of the two's complement as hold the value; none for 0. */
    void minimalLong(long value) {
        int length = minimalLength(value);
        int at = reserve(length);
        for (int i = 0; i < length; i++) {
            bytes[at + i] = (byte) (value >> (8 * (length - 1 - i)));
        }
    }

    private static int minimalLength(long value) {
        if (value == 0) {
            return 0;
        }
        int bits = 65 - Long.numberOfLeadingZeros(value ^ (value >> 63));
        return (bits + 7) >> 3;
    }

    void utf8(String text) {
        int length = text.length();
        int start = reserve(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                size = start;
                raw(text.getBytes(StandardCharsets.UTF_8));
                return;
            }
            bytes[start + i] = (byte) c;
        }
    }

    void setBit(int bitmapStart, int bit) {
        bytes[bitmapStart + (bit >> 3)] |= (byte) (1 << (bit & 7));
    }

    void setUint16(int at, int value) {
        SHORT.set(bytes, at, (short) value);
    }

    void setInt32(int at, int value) {
        INT.set(bytes, at, value);
    }

    /** Inverts everything from here to the end. */
    void invert(int from) {
        for (int i = from; i < size; i++) {
            bytes[i] = (byte) ~bytes[i];
        }
    }
}
