package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.type.Bytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * One record being read; the format version has been looked at by the caller. Every length is
 * checked against what is left before anything is allocated. Owned by one thread.
 *
 * <p>Bytes that are no such record: an {@link IOException} that says what is wrong.
 */
public final class AvroInput {
    private final BinaryDecoder decoder;

    /** Reads everything from {@code from} to the end of the array. */
    public AvroInput(byte[] bytes, int from) {
        decoder = DecoderFactory.get().binaryDecoder(bytes, from, bytes.length - from, null);
    }

    /** How one item of an array is read. */
    @FunctionalInterface
    public interface ItemReader<T> {
        T read(AvroInput input) throws IOException;
    }

    /** Which branch of a union follows, or which symbol of an enum; below {@code count}. */
    public int branch(String what, int count) throws IOException {
        int index = decoder.readInt();
        if (index < 0 || index >= count) {
            throw new IOException("no " + what + " has the number " + index);
        }
        return index;
    }

    public int int32() throws IOException {
        return decoder.readInt();
    }

    public long int64() throws IOException {
        return decoder.readLong();
    }

    public boolean bool() throws IOException {
        return decoder.readBoolean();
    }

    public String string() throws IOException {
        return new String(lengthAndBytes(), StandardCharsets.UTF_8);
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
        byte[] fixed = new byte[2 * Long.BYTES];
        decoder.readFixed(fixed);
        ByteBuffer buffer = ByteBuffer.wrap(fixed);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    public <T> List<T> array(ItemReader<T> reader) throws IOException {
        long count = decoder.readArrayStart();
        List<T> items = new ArrayList<>((int) checkedLength(count, "items"));
        while (count > 0) {
            for (long i = 0; i < count; i++) {
                items.add(reader.read(this));
            }
            count = checkedLength(decoder.arrayNext(), "items");
        }
        return items;
    }

    /** Refuses bytes after the record. */
    public void end() throws IOException {
        if (!decoder.isEnd()) {
            throw new IOException(remaining() + " bytes after the end of the record");
        }
    }

    private byte[] lengthAndBytes() throws IOException {
        byte[] value = new byte[(int) checkedLength(decoder.readLong(), "bytes")];
        decoder.readFixed(value);
        return value;
    }

    /** Every item takes at least one byte, so no true length exceeds what is left. */
    private long checkedLength(long length, String what) throws IOException {
        int left = remaining();
        if (length < 0 || length > left) {
            throw new EOFException(length + " " + what + " announced, " + left + " bytes left");
        }
        return length;
    }

    private int remaining() throws IOException {
        return decoder.inputStream().available();
    }
}
