package dev.driftdb.materializer.state;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.type.Bytes;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The state of one replica while entries are applied to it: reads see what was written before, and
 * all writes of a batch become visible and durable together. For the replica's own thread.
 */
public interface TableState extends StateReader {
    /** The rows of a storage in key order, unmoved by what is written while it is read. */
    RowCursor rows(int storageId);

    void putRow(int storageId, Bytes key, long offset, byte[] row);

    /**
     * @param offset the entry that deletes it
     */
    void removeRow(int storageId, Bytes key, long offset);

    /** Puts a version that is no longer current into the history, under its own offset. */
    void keepVersion(int storageId, Bytes key, StoredRow old);

    /** Remembers in the history that a row ended at an offset. */
    void keepDeletion(int storageId, Bytes key, long offset);

    /** Takes back a {@link #keepDeletion} of the same entry: the key has a row again. */
    void forgetDeletion(int storageId, Bytes key, long offset);

    /**
     * Takes every version and deletion of a row out of the history. The row itself is removed, and
     * no entry before has changes pending.
     *
     * @param offset the entry that forgets it
     */
    void forgetHistory(int storageId, Bytes key, long offset);

    /** All entries of an index in any order, unmoved by what is written while it is read. */
    EntryCursor entries(int indexId);

    /** Also replaces an entry of another row that is unique by the same columns. */
    void putEntry(IndexEntry entry);

    /** Removes this very entry if it is there. */
    void removeEntry(IndexEntry entry);

    /** Removes all entries of an index whose id is never used again. */
    void dropIndex(int indexId);

    void setCatalog(Catalog catalog);

    void setSourceOffset(String topic, int partition, long offset);

    /**
     * @param chunk the {@link dev.driftdb.schemas.log.LogCodec} bytes
     */
    void putChunk(UUID transactionId, int number, long offset, byte[] chunk);

    void removeChunks(UUID transactionId, int count);

    /** Remembers an entry and its time. */
    void putEntryInfo(EntryInfo info);

    /** Whether so much is pending that an entry which goes on should write a part of itself. */
    boolean isPartFull();

    /**
     * Writes what is pending, which is of this one entry, so that no view has it before the whole
     * is written. What was pending of entries before it must have been written.
     *
     * @param unfinished how far the entry is
     */
    void writePart(UnfinishedEntry unfinished);

    /**
     * The entry of which an earlier run has written a part: it comes next. Null if there is none.
     */
    @Nullable UnfinishedEntry unfinished();

    /** Entries one after another. */
    interface EntryCursor extends AutoCloseable {
        boolean next();

        IndexEntry entry();

        @Override
        void close();
    }
}
