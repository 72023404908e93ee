package dev.driftdb.materializer.state;

/** A state that this program cannot go on with, for a reason that a person can mend. */
public final class UnusableStateException extends RuntimeException {
    public UnusableStateException(String message) {
        super(message);
    }
}
