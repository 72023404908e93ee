package dev.driftdb.materializer.state;

/** Entries of an index out of the cache of scans: index keys, each with the key of its row. */
record CachedIndexScan(RowCursor entries) implements IndexCursor {
    @Override
    public boolean next() {
        return entries.next();
    }

    @Override
    public byte[] indexKey() {
        return entries.key();
    }

    @Override
    public byte[] rowKey() {
        return entries.row();
    }

    @Override
    public void close() {
        entries.close();
    }
}
