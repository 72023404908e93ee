package dev.driftdb.query.catalog;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.IndexCursor;
import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.materializer.state.VersionCursor;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.type.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A state of which only the entries of the log are known; null is an offset without an entry. */
record LogOnlyView(Catalog catalog, List<@Nullable EntryInfo> entries) implements ReadView {
    @Override
    public long offset() {
        return entries.size() - 1L;
    }

    @Override
    public @Nullable StoredRow get(int storageId, Bytes key) {
        return null;
    }

    @Override
    public RowCursor scan(int storageId, KeyRange range, boolean reverse) {
        throw new IllegalStateException("no rows");
    }

    @Override
    public IndexCursor scanIndex(int indexId, KeyRange range, boolean reverse) {
        throw new IllegalStateException("no rows");
    }

    @Override
    public boolean hasIndexes() {
        return false;
    }

    @Override
    public VersionCursor versions(int storageId, KeyRange range, long fromOffset, long toOffset) {
        throw new IllegalStateException("no rows");
    }

    @Override
    public @Nullable EntryInfo entry(long offset) {
        return entries.get((int) offset);
    }

    @Override
    public long offsetAt(long timestampMs) {
        return -1;
    }

    @Override
    public long horizon(int storageId) {
        return -1;
    }

    @Override
    public void close() {}
}
