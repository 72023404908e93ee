package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.type.Bytes;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One record on its way into bytes: int8 format version | Avro binary, the same as Avro's own
 * encoder writes. Owned by one thread.
 */
public final class AvroOutput {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int VARINT_BYTES_MAX = 10;
    private static final int CAPACITY_MIN = 16;

    private byte[] bytes;
    private int size;

    public AvroOutput(byte formatVersion, int capacityBytes) {
        bytes = new byte[Math.max(capacityBytes, CAPACITY_MIN)];
        bytes[size++] = formatVersion;
    }

    private void reserve(int length) {
        if (bytes.length - size < length) {
            long wanted = Math.max((long) size + length, 2L * bytes.length);
            if ((long) size + length > Integer.MAX_VALUE - 8) {
                throw new IllegalStateException("a record exceeds 2 GiB");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
    }

    private void raw(byte[] value) {
        reserve(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    /** How one item of an array is written. */
    @FunctionalInterface
    public interface ItemWriter<T> {
        void write(AvroOutput output, T item) throws IOException;
    }

    /** Which branch of a union follows, or which symbol of an enum. */
    public void branch(int index) {
        int64(index);
    }

    public void int32(int value) {
        int64(value);
    }

    public void int64(long value) {
        reserve(VARINT_BYTES_MAX);
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    public void bool(boolean value) {
        reserve(1);
        bytes[size++] = (byte) (value ? 1 : 0);
    }

    public void string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int64(utf8.length);
        raw(utf8);
    }

    /** The union of null and string. */
    public void optionalString(@Nullable String value) {
        branch(value == null ? 0 : 1);
        if (value != null) {
            string(value);
        }
    }

    public void bytes(Bytes value) {
        int64(value.length());
        raw(value.array());
    }

    /** The union of null and bytes. */
    public void optionalBytes(@Nullable Bytes value) {
        branch(value == null ? 0 : 1);
        if (value != null) {
            bytes(value);
        }
    }

    /** A fixed of 16 bytes. */
    public void uuid(UUID value) {
        reserve(2 * Long.BYTES);
        LONG.set(bytes, size, value.getMostSignificantBits());
        LONG.set(bytes, size + Long.BYTES, value.getLeastSignificantBits());
        size += 2 * Long.BYTES;
    }

    public <T> void array(List<T> items, ItemWriter<? super T> writer) throws IOException {
        if (!items.isEmpty()) {
            int64(items.size());
            for (T item : items) {
                writer.write(this, item);
            }
        }
        int64(0);
    }

    public byte[] toByteArray() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }
}
