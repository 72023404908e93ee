package dev.driftdb.query.execute;

import dev.driftdb.schemas.type.Bytes;

/** Which stored row a row came from, and the offset of the version that was seen. */
public record RowId(Bytes key, long offset) {}
