package dev.driftdb.materializer.state;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.type.Bytes;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The state at one place in the log, as deciding about the next entry sees it: with all changes of
 * the entries before, written out or not. For the replica's own thread.
 */
public interface StateReader {
    /** The newest answer that {@link #sourceOffset} gives for an unknown source. */
    long NO_SOURCE_OFFSET = -1;

    /** How long after its snapshot a transaction that depends on ranges of keys can commit. */
    long CONFLICT_WINDOW_MS = 24L * 60 * 60 * 1_000;

    Catalog catalog();

    @Nullable StoredRow row(int storageId, Bytes key);

    /** The entry with these columns, null when there is none that is unique by them. */
    @Nullable IndexEntry uniqueEntry(int indexId, Bytes columns);

    boolean hasRows(int storageId, KeyRange range);

    /** Whether an index has an entry whose columns lie in a range. */
    boolean hasEntries(int indexId, KeyRange range);

    /** Whether any key of a range was written or deleted after an offset. */
    boolean changedAfter(int storageId, KeyRange range, long offset);

    /**
     * Whether the last entry up to an offset is so long before a time that {@link #changedAfter}
     * may not be asked: deletions that old are not kept. The same on every replica.
     *
     * @param timestampMs of the entry that is decided about
     */
    boolean isTooOld(long offset, long timestampMs);

    /** The transaction whose entry is at an offset, null when there is none. */
    @Nullable UUID transactionAt(long offset);

    /** The newest ingested record of a source that took effect. */
    long sourceOffset(String topic, int partition);

    /** Whether all chunks of a transaction are there and none is too old for its entry here. */
    boolean hasChunks(UUID transactionId, int count, long entryOffset);

    /**
     * @throws IllegalStateException if it is not there
     */
    LogRecord.Chunk chunk(UUID transactionId, int number);
}
