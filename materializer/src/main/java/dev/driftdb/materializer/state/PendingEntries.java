package dev.driftdb.materializer.state;

import dev.driftdb.materializer.state.PendingChanges.PendingEntry;
import dev.driftdb.schemas.type.Bytes;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Written entries of an index that a batch has not changed, then those of the batch. Not in order:
 * for rebuilding an index, where it does not matter. Unmoved by later changes.
 */
final class PendingEntries implements TableState.EntryCursor {
    private final IndexScan written;
    private final Map<Bytes, PendingEntry> pending;
    private final Iterator<PendingEntry> rest;
    private boolean writtenEnded;
    private @Nullable IndexEntry entry;

    PendingEntries(IndexScan written, Map<Bytes, PendingEntry> pending) {
        this.written = written;
        this.pending = new TreeMap<>(pending);
        this.rest = this.pending.values().iterator();
    }

    @Override
    public boolean next() {
        while (!writtenEnded) {
            if (!written.next()) {
                writtenEnded = true;
                break;
            }
            IndexEntry found = written.entry();
            if (!pending.containsKey(Bytes.wrap(Layout.entryKey(found)))) {
                entry = found;
                return true;
            }
        }
        while (rest.hasNext()) {
            IndexEntry found = rest.next().entry();
            if (found != null) {
                entry = found;
                return true;
            }
        }
        entry = null;
        return false;
    }

    @Override
    public IndexEntry entry() {
        IndexEntry found = entry;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on no entry");
        }
        return found;
    }

    @Override
    public void close() {
        entry = null;
        written.close();
    }
}
