package dev.driftdb.materializer.state;

import dev.driftdb.schemas.type.Bytes;

/**
 * One entry of an index.
 *
 * @param columns the indexed columns as {@link dev.driftdb.schemas.row.KeyCodec} bytes
 * @param rowKey the key of the row it stands for
 * @param unique whether no other row may have these columns; false also for an entry of a unique
 *     index that admits several NULLs and has one
 */
public record IndexEntry(int indexId, Bytes columns, Bytes rowKey, boolean unique) {}
