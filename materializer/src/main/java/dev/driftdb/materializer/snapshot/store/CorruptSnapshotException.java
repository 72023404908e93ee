package dev.driftdb.materializer.snapshot.store;

/**
 * What a store holds of a snapshot is not what was put there. Trying again does not help: another
 * snapshot or the log itself has to do. The message says what is wrong and where.
 */
public final class CorruptSnapshotException extends Exception {
    public CorruptSnapshotException(String message) {
        super(message);
    }

    public CorruptSnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
