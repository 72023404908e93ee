package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.message.FrontendMessage;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way from the event loop to the session's thread, in order. All messages of one
 * read are one hand-over. Bounded by bytes: a full mailbox takes what it is given, and asks that no
 * more be read until it was emptied.
 */
final class Mailbox {
    /** Above this the connection is not read any more. One message alone may be larger. */
    static final long BYTES_MAX = 1 << 20;

    /** What a message costs beside its own bytes, so that a flood of tiny ones is bounded too. */
    static final int MESSAGE_OVERHEAD_BYTES = 64;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Runnable emptied;

    private List<FrontendMessage> queued = List.of();
    private long queuedBytes;
    private boolean full;
    private boolean taking;
    private boolean borrowed;
    private boolean closed;

    /** {@code emptied} is called by the taking thread after a full mailbox was emptied. */
    Mailbox(Runnable emptied) {
        this.emptied = emptied;
    }

    /**
     * Never blocks. The list is handed over.
     *
     * @return false: full, stop reading until {@code emptied} is called
     */
    boolean put(List<FrontendMessage> batch, long bytes) {
        return put(batch, bytes, false);
    }

    /** As {@link #put}, but before all that is queued: messages that were held back. */
    boolean putBack(List<FrontendMessage> batch, long bytes) {
        return put(batch, bytes, true);
    }

    private boolean put(List<FrontendMessage> batch, long bytes, boolean first) {
        lock.lock();
        try {
            if (closed) {
                return true;
            }
            if (queued.isEmpty()) {
                queued = batch;
            } else {
                queued.addAll(first ? 0 : queued.size(), batch);
            }
            queuedBytes += bytes + (long) batch.size() * MESSAGE_OVERHEAD_BYTES;
            full = queuedBytes > BYTES_MAX;
            if (!borrowed) {
                changed.signal();
            }
            return !full;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until there is something.
     *
     * @return everything queued, or null once closed and empty
     */
    @Nullable List<FrontendMessage> take() {
        List<FrontendMessage> taken;
        boolean wasFull;
        lock.lock();
        try {
            taking = true;
            while (borrowed || (queued.isEmpty() && !closed)) {
                // Not by interrupt: an engine may use that to cancel a statement, perhaps too late.
                changed.awaitUninterruptibly();
            }
            taking = false;
            if (queued.isEmpty()) {
                return null;
            }
            taken = queued;
            queued = List.of();
            queuedBytes = 0;
            wasFull = full;
            full = false;
        } finally {
            lock.unlock();
        }
        if (wasFull) {
            emptied.run();
        }
        return taken;
    }

    /**
     * Holds the taker back while the caller does its work in its place: possible while the taker
     * waits and nothing is queued. May be given back by another call, much later. What either did
     * before is seen by the other.
     */
    boolean borrow() {
        lock.lock();
        try {
            boolean free = !borrowed && taking && queued.isEmpty() && !closed;
            borrowed |= free;
            return free;
        } finally {
            lock.unlock();
        }
    }

    /** After {@link #borrow()} was true. */
    void giveBack() {
        lock.lock();
        try {
            borrowed = false;
            if (closed || !queued.isEmpty()) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes nothing more.
     *
     * @param dropQueued what is queued is not handled either
     */
    void close(boolean dropQueued) {
        lock.lock();
        try {
            closed = true;
            if (dropQueued) {
                queued = List.of();
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
