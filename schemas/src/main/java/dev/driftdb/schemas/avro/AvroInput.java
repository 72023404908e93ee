package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.type.Bytes;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One record being read; the format version has been looked at by the caller. Every length is
 * checked against what is left before anything is allocated. Owned by one thread.
 *
 * <p>Bytes that are no such record: an {@link IOException} that says what is wrong.
 */
public final class AvroInput {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int VARINT_BITS_MAX = 64;

    private final byte[] bytes;
    private int at;

    /** Reads everything from {@code from} to the end of the array. */
    public AvroInput(byte[] bytes, int from) {
        this.bytes = bytes;
        this.at = from;
    }

    /** How one item of an array is read. */
    @FunctionalInterface
    public interface ItemReader<T> {
        T read(AvroInput input) throws IOException;
    }

    /** Which branch of a union follows, or which symbol of an enum; below {@code count}. */
    public int branch(String what, int count) throws IOException {
        int index = int32();
        if (index < 0 || index >= count) {
            throw new IOException("no " + what + " has the number " + index);
        }
        return index;
    }

    public int int32() throws IOException {
        long value = int64();
        if (value != (int) value) {
            throw new IOException(value + " is no int");
        }
        return (int) value;
    }

    public long int64() throws IOException {
        long zigzag = 0;
        for (int shift = 0; shift < VARINT_BITS_MAX; shift += 7) {
            byte next = next();
            zigzag |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return zigzag >>> 1 ^ -(zigzag & 1);
            }
        }
        throw new IOException("a number of more than 10 bytes");
    }

    public boolean bool() throws IOException {
        return next() == 1;
    }

    public String string() throws IOException {
        int length = (int) checkedLength(int64(), "bytes");
        String value = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return value;
    }

    public @Nullable String optionalString() throws IOException {
        return branch("branch of [null, string]", 2) == 0 ? null : string();
    }

    public Bytes bytes() throws IOException {
        byte[] value = lengthAndBytes();
        return value.length == 0 ? Bytes.EMPTY : Bytes.wrap(value);
    }

    public @Nullable Bytes optionalBytes() throws IOException {
        return branch("branch of [null, bytes]", 2) == 0 ? null : bytes();
    }

    public UUID uuid() throws IOException {
        if (remaining() < 2 * Long.BYTES) {
            throw new EOFException("an id announced, " + remaining() + " bytes left");
        }
        UUID value = new UUID((long) LONG.get(bytes, at), (long) LONG.get(bytes, at + Long.BYTES));
        at += 2 * Long.BYTES;
        return value;
    }

    public <T> List<T> array(ItemReader<T> reader) throws IOException {
        long count = blockCount();
        List<T> items = new ArrayList<>((int) count);
        while (count > 0) {
            for (long i = 0; i < count; i++) {
                items.add(reader.read(this));
            }
            count = blockCount();
        }
        return items;
    }

    /** How many items the next block of an array has; a negative count has its bytes behind it. */
    private long blockCount() throws IOException {
        long count = int64();
        if (count < 0) {
            checkedLength(int64(), "bytes");
            count = -count;
        }
        return checkedLength(count, "items");
    }

    /** Refuses bytes after the record. */
    public void end() throws IOException {
        if (remaining() > 0) {
            throw new IOException(remaining() + " bytes after the end of the record");
        }
    }

    private byte[] lengthAndBytes() throws IOException {
        int length = (int) checkedLength(int64(), "bytes");
        byte[] value = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return value;
    }

    private byte next() throws IOException {
        if (at == bytes.length) {
            throw new EOFException("the record ends too early");
        }
        return bytes[at++];
    }

    /** Every item takes at least one byte, so no true length exceeds what is left. */
    private long checkedLength(long length, String what) throws IOException {
        int left = remaining();
        if (length < 0 || length > left) {
            throw new EOFException(length + " " + what + " announced, " + left + " bytes left");
        }
        return length;
    }

    private int remaining() {
        return bytes.length - at;
    }
}
