package dev.driftdb.materializer.state;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Iterators over the history that nobody uses at the moment: making one costs many times what
 * moving it to another snapshot does. An idle one holds on to files that compactions have replaced,
 * so {@link #sweep} lets them go. Safe for any thread; used while the files are held open.
 */
final class HistoryIterators {
    private static final int IDLE_MAX = 16;

    private final RocksFiles files;
    private final AtomicInteger idleCount = new AtomicInteger();
    private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger sweeps = new AtomicInteger();

    /** Given back between two sweeps. */
    private record Idle(RocksIterator iterator, int sweep) {}

    HistoryIterators(RocksFiles files) {
        this.files = files;
    }

    /** One that sees what a state does; {@link #giveBack} it before the state is released. */
    RocksIterator take(PublishedState state) {
        RocksIterator iterator = poll();
        if (iterator == null) {
            return files.db.newIterator(files.history, state.pointReads);
        }
        try {
            iterator.refresh(state.snapshot);
            return iterator;
        } catch (RocksDBException e) {
            iterator.close();
            throw files.damage.failure("read the state", e);
        }
    }

    private @Nullable RocksIterator poll() {
        Idle found = idle.pollFirst();
        if (found == null) {
            return null;
        }
        idleCount.decrementAndGet();
        return found.iterator();
    }

    void giveBack(RocksIterator iterator) {
        if (idleCount.incrementAndGet() > IDLE_MAX) {
            idleCount.decrementAndGet();
            iterator.close();
        } else {
            idle.addFirst(new Idle(iterator, sweeps.get()));
        }
    }

    /** Closes those that were idle since the sweep before. */
    void sweep() {
        int now = sweeps.getAndIncrement();
        Idle oldest = idle.pollLast();
        while (oldest != null && oldest.sweep() < now) {
            idleCount.decrementAndGet();
            oldest.iterator().close();
            oldest = idle.pollLast();
        }
        if (oldest != null) {
            idle.addLast(oldest);
        }
    }

    /** Nobody uses the files any longer. */
    void close() {
        for (RocksIterator left = poll(); left != null; left = poll()) {
            left.close();
        }
    }
}
