package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.type.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/** One record on its way into bytes: int8 format version | Avro binary. Owned by one thread. */
public final class AvroOutput {
    private final ByteArrayOutputStream out;
    private final BinaryEncoder encoder;

    public AvroOutput(byte formatVersion, int capacityBytes) {
        out = new ByteArrayOutputStream(capacityBytes);
        out.write(formatVersion);
        encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    }

    /** How one item of an array is written. */
    @FunctionalInterface
    public interface ItemWriter<T> {
        void write(AvroOutput output, T item) throws IOException;
    }

    /** Which branch of a union follows, or which symbol of an enum. */
    public void branch(int index) throws IOException {
        encoder.writeInt(index);
    }

    public void int32(int value) throws IOException {
        encoder.writeInt(value);
    }

    public void int64(long value) throws IOException {
        encoder.writeLong(value);
    }

    public void bool(boolean value) throws IOException {
        encoder.writeBoolean(value);
    }

    public void string(String value) throws IOException {
        encoder.writeString(value);
    }

    /** The union of null and string. */
    public void optionalString(@Nullable String value) throws IOException {
        branch(value == null ? 0 : 1);
        if (value != null) {
            string(value);
        }
    }

    public void bytes(Bytes value) throws IOException {
        encoder.writeBytes(value.array(), 0, value.length());
    }

    /** The union of null and bytes. */
    public void optionalBytes(@Nullable Bytes value) throws IOException {
        branch(value == null ? 0 : 1);
        if (value != null) {
            bytes(value);
        }
    }

    /** A fixed of 16 bytes. */
    public void uuid(UUID value) throws IOException {
        encoder.writeFixed(
                ByteBuffer.allocate(2 * Long.BYTES)
                        .putLong(value.getMostSignificantBits())
                        .putLong(value.getLeastSignificantBits())
                        .array());
    }

    public <T> void array(List<T> items, ItemWriter<? super T> writer) throws IOException {
        encoder.writeArrayStart();
        encoder.setItemCount(items.size());
        for (T item : items) {
            encoder.startItem();
            writer.write(this, item);
        }
        encoder.writeArrayEnd();
    }

    public byte[] toByteArray() throws IOException {
        encoder.flush();
        return out.toByteArray();
    }
}
