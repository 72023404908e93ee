package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.schemas.avro.AvroBuffer;

/**
 * What all records of one entry say of it.
 *
 * @param timestampMs the entry's append time
 * @param transactionId its UUID in text form, as an encoded Avro string
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record EntryStamp(long offset, long timestampMs, byte[] transactionId) {
    /**
     * @param buffer for encoding; its content is lost
     */
    public static EntryStamp of(EntryInfo info, AvroBuffer buffer) {
        buffer.beginFragment();
        buffer.string(info.transactionId().toString());
        return new EntryStamp(info.offset(), info.timestampMs(), buffer.toByteArray());
    }
}
