package dev.driftdb.materializer.replica;

import java.io.IOException;

/** Makes the log durable as far as it was read, before the replica shows anything of it. */
@FunctionalInterface
public interface LogSync {
    /** For a log whose broker acknowledges durable records only, or needs not. */
    LogSync BY_BROKER = () -> {};

    /**
     * Called by the replica's thread once for each batch.
     *
     * @throws IOException the batch may be lost with a power failure: it must not be shown
     */
    void sync() throws IOException;
}
