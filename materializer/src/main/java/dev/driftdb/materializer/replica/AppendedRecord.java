package dev.driftdb.materializer.replica;

/**
 * A record that the log has acknowledged to this process.
 *
 * @param timestampMs the log's append time, milliseconds since 1970
 * @param value as it is in the log
 */
@SuppressWarnings("ArrayRecordComponent") // decoded once, never compared
public record AppendedRecord(long offset, long timestampMs, byte[] value) {}
