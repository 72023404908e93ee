package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the entries of the log did to published tables, entry by entry in the order of the log. The
 * entries come in polls; what is read of the state for one is kept for the next in the same poll.
 * Owned by the publisher's thread.
 */
final class CommittedChanges implements AutoCloseable {
    /** Takes the changes of committed entries. */
    interface Sink extends RowChange.Sink {
        /** The next changes belong to this entry. */
        void beginEntry(EntryInfo entry);
    }

    private final LongFunction<ReadView> views;
    private final Sink sink;
    private final RowsBefore rowsBefore;

    /** After the last entry that was read. */
    private Catalog catalog;

    /** For entries that do not change the catalog. */
    private PublishedTables tables;

    private @Nullable ReadView poll;

    /**
     * @param views gives the view of the state after the entry at an offset, -1 before the first
     * @param catalog after the entry before the first one to be read
     */
    CommittedChanges(LongFunction<ReadView> views, Catalog catalog, Sink sink) {
        this(views, catalog, sink, RowsBefore.BYTES_MAX);
    }

    CommittedChanges(
            LongFunction<ReadView> views, Catalog catalog, Sink sink, long rememberedBytesMax) {
        this.views = views;
        this.sink = sink;
        this.rowsBefore = new RowsBefore(views, rememberedBytesMax);
        this.catalog = catalog;
        this.tables = new PublishedTables(catalog, catalog);
    }

    /**
     * The entries up to this offset follow, which the replica has applied; {@link #close} ends the
     * poll.
     */
    void beginPoll(long lastOffset) {
        close();
        poll = views.apply(lastOffset);
    }

    /**
     * Hands on what an entry did, if it took effect.
     *
     * @param chunks the changes of the entry's chunks; read only if the entry took effect
     */
    void read(long offset, TransactionEntry entry, Iterable<List<Change>> chunks) {
        ReadView view = poll;
        if (view == null) {
            throw new IllegalStateException("no poll has begun");
        }
        // What is in chunks is not known before they are read.
        boolean ofCatalog = entry.chunkCount() > 0 || changesCatalog(entry.changes());
        if (!ofCatalog && !touchesPublished(entry.changes())) {
            return;
        }
        EntryInfo info = view.entry(offset);
        if (info == null) {
            throw new IllegalStateException("the replica knows no entry at " + offset);
        }
        if (!info.committed()) {
            return;
        }
        if (ofCatalog) {
            Catalog before = catalog;
            try (ReadView after = views.apply(offset)) {
                catalog = after.catalog();
            }
            tables = new PublishedTables(before, catalog);
        }
        sink.beginEntry(info);
        rowsBefore.beginEntry(offset);
        RowChanges changes = new RowChanges(offset, tables, rowsBefore, views, sink);
        for (List<Change> chunk : chunks) {
            changes.add(chunk);
        }
        changes.add(entry.changes());
        if (ofCatalog) {
            tables = new PublishedTables(catalog, catalog);
        }
        if (ofCatalog || changes.replacedStorages()) {
            // Rows changed that were not handed on one by one, or of tables not published so far.
            rowsBefore.close();
        }
    }

    private static boolean changesCatalog(List<Change> changes) {
        for (Change change : changes) {
            if (RowChanges.storageOf(change) == SystemStorage.CATALOG) {
                return true;
            }
        }
        return false;
    }

    private boolean touchesPublished(List<Change> changes) {
        for (Change change : changes) {
            if (tables.byStorage(RowChanges.storageOf(change)) != null) {
                return true;
            }
        }
        return false;
    }

    /** Lets go of the state. */
    @Override
    public void close() {
        rowsBefore.close();
        ReadView view = poll;
        poll = null;
        if (view != null) {
            view.close();
        }
    }
}
