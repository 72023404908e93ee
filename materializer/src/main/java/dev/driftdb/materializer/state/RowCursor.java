package dev.driftdb.materializer.state;

/** Rows one after another. Before the first {@link #next()} it stands on none. */
public interface RowCursor extends AutoCloseable {
    boolean next();

    /** The key of the row it stands on, without the storage id. */
    byte[] key();

    byte[] row();

    /** The offset of the entry that wrote the row. */
    long offset();

    @Override
    void close();
}
