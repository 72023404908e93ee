package dev.driftdb.materializer.state;

import dev.driftdb.schemas.catalog.Catalog;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.ReadOptions;
import org.rocksdb.Snapshot;

/**
 * The state after one written batch: an offset, its catalog, and a RocksDB snapshot that all views
 * of that moment share. Counted: the snapshot is given back by whoever releases last.
 */
final class PublishedState {
    final RocksFiles files;
    final long offset;
    final Catalog catalog;
    final Snapshot snapshot;

    /** Not before those that the snapshot has. */
    final StorageOffsets horizons;

    /** The newest entry of each storage that forgot rows of it. */
    final StorageOffsets forgotten;

    /** False if the files also have a part of the entry after it. */
    final boolean whole;

    /** For point reads, which need no bounds; shared because it is never changed. */
    final ReadOptions pointReads;

    private final AtomicInteger users = new AtomicInteger(1);

    /** Takes the snapshot now. The files must be held open by the caller. */
    PublishedState(
            RocksFiles files,
            long offset,
            Catalog catalog,
            StorageOffsets horizons,
            StorageOffsets forgotten,
            boolean whole) {
        if (!files.acquire()) {
            throw new IllegalStateException("the state is closed");
        }
        this.files = files;
        this.offset = offset;
        this.catalog = catalog;
        this.horizons = horizons;
        this.forgotten = forgotten;
        this.whole = whole;
        this.snapshot = files.db.getSnapshot();
        this.pointReads = new ReadOptions().setSnapshot(snapshot);
    }

    /** False when the last user has gone: there is a newer state, or none any more. */
    boolean acquire() {
        while (true) {
            int count = users.get();
            if (count == 0) {
                return false;
            }
            if (users.compareAndSet(count, count + 1)) {
                return true;
            }
        }
    }

    /** Nobody but the state itself uses it. */
    boolean isIdle() {
        return users.get() == 1;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            pointReads.close();
            files.db.releaseSnapshot(snapshot);
            files.release();
        }
    }
}
