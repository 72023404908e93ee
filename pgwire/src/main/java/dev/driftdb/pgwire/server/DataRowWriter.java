package dev.driftdb.pgwire.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * Writes DataRow messages field by field into a buffer; lengths are filled in when they are known.
 *
 * <pre>
 * DataRow  'D' | int32 length | int16 n | n × (int32 length, or -1 for NULL | bytes)
 * </pre>
 *
 * Used by one thread. {@link #begin}, the fields, {@link #end}; {@link #abandon} takes back a row
 * that was begun.
 */
final class DataRowWriter implements PgSink.RowWriter {
    private static final char TYPE = 'D';

    /** Above this many chars the exact UTF-8 length is counted before room is made. */
    private static final int TEXT_CHARS_GUESSED_MAX = 4096;

    private static final int LONG_DIGITS_MAX = 20;

    private final byte[] digits = new byte[LONG_DIGITS_MAX];
    private @Nullable ByteBuf buffer;
    private int start;
    private int fieldCount;
    private int written;

    /** Begins a row at the end of the buffer. The caller checks the column limit. */
    void begin(ByteBuf out, int fields) {
        if (buffer != null) {
            throw new IllegalStateException("a row is begun already");
        }
        start = out.writerIndex();
        fieldCount = fields;
        written = 0;
        buffer = out;
        out.ensureWritable(1 + Integer.BYTES + Short.BYTES);
        out.writeByte(TYPE);
        out.writeInt(0);
        out.writeShort(fields);
    }

    boolean isOpen() {
        return buffer != null;
    }

    /** Ends the row, which must have all its fields. */
    void end() {
        ByteBuf out = out();
        if (written != fieldCount) {
            throw new IllegalStateException(
                    "a row of " + fieldCount + " fields got " + written + " of them");
        }
        out.setInt(start + 1, out.writerIndex() - start - 1);
        buffer = null;
    }

    /** Takes back the row that is open, if there is one. */
    void abandon() {
        if (buffer != null) {
            buffer.writerIndex(start);
            buffer = null;
        }
    }

    @Override
    public void nullField() {
        out().writeInt(-1);
        written++;
    }

    @Override
    public void field(byte[] value) {
        out().writeInt(value.length).writeBytes(value);
        written++;
    }

    @Override
    public void text(String value) {
        ByteBuf out = out();
        int at = out.writerIndex();
        out.writeInt(0);
        int bytes =
                value.length() <= TEXT_CHARS_GUESSED_MAX
                        ? ByteBufUtil.writeUtf8(out, value)
                        : ByteBufUtil.reserveAndWriteUtf8(out, value, ByteBufUtil.utf8Bytes(value));
        out.setInt(at, bytes);
        written++;
    }

    @Override
    public void textLong(long value) {
        int at = LONG_DIGITS_MAX;
        // Negative all the way: Long.MIN_VALUE has no positive counterpart.
        long rest = value < 0 ? value : -value;
        do {
            digits[--at] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            digits[--at] = '-';
        }
        int length = LONG_DIGITS_MAX - at;
        out().writeInt(length).writeBytes(digits, at, length);
        written++;
    }

    @Override
    public void binaryShort(short value) {
        out().writeInt(Short.BYTES).writeShort(value);
        written++;
    }

    @Override
    public void binaryInt(int value) {
        out().writeInt(Integer.BYTES).writeInt(value);
        written++;
    }

    @Override
    public void binaryLong(long value) {
        out().writeInt(Long.BYTES).writeLong(value);
        written++;
    }

    private ByteBuf out() {
        if (buffer == null) {
            throw new IllegalStateException("no row is begun");
        }
        return buffer;
    }
}
