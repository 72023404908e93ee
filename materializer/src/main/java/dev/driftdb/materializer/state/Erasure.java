package dev.driftdb.materializer.state;

import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.RocksDBException;

/**
 * Takes forgotten rows out of the files: a deletion in RocksDB only hides them. All files that may
 * have them are rewritten when no reader holds a state from before, by the compacting thread. What
 * is done is remembered in the files, so that a restart goes on.
 */
final class Erasure implements AutoCloseable {
    private static final String OLDEST_SNAPSHOT = "rocksdb.oldest-snapshot-sequence";

    private final RocksFiles files;
    private final Runnable renewPublished;
    private final CompactRangeOptions options =
            new CompactRangeOptions()
                    .setBottommostLevelCompaction(BottommostLevelCompaction.kForce)
                    .setExclusiveManualCompaction(true);

    /** Null when nothing is to be done. */
    private @Nullable Due due;

    /** What is compacted; old files may still be there. By the compacting thread. */
    private @Nullable Due compacted;

    private long erasedOffset;

    /**
     * @param sequence RocksDB's number of the newest write when the rows had been forgotten
     */
    private record Due(StorageOffsets forgotten, long sequence) {}

    /**
     * @param renewPublished lets go of a newest state that was published before a write of ours
     */
    Erasure(RocksFiles files, Runnable renewPublished) {
        this.files = files;
        this.renewPublished = renewPublished;
        byte[] erased = files.get(files.meta, Layout.META_ERASED);
        erasedOffset = erased == null ? StorageOffsets.NONE : Layout.longAt(erased, 0);
    }

    /** Rows were forgotten, and it is written. By the applying thread. */
    synchronized void forgotten(StorageOffsets forgotten) {
        if (forgotten.greatest() > erasedOffset) {
            due = new Due(forgotten, files.db.getLatestSequenceNumber());
        }
    }

    /** Whether what entries up to an offset have forgotten is in no file any more. */
    synchronized boolean isErased(long offset) {
        return due == null || offset <= erasedOffset;
    }

    private synchronized @Nullable Due due() {
        return due;
    }

    /** Does what is due, if no reader stands in the way. By the compacting thread. */
    void run() throws RocksDBException {
        Due doing = due();
        if (doing == null) {
            return;
        }
        if (!doing.equals(compacted)) {
            long oldest = files.db.getLongProperty(OLDEST_SNAPSHOT);
            if (oldest != 0 && oldest < doing.sequence) {
                renewPublished.run();
                return;
            }
            compact(doing);
            compacted = doing;
        }
        // Idle iterators keep the old files; those in use are moved to the new ones soon.
        files.historyIterators.sweep();
        files.historyIterators.sweep();
        if (!files.hasObsolete()) {
            done(doing);
        }
    }

    private void compact(Due doing) throws RocksDBException {
        files.flush();
        for (int storageId : doing.forgotten.after(erasedOffset)) {
            compact(files.current, storageId);
            compact(files.history, storageId);
        }
        // Whose entries they were is not told by a dropped index; chunks are few.
        files.db.compactRange(files.index, null, null, options);
        files.db.compactRange(files.chunks, null, null, options);
        // What is left of the old files goes at the next opening, if there is no time before. With
        // this flush the manifest is written anew, without the keys between which they lay.
        BatchBytes batch = new BatchBytes();
        batch.put(
                files.meta.getID(),
                Layout.META_ERASED,
                Layout.longBytes(doing.forgotten.greatest()));
        files.write(batch);
        files.flush();
    }

    private void compact(ColumnFamilyHandle family, int storageId) throws RocksDBException {
        files.db.compactRange(
                family, Layout.first(storageId), Layout.afterLast(storageId), options);
    }

    private synchronized void done(Due doing) {
        erasedOffset = doing.forgotten.greatest();
        if (doing.equals(due)) {
            due = null;
        }
    }

    /** Ends what runs. */
    void cancel() {
        options.setCanceled(true);
    }

    /** After the last run. */
    @Override
    public void close() {
        options.close();
    }
}
