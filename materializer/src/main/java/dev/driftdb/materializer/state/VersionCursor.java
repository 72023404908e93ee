package dev.driftdb.materializer.state;

/** Versions of rows one after another. */
public interface VersionCursor extends AutoCloseable {
    /** {@link #offsetTo()} of a version that is still the live one. */
    long LIVE = Long.MAX_VALUE;

    boolean next();

    byte[] key();

    byte[] row();

    /** The offset of the entry that wrote this version. */
    long offsetFrom();

    /** The offset of the entry that replaced or deleted it, or {@link #LIVE}. */
    long offsetTo();

    /** Whether no version of this row was live before: it began with an insert. */
    boolean isInsert();

    /** Whether {@link #offsetTo()} is a deletion (and not a newer version). */
    boolean endsDeleted();

    @Override
    void close();
}
