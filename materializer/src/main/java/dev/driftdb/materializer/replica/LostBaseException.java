package dev.driftdb.materializer.replica;

/** A snapshot has gone, or is damaged: what was to begin with it begins with another. */
public final class LostBaseException extends Exception {
    private static final long serialVersionUID = 1L;

    public LostBaseException(String message) {
        super(message);
    }
}
