package dev.driftdb.materializer.state;

import org.jspecify.annotations.Nullable;

/** Entries of one index in order or its reverse. */
final class IndexScan implements IndexCursor, TableState.EntryCursor {
    private final GroupedIterator.Entries entries;
    private final boolean reverse;
    private boolean started;

    IndexScan(
            RocksFiles files,
            @Nullable PublishedState state,
            int indexId,
            KeyRange range,
            boolean reverse) {
        this.reverse = reverse;
        entries = new GroupedIterator.Entries(files, state, indexId, range);
    }

    @Override
    public boolean next() {
        if (!started) {
            started = true;
            return entries.start(reverse);
        }
        if (!entries.valid()) {
            return false;
        }
        return reverse ? entries.prev() : entries.next();
    }

    @Override
    public IndexEntry entry() {
        return Layout.entry(entries.key(), entries.value());
    }

    @Override
    public byte[] indexKey() {
        entries.key();
        return entries.part();
    }

    @Override
    public byte[] rowKey() {
        return Layout.entryRowKey(entries.key(), entries.value());
    }

    @Override
    public void close() {
        entries.close();
    }
}
