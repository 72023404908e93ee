package dev.driftdb.materializer.replica;

import java.time.Duration;

/**
 * How the log comes to a replica.
 *
 * @param sync called before anything of a batch is shown or acknowledged
 * @param fetchWait how long the broker gathers records before it answers a fetch; zero: it answers
 *     with each record. Longer saves both sides most of their work where nearly all records are
 *     appended by this process, and offered ({@link Replica#offer})
 */
public record LogFeed(LogSync sync, Duration fetchWait) {
    /** A cluster keeps what it acknowledges, and many nodes append to it. */
    public static final LogFeed OF_A_CLUSTER = new LogFeed(LogSync.BY_BROKER, Duration.ZERO);

    private static final Duration GATHERING = Duration.ofMillis(20);

    /** A broker in this process: what others append may be seen so much later. */
    public static LogFeed ofOwnBroker(LogSync sync) {
        return new LogFeed(sync, GATHERING);
    }
}
