package dev.driftdb.materializer.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * int64 time | int128 transaction id | int8 committed | int32 changes | 4 x (int32 length | UTF-8):
 * origin, user, application, tag. The offset is the key.
 */
final class EntryInfoCodec {
    private static final int FIXED_BYTES = Long.BYTES * 3 + 1 + Integer.BYTES;

    private EntryInfoCodec() {}

    static byte[] encode(EntryInfo info) {
        byte[][] texts = {
            utf8(info.origin()), utf8(info.user()), utf8(info.application()), utf8(info.tag())
        };
        int size = FIXED_BYTES;
        for (byte[] text : texts) {
            size += Integer.BYTES + text.length;
        }
        ByteBuffer buffer = ByteBuffer.allocate(size);
        buffer.putLong(info.timestampMs());
        buffer.putLong(info.transactionId().getMostSignificantBits());
        buffer.putLong(info.transactionId().getLeastSignificantBits());
        buffer.put((byte) (info.committed() ? 1 : 0));
        buffer.putInt(info.changeCount());
        for (byte[] text : texts) {
            buffer.putInt(text.length).put(text);
        }
        return buffer.array();
    }

    static EntryInfo decode(byte[] key, byte[] value) {
        ByteBuffer buffer = ByteBuffer.wrap(value);
        long timestampMs = buffer.getLong();
        UUID id = new UUID(buffer.getLong(), buffer.getLong());
        boolean committed = buffer.get() != 0;
        int changeCount = buffer.getInt();
        return new EntryInfo(
                Layout.longAt(key, 0),
                timestampMs,
                id,
                text(buffer),
                text(buffer),
                text(buffer),
                text(buffer),
                committed,
                changeCount);
    }

    static long timestampMs(byte[] value) {
        return Layout.longAt(value, 0);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.getInt()];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
