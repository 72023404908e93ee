package dev.driftdb.schemas.catalog;

import java.nio.ByteBuffer;

/**
 * How far a sequence has been claimed. Layout: int64 last | int8 called.
 *
 * @param last the last value claimed by any server (or the start value while not called)
 * @param called false while {@code last} itself is still to be handed out
 */
public record SequenceState(long last, boolean called) {
    private static final int SIZE_BYTES = 9;

    public byte[] encode() {
        return ByteBuffer.allocate(SIZE_BYTES).putLong(last).put((byte) (called ? 1 : 0)).array();
    }

    public static SequenceState decode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new SequenceState(buffer.getLong(), buffer.get() != 0);
    }
}
