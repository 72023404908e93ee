package dev.driftdb.materializer.replica;

/**
 * The state of a replica does not belong to the log it is started with: the log has lost its tail,
 * or is another one. Going on would silently skip entries.
 */
public final class StateAheadOfLogException extends RuntimeException {
    public StateAheadOfLogException(String message) {
        super(message);
    }
}
