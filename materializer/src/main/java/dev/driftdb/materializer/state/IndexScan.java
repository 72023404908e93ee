package dev.driftdb.materializer.state;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Entries of one index in order or its reverse. */
final class IndexScan implements IndexCursor, TableState.EntryCursor {
    private final GroupedIterator.Entries entries;
    private final boolean reverse;
    private final Consumer<BoundedIterator> end;
    private boolean started;
    private boolean closed;

    /**
     * @param iterator over the whole index
     * @param end takes the iterator back when the scan is closed
     */
    IndexScan(
            BoundedIterator iterator,
            int indexId,
            KeyRange range,
            boolean reverse,
            Consumer<BoundedIterator> end) {
        this.reverse = reverse;
        this.end = end;
        entries = new GroupedIterator.Entries(iterator, indexId, range);
    }

    IndexScan(
            RocksFiles files,
            @Nullable PublishedState state,
            int indexId,
            KeyRange range,
            boolean reverse) {
        this.reverse = reverse;
        this.end = BoundedIterator::close;
        entries = new GroupedIterator.Entries(files, state, indexId, range);
    }

    @Override
    public boolean next() {
        if (closed) {
            return false;
        }
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
        if (!closed) {
            closed = true;
            entries.leave();
            end.accept(entries.iterator);
        }
    }
}
