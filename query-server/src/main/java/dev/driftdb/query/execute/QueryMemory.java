package dev.driftdb.query.execute;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that all operators of one running statement share. Safe for any thread. */
public final class QueryMemory {
    private final long bytesMax;
    private final AtomicLong held = new AtomicLong();

    public QueryMemory(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    public long bytesMax() {
        return bytesMax;
    }

    /** Takes as many bytes if there is room for them. */
    boolean take(long bytes) {
        if (held.addAndGet(bytes) <= bytesMax) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    boolean hasRoom(long bytes) {
        return held.get() + bytes <= bytesMax;
    }

    void give(long bytes) {
        held.addAndGet(-bytes);
    }

    /** What is taken now. */
    public long held() {
        return held.get();
    }
}
