package dev.driftdb.materializer.state;

/**
 * How many rows of one storage were inserted, updated and deleted since this replica's state was
 * opened. What this process knows by itself: no part of the log.
 */
public record StorageActivity(long inserted, long updated, long deleted) {
    public static final StorageActivity NONE = new StorageActivity(0, 0, 0);

    public long changed() {
        return inserted + updated + deleted;
    }

    /** By how many rows the storage has grown (or, negative, shrunk). */
    public long growth() {
        return inserted - deleted;
    }
}
