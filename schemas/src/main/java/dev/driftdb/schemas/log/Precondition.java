package dev.driftdb.schemas.log;

import dev.driftdb.schemas.type.Bytes;
import java.util.UUID;

/**
 * A check on the state at the entry's place in the log, before the entry's own changes. Keys are
 * {@link dev.driftdb.schemas.row.KeyCodec} bytes without storage or index id.
 */
public sealed interface Precondition {
    /** The offset that stands for "no such row". */
    long ABSENT = -1;

    /** The row under the key was last written at this offset, or is {@link #ABSENT}. */
    record RowVersion(int storageId, Bytes key, long offset) implements Precondition {}

    /**
     * The row under the key was last written by this transaction, whose place in the log the writer
     * did not know yet.
     */
    record RowWrittenBy(int storageId, Bytes key, UUID transactionId) implements Precondition {}

    /** No row has this key in a unique index. {@code key} holds the indexed columns only. */
    record KeyAbsent(int indexId, Bytes key) implements Precondition {}

    /** A row has this key: in a table's storage, or in a unique index ({@code inIndex}). */
    record KeyExists(int storageOrIndexId, boolean inIndex, Bytes key) implements Precondition {}

    /** No entry of the index (or row of the storage) lies in [from, to). Empty {@code to}: open. */
    record RangeEmpty(int storageOrIndexId, boolean inIndex, Bytes from, Bytes to)
            implements Precondition {}

    /** Nothing in the storage's key range [from, to) was written or deleted after the offset. */
    record RangeUnchanged(int storageId, Bytes from, Bytes to, long since)
            implements Precondition {}

    /** The catalog object was last written at this offset: the schema the rows were made with. */
    record DefinitionUnchanged(int objectId, long version) implements Precondition {}
}
