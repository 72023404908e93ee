package dev.driftdb.materializer.state;

/** All rows of a storage, each of which is put into the cache of scans as well. */
final class FillingRows implements RowCursor {
    private final RowCursor rows;
    private final ScanCache.Filling filling;
    private boolean complete;

    FillingRows(RowCursor rows, ScanCache.Filling filling) {
        this.rows = rows;
        this.filling = filling;
    }

    @Override
    public boolean next() {
        if (rows.next()) {
            filling.add(rows.key(), new StoredRow(rows.offset(), rows.row()));
            return true;
        }
        if (!complete) {
            complete = true;
            filling.complete();
        }
        return false;
    }

    @Override
    public byte[] key() {
        return rows.key();
    }

    @Override
    public byte[] row() {
        return rows.row();
    }

    @Override
    public long offset() {
        return rows.offset();
    }

    @Override
    public void close() {
        // A walk that was left before its end is not complete.
        complete = true;
        rows.close();
        filling.close();
    }
}
