package dev.driftdb.materializer.progress;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Long work that is under way: told to the log every few seconds. Safe for any thread. */
public final class ProgressWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressWatch.class);
    private static final long TELL_EVERY_S = 5;

    private final List<Watched> works = new CopyOnWriteArrayList<>();

    /** Watched until it is closed. */
    public final class Watched implements AutoCloseable {
        private final Supplier<Progress> work;
        private final CountDownLatch ended = new CountDownLatch(1);

        private Watched(Supplier<Progress> work) {
            this.work = work;
        }

        private void tell() {
            try {
                while (!ended.await(TELL_EVERY_S, TimeUnit.SECONDS)) {
                    LOG.info("{}", work.get());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            works.remove(this);
            ended.countDown();
        }
    }

    /**
     * @param work called from other threads, cheap
     */
    public Watched watch(Supplier<Progress> work) {
        Watched watched = new Watched(work);
        works.add(watched);
        Thread.ofVirtual().name("driftdb-progress").start(watched::tell);
        return watched;
    }

    /** Of all that is under way. */
    public List<Progress> now() {
        return works.stream().map(watched -> watched.work.get()).toList();
    }
}
