package dev.driftdb.materializer.state;

import java.util.UUID;

/** The state of a replica as what reads the log for it sees it. For one thread. */
public interface ReplicaState extends TableState {
    /** The last offset written; -1 for an empty state. */
    long appliedOffset();

    /** The time of the last entry; entries never go back in time. */
    long lastTimestampMs();

    /** How much a batch holds by now, in bytes. */
    long pendingBytes();

    /**
     * Writes the batch: everything up to an offset becomes visible together.
     *
     * @param transactionId of the last record
     */
    void write(long offset, UUID transactionId);
}
