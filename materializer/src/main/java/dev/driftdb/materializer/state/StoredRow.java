package dev.driftdb.materializer.state;

/** A row as stored: the offset of the entry that wrote it, and its bytes (not to be changed). */
@SuppressWarnings("ArrayRecordComponent") // never compared; a Bytes per point read would cost more
public record StoredRow(long offset, byte[] row) {}
