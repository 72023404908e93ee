package dev.driftdb.pgwire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one message body. Every read is checked against the end of the body, and
 * every count against the bytes that are there, before anything is allocated for it.
 */
final class BodyReader {
    static final String PROTOCOL_VIOLATION = "08P01";
    private static final String CHARACTER_NOT_IN_REPERTOIRE = "22021";
    private static final String INVALID_PARAMETER_VALUE = "22023";

    private static final int[] NO_INTS = {};
    private static final short[] NO_SHORTS = {};
    private static final char REPLACEMENT = '\uFFFD';

    private final ByteBuf body;

    BodyReader(ByteBuf body) {
        this.body = body;
    }

    byte readByte() throws MalformedMessage {
        need(1);
        return body.readByte();
    }

    int readInt() throws MalformedMessage {
        need(Integer.BYTES);
        return body.readInt();
    }

    /** An int16 that counts something: 0 to 65535. */
    private int readCount() throws MalformedMessage {
        need(Short.BYTES);
        return body.readUnsignedShort();
    }

    /** {@code int16 n | n × int32} */
    int[] readInts() throws MalformedMessage {
        int count = readCount();
        need((long) count * Integer.BYTES);
        int[] values = count == 0 ? NO_INTS : new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = body.readInt();
        }
        return values;
    }

    /** {@code int16 n | n × int16}, each 0 (text) or 1 (binary). */
    short[] readFormats() throws MalformedMessage {
        int count = readCount();
        need((long) count * Short.BYTES);
        short[] formats = count == 0 ? NO_SHORTS : new short[count];
        for (int i = 0; i < count; i++) {
            formats[i] = readFormat();
        }
        return formats;
    }

    short readFormat() throws MalformedMessage {
        need(Short.BYTES);
        short format = body.readShort();
        if (format != 0 && format != 1) {
            throw new MalformedMessage(
                    INVALID_PARAMETER_VALUE, "unsupported format code: " + format);
        }
        return format;
    }

    /** {@code int16 n | n × (int32 length, or -1 for NULL | bytes)} */
    List<byte @Nullable []> readValues() throws MalformedMessage {
        int count = readCount();
        need((long) count * Integer.BYTES);
        byte[][] values = new byte[count][];
        for (int i = 0; i < count; i++) {
            int length = readInt();
            if (length < -1) {
                throw MalformedMessage.violation("invalid length of a value: " + length);
            }
            if (length >= 0) {
                need(length);
                byte[] value = new byte[length];
                body.readBytes(value);
                values[i] = value;
            }
        }
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    /** UTF-8 up to a zero byte. */
    String readString() throws MalformedMessage {
        int start = body.readerIndex();
        int length = body.bytesBefore((byte) 0);
        if (length < 0) {
            throw MalformedMessage.violation("invalid string in message");
        }
        body.skipBytes(length + 1);
        if (length == 0) {
            return "";
        }
        String text = body.toString(start, length, StandardCharsets.UTF_8);
        // Decoding replaces what is not UTF-8; only a text with the replacement needs a second
        // look.
        if (text.indexOf(REPLACEMENT) >= 0) {
            byte[] sent = ByteBufUtil.getBytes(body, start, length);
            int mismatch = Arrays.mismatch(sent, text.getBytes(StandardCharsets.UTF_8));
            if (mismatch >= 0) {
                int wrong = sent[Math.min(mismatch, length - 1)] & 0xff;
                throw new MalformedMessage(
                        CHARACTER_NOT_IN_REPERTOIRE,
                        "invalid byte sequence for encoding \"UTF8\": 0x%02x".formatted(wrong));
            }
        }
        return text;
    }

    byte[] readRest() {
        byte[] rest = new byte[body.readableBytes()];
        body.readBytes(rest);
        return rest;
    }

    boolean atEnd() {
        return !body.isReadable();
    }

    void expectEnd() throws MalformedMessage {
        if (!atEnd()) {
            throw MalformedMessage.violation("invalid message format");
        }
    }

    private void need(long bytes) throws MalformedMessage {
        if (body.readableBytes() < bytes) {
            throw MalformedMessage.violation("insufficient data left in message");
        }
    }
}
