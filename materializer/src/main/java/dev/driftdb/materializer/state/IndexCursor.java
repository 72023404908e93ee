package dev.driftdb.materializer.state;

/** Entries of an index one after another. */
public interface IndexCursor extends AutoCloseable {
    boolean next();

    /** The indexed columns of the entry, as key bytes without index id and row key. */
    byte[] indexKey();

    /** The key of the row that the entry stands for. */
    byte[] rowKey();

    @Override
    void close();
}
