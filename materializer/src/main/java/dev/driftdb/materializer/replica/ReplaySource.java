package dev.driftdb.materializer.replica;

import java.nio.file.Path;
import java.util.List;

/** What states of the past are made from: snapshots, and the log behind them. */
public interface ReplaySource {
    /**
     * A snapshot.
     *
     * @param offset the last entry in it
     * @param horizon from which offset on the history in it is whole, -1 if nothing is gone
     */
    record Base(long offset, long horizon) {}

    /** One record of the log, in the order of offsets. */
    @FunctionalInterface
    interface Sink {
        void record(long offset, long timestampMs, byte[] value);
    }

    /** All that there are, by offset. */
    List<Base> bases();

    /**
     * Fills an empty directory with a snapshot's files, verified.
     *
     * @param checkStop called again and again; throws to end early
     * @throws LostBaseException if it is not among {@link #bases} any longer
     */
    void fetch(Base base, Path directory, Runnable checkStop) throws LostBaseException;

    /** The first offset that the log still has. */
    long logBeginning();

    /**
     * Reads the records of the offsets [from, to].
     *
     * @param checkStop called again and again; throws to end early
     */
    void read(long from, long to, Sink sink, Runnable checkStop);
}
