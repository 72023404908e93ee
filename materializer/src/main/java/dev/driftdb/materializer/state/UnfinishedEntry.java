package dev.driftdb.materializer.state;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * An entry of which a part is written and nothing is seen yet: where to go on after a crash. Its
 * chunks are still there.
 *
 * <p>In the column family {@code meta}: int64 offset | int128 transaction id | int32 record | int32
 * change | int32 changed rows | int32 rekeyed rows.
 *
 * @param offset of the entry
 * @param record the number of the chunk whose change comes next, the number of chunks for the entry
 *     itself
 * @param change the number of the change in that record which is not finished
 * @param changedRows how many rows the entry has changed so far
 * @param rekeyed how many rows have got a row id from it
 */
public record UnfinishedEntry(
        long offset, UUID transactionId, int record, int change, int changedRows, int rekeyed) {
    private static final int BYTES = 3 * Long.BYTES + 4 * Integer.BYTES;

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putLong(offset)
                .putLong(transactionId.getMostSignificantBits())
                .putLong(transactionId.getLeastSignificantBits())
                .putInt(record)
                .putInt(change)
                .putInt(changedRows)
                .putInt(rekeyed)
                .array();
    }

    static UnfinishedEntry decode(byte[] value) {
        ByteBuffer buffer = ByteBuffer.wrap(value);
        return new UnfinishedEntry(
                buffer.getLong(),
                new UUID(buffer.getLong(), buffer.getLong()),
                buffer.getInt(),
                buffer.getInt(),
                buffer.getInt(),
                buffer.getInt());
    }
}
