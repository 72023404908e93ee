package dev.driftdb.materializer.state;

import org.jspecify.annotations.Nullable;

/** The newest rows of a storage: a plain walk of the column family {@code current}. */
final class CurrentRows implements RowCursor {
    private final BoundedIterator iterator;
    private final boolean reverse;
    private boolean started;
    private boolean ended;
    private @Nullable StoredRow row;

    CurrentRows(
            RocksFiles files,
            @Nullable PublishedState state,
            int storageId,
            KeyRange range,
            boolean reverse) {
        this.reverse = reverse;
        iterator =
                new BoundedIterator(
                        files,
                        state,
                        files.current,
                        Layout.lower(storageId, range),
                        Layout.upper(storageId, range),
                        range.equals(KeyRange.ALL));
    }

    @Override
    public boolean next() {
        if (ended) {
            return false;
        }
        boolean found;
        if (!started) {
            started = true;
            found = reverse ? iterator.last() : iterator.first();
        } else {
            found = reverse ? iterator.prev() : iterator.next();
        }
        row = found ? iterator.currentRow() : null;
        ended = !found;
        return found;
    }

    @Override
    public byte[] key() {
        requireRow();
        return iterator.keyWithoutId();
    }

    @Override
    public byte[] row() {
        return requireRow().row();
    }

    /** The row with its offset. */
    StoredRow stored() {
        return requireRow();
    }

    @Override
    public long offset() {
        return requireRow().offset();
    }

    private StoredRow requireRow() {
        StoredRow found = row;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on no row");
        }
        return found;
    }

    @Override
    public void close() {
        row = null;
        ended = true;
        iterator.close();
    }
}
