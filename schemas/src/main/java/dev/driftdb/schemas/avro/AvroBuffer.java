package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.type.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Avro binary on its way into the bytes of Kafka keys and values, one after the other in the same
 * memory: {@link #begin}, the values in the schema's order, {@link #toByteArray}. Writes what
 * Avro's own encoder writes. Owned by one thread.
 */
public final class AvroBuffer {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle FLOAT_BITS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLE_BITS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int INITIAL_BYTES = 1024;

    /** What is kept for the next record; the memory of a rare large one is given back. */
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;
    private static final int VARINT_BYTES_MAX = 10;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int size;

    public AvroBuffer() {}

    /** Begins a record in Confluent's wire format; see {@link AvroWire}. */
    public void begin(int schemaId) {
        beginFragment();
        int at = reserve(AvroWire.CONFLUENT_HEADER);
        bytes[at] = AvroWire.CONFLUENT_MAGIC;
        INT.set(bytes, at + 1, schemaId);
    }

    /** Begins a part of records that is kept as bytes, without a header; see {@link #raw}. */
    public void beginFragment() {
        if (bytes.length > KEPT_BYTES_MAX) {
            bytes = new byte[INITIAL_BYTES];
        }
        size = 0;
    }

    /** What was written since the beginning. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** The number of bytes written since the beginning. */
    int size() {
        return size;
    }

    /** Takes back everything after the first bytes. */
    void truncate(int newSize) {
        size = newSize;
    }

    /** Which branch of a union follows. */
    public void branch(int index) {
        int64(index);
    }

    /** An int; a long of the same value has the same bytes. */
    public void int32(int value) {
        int64(value);
    }

    /** A long: zigzag, seven bits a byte, the lowest first. */
    public void int64(long value) {
        int at = reserve(VARINT_BYTES_MAX);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            bytes[at++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        size = at;
    }

    void bool(boolean value) {
        int at = reserve(1);
        bytes[at] = (byte) (value ? 1 : 0);
    }

    void float32(float value) {
        int at = reserve(Float.BYTES);
        FLOAT_BITS.set(bytes, at, Float.floatToRawIntBits(value));
    }

    void float64(double value) {
        int at = reserve(Double.BYTES);
        DOUBLE_BITS.set(bytes, at, Double.doubleToRawLongBits(value));
    }

    /** A string: its length in bytes of UTF-8, then these. */
    public void string(String value) {
        int length = value.length();
        int start = size;
        int64(length);
        int at = reserve(length);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                size = start;
                bytes(value.getBytes(StandardCharsets.UTF_8));
                return;
            }
            bytes[at + i] = (byte) c;
        }
    }

    /** Bytes: their number, then these. */
    void bytes(byte[] value) {
        int64(value.length);
        raw(value);
    }

    void bytes(Bytes value) {
        bytes(value.array());
    }

    /** What was encoded before. */
    public void raw(byte[] encoded) {
        int at = reserve(encoded.length);
        System.arraycopy(encoded, 0, bytes, at, encoded.length);
    }

    /** Makes room and moves past it; returns where it begins. */
    private int reserve(int length) {
        int at = size;
        if (bytes.length - at < length) {
            long needed = (long) at + length;
            if (needed > ARRAY_BYTES_MAX) {
                throw new IllegalStateException("an Avro record exceeds 2 GiB");
            }
            bytes =
                    Arrays.copyOf(
                            bytes,
                            (int) Math.min(Math.max(needed, 2L * bytes.length), ARRAY_BYTES_MAX));
        }
        size = at + length;
        return at;
    }
}
