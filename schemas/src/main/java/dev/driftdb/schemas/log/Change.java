package dev.driftdb.schemas.log;

import dev.driftdb.schemas.type.Bytes;

/** One change of a transaction, applied in order. A key occurs at most once per transaction. */
public sealed interface Change {
    /**
     * A row is there from now on. {@code row} is {@link dev.driftdb.schemas.row.RowCodec} bytes
     * (for system storages, their own).
     *
     * @param kind whether a row was there before, as the writer saw it
     */
    record Put(int storageId, Kind kind, Bytes key, Bytes row) implements Change {}

    /**
     * A new row of a table without a primary key: its key becomes int64 offset of the entry | int32
     * ordinal.
     */
    record Append(int storageId, int ordinal, Bytes row) implements Change {}

    /** The row is gone. */
    record Delete(int storageId, Bytes key) implements Change {}

    /** All rows are gone. Comes before any other change of the same storage. */
    record Truncate(int storageId) implements Change {}

    /** The entries of a new index are made from the rows, as they are at this place in the log. */
    record BuildIndex(int indexId) implements Change {}

    /** All rows of one storage are stored under another, with the key that the catalog says now. */
    record Rekey(int tableId, int fromStorageId, int toStorageId) implements Change {}

    /**
     * An index gets an entry that its writer computed: of an expression or partial index, whose
     * entries the rows' bytes do not tell.
     *
     * @param columns the indexed columns as key bytes
     * @param rowKey the key of the row; empty for the row of the Append before
     * @param unique whether no other row may have these columns
     */
    record AddEntry(int indexId, Bytes columns, Bytes rowKey, boolean unique) implements Change {}

    /** An index loses an entry that {@link AddEntry} gave it. */
    record RemoveEntry(int indexId, Bytes columns, Bytes rowKey, boolean unique)
            implements Change {}

    /**
     * The row, if there is one, and every version that it or an earlier row under its key ever had
     * are gone, and with them their values: no point of the past shows them any more.
     */
    record Forget(int storageId, Bytes key) implements Change {}

    /** What a Put did, as its writer saw it. */
    enum Kind {
        INSERT,
        UPDATE
    }
}
