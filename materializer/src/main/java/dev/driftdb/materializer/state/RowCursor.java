package dev.driftdb.materializer.state;

/** Rows one after another. Before the first {@link #next()} it stands on none. */
public interface RowCursor extends AutoCloseable {
    boolean next();

    /** The key of the row it stands on, without the storage id. */
    byte[] key();

    byte[] row();

    /** An array in which the row is, to be read in place before the next {@link #next()}. */
    default byte[] buffer() {
        return row();
    }

    /** Where the row begins in the {@link #buffer()}. */
    default int from() {
        return 0;
    }

    /** Where it ends. */
    default int to() {
        return row().length;
    }

    /** The offset of the entry that wrote the row. */
    long offset();

    @Override
    void close();
}
