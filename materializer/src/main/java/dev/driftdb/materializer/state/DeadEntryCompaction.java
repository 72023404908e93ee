package dev.driftdb.materializer.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.Range;
import org.rocksdb.RocksDBException;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps scans of the present from paying for the past: RocksDB steps over every overwritten or
 * deleted entry until a compaction drops it, and by itself compacts only what has filled levels.
 * One thread looks a few times a second for the tables and indexes with too many dead entries and
 * compacts those, with a bounded share of its time. Counts are in bytes, kept since opening.
 */
final class DeadEntryCompaction implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadEntryCompaction.class);

    private static final long LOOK_EVERY_MS = 250;

    /** Of the time: one part compacting, so many parts not. */
    private static final int PAUSE_FACTOR = 4;

    /** A part that nobody changes is compacted when so little of it is dead. */
    private static final long QUIET_BYTES_MIN = 4 << 10;

    private static final int QUIET_SHARE = 16;

    /** Of a part so small that rewriting it costs nothing, whatever share is dead. */
    private static final long SMALL_BYTES = 4 << 20;

    /** A part that is being changed waits until it would shrink by half. */
    private static final long BUSY_BYTES_MIN = 4 << 20;

    /** One table's rows or one index's entries. */
    private record Part(ColumnFamilyHandle family, int id) {}

    /** What one look at a part found. */
    private record Look(long bytes, boolean growing) {}

    /** Dead bytes of a part; the applying thread adds, the compacting one takes them away. */
    private static final class Dead {
        private long bytes;
        private long seen;

        synchronized void add(long more) {
            bytes += more;
        }

        synchronized Look look() {
            Look look = new Look(bytes, bytes != seen);
            seen = bytes;
            return look;
        }

        synchronized void dropped(long compacted) {
            bytes -= compacted;
            seen = bytes;
        }
    }

    private final RocksFiles files;
    private final Erasure erasure;
    private final Map<Part, Dead> parts = new ConcurrentHashMap<>();
    private final Map<Part, Long> inBatch = new HashMap<>();
    private final CompactRangeOptions options =
            new CompactRangeOptions().setExclusiveManualCompaction(false);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    DeadEntryCompaction(RocksFiles files, Erasure erasure) {
        this.files = files;
        this.erasure = erasure;
        thread = Thread.ofPlatform().name("driftdb-compaction").daemon().unstarted(this::run);
        thread.start();
    }

    /**
     * An entry of this many bytes is overwritten or deleted by the batch that is being made. Called
     * by the applying thread.
     */
    void died(ColumnFamilyHandle family, int id, long bytes) {
        inBatch.merge(new Part(family, id), bytes, Long::sum);
    }

    /** The batch is written: only now would a compaction find them. By the applying thread. */
    void written() {
        inBatch.forEach((part, bytes) -> parts.computeIfAbsent(part, key -> new Dead()).add(bytes));
        inBatch.clear();
    }

    /** Entries of so many bytes were deleted, and it is written. Safe for any thread. */
    void deleted(ColumnFamilyHandle family, int id, long bytes) {
        parts.computeIfAbsent(new Part(family, id), key -> new Dead()).add(bytes);
    }

    private void run() {
        try {
            long wait = LOOK_EVERY_MS;
            while (!closing.await(wait, TimeUnit.MILLISECONDS)) {
                long start = System.nanoTime();
                files.historyIterators.sweep();
                compactDue();
                erasure.run();
                long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                wait = Math.max(LOOK_EVERY_MS, PAUSE_FACTOR * tookMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RocksDBException e) {
            if (closing.getCount() > 0) {
                failed(files.damage.failure("compact the state", e));
            }
        } catch (RuntimeException e) {
            if (closing.getCount() > 0) {
                failed(e);
            }
        }
    }

    private static void failed(RuntimeException cause) {
        LOG.error("no more compaction of dead entries: scans will slow down", cause);
    }

    private void compactDue() throws RocksDBException {
        for (Map.Entry<Part, Dead> entry : parts.entrySet()) {
            Look look = entry.getValue().look();
            if (look.bytes < (look.growing ? BUSY_BYTES_MIN : QUIET_BYTES_MIN)) {
                continue;
            }
            Part part = entry.getKey();
            long size = sizeOf(part);
            long quietMin = size <= SMALL_BYTES ? 0 : size / QUIET_SHARE;
            if (look.bytes >= (look.growing ? size : quietMin)) {
                files.db.compactRange(
                        part.family, Layout.first(part.id), Layout.afterLast(part.id), options);
                entry.getValue().dropped(look.bytes);
            }
            if (closing.getCount() == 0) {
                return;
            }
        }
    }

    private long sizeOf(Part part) {
        try (Slice from = new Slice(Layout.first(part.id));
                Slice to = new Slice(Layout.afterLast(part.id))) {
            return files.db
                    .getApproximateSizes(
                            part.family,
                            List.of(new Range(from, to)),
                            SizeApproximationFlag.INCLUDE_FILES)[0];
        }
    }

    /** Cancels what runs and waits for it to end; the files may be closed after it. */
    @Override
    public void close() {
        closing.countDown();
        options.setCanceled(true);
        erasure.cancel();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        options.close();
        erasure.close();
    }
}
