package dev.driftdb.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs an operation over and over on some threads and takes the time of each. */
final class Load {
    /** Samples of one thread; 160 MB. A load that reaches it ends early. */
    private static final int SAMPLES_MAX = 20_000_000;

    private static final int SAMPLES_AT_FIRST = 64 * 1024;

    private Load() {}

    /** What one thread does, with what it needs for it. Used by that thread only. */
    interface Worker extends AutoCloseable {
        /** One operation, with its answer checked. */
        void run() throws Exception;

        @Override
        default void close() throws SQLException {}
    }

    /** Makes the worker of one thread. */
    interface WorkerFactory {
        Worker open() throws Exception;
    }

    /**
     * Every thread runs its operations one after the other, without a pause.
     *
     * @param warmUp how long the operations run before their times are taken
     * @throws Exception the first failure of any operation, which ends them all
     */
    static Timings run(int threads, Duration warmUp, Duration measured, WorkerFactory factory)
            throws Exception {
        List<Worker> workers = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                workers.add(factory.open());
            }
            return run(workers, warmUp, measured);
        } finally {
            for (Worker worker : workers) {
                worker.close();
            }
        }
    }

    private static Timings run(List<Worker> workers, Duration warmUp, Duration measured)
            throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        AtomicBoolean failed = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(workers.size())) {
            long from = System.nanoTime() + warmUp.toNanos();
            long until = from + measured.toNanos();
            List<Future<long[]>> results = new ArrayList<>();
            for (Worker worker : workers) {
                results.add(
                        threads.submit(() -> {
                            start.await();
                            return sample(worker, from, until, failed);
                        }));
            }
            start.countDown();
            List<long[]> samples = new ArrayList<>();
            for (Future<long[]> result : results) {
                samples.add(result.get());
            }
            return new Timings(
                    samples.stream().flatMapToLong(Arrays::stream).toArray(),
                    measured.toNanos() / 1e9);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Times of the operations that ended between the two instants. */
    private static long[] sample(Worker worker, long from, long until, AtomicBoolean failed)
            throws Exception {
        long[] nanos = new long[SAMPLES_AT_FIRST];
        int count = 0;
        try {
            long before = System.nanoTime();
            while (before < until && count < SAMPLES_MAX && !failed.get()) {
                worker.run();
                long after = System.nanoTime();
                if (after >= from && after <= until) {
                    if (count == nanos.length) {
                        nanos = Arrays.copyOf(nanos, 2 * count);
                    }
                    nanos[count++] = after - before;
                }
                before = after;
            }
        } catch (Exception e) {
            failed.set(true);
            throw e;
        }
        return Arrays.copyOf(nanos, count);
    }
}
