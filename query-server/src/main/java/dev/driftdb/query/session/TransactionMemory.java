package dev.driftdb.query.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The heap that the open transactions of one server hold for what they have written, counted with
 * all objects. Safe for any thread.
 */
final class TransactionMemory {
    /** All transactions together, in percent of the heap: the replica and queries need the rest. */
    private static final int HEAP_PERCENT = 40;

    /** One transaction, in percent of what all may hold: others must be able to go on. */
    private static final int TRANSACTION_PERCENT = 75;

    private final long bytesMax;
    private final AtomicLong held = new AtomicLong();

    TransactionMemory(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    static TransactionMemory ofHeap() {
        return new TransactionMemory(Runtime.getRuntime().maxMemory() / 100 * HEAP_PERCENT);
    }

    long bytesMax() {
        return bytesMax;
    }

    /** What one transaction may hold. */
    long transactionBytesMax() {
        return bytesMax / 100 * TRANSACTION_PERCENT;
    }

    /** Takes as many bytes if there is room for them. */
    boolean take(long bytes) {
        if (held.addAndGet(bytes) <= bytesMax) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    void give(long bytes) {
        held.addAndGet(-bytes);
    }
}
