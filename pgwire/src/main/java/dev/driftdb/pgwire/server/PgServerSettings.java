package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.codec.FrontendDecoder;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;

/**
 * How a {@link PgServer} behaves. Authentication is trust: every user is let in, so bind it to an
 * address that only trusted clients reach.
 *
 * @param maxConnections sessions at a time; one more is refused with 53300
 * @param authenticationTimeout how long a client may take until its StartupMessage is complete
 * @param messageBytesMax longest message; a longer one is answered with 54000 and skipped
 * @param shutdownTimeout how long {@link PgServer#close()} waits for sessions to end by themselves
 * @param eventLoops threads that read, decode and write; they run no statements
 * @param sessionThreads makes the one thread of each session. Virtual threads cost least; platform
 *     threads share the cores fairly among long statements and let the stack size be chosen
 */
public record PgServerSettings(
        int maxConnections,
        Duration authenticationTimeout,
        int messageBytesMax,
        Duration shutdownTimeout,
        int eventLoops,
        ThreadFactory sessionThreads) {
    private static final int EVENT_LOOPS_MAX = 2;

    public PgServerSettings {
        if (maxConnections < 1 || messageBytesMax < 1 || eventLoops < 1) {
            throw new IllegalArgumentException(
                    "maxConnections, messageBytesMax and eventLoops must be at least 1");
        }
    }

    /** 100 sessions, 60 s, 64 MiB, 5 s, up to 2 event loops, virtual threads. */
    public static PgServerSettings defaults() {
        return new PgServerSettings(
                100,
                Duration.ofSeconds(60),
                FrontendDecoder.MESSAGE_BYTES_MAX,
                Duration.ofSeconds(5),
                Math.min(EVENT_LOOPS_MAX, Runtime.getRuntime().availableProcessors()),
                Thread.ofVirtual().name("pg-session-", 0).factory());
    }

    public PgServerSettings withMaxConnections(int connections) {
        return new PgServerSettings(
                connections,
                authenticationTimeout,
                messageBytesMax,
                shutdownTimeout,
                eventLoops,
                sessionThreads);
    }

    public PgServerSettings withAuthenticationTimeout(Duration timeout) {
        return new PgServerSettings(
                maxConnections,
                timeout,
                messageBytesMax,
                shutdownTimeout,
                eventLoops,
                sessionThreads);
    }

    public PgServerSettings withMessageBytesMax(int bytes) {
        return new PgServerSettings(
                maxConnections,
                authenticationTimeout,
                bytes,
                shutdownTimeout,
                eventLoops,
                sessionThreads);
    }

    public PgServerSettings withShutdownTimeout(Duration timeout) {
        return new PgServerSettings(
                maxConnections,
                authenticationTimeout,
                messageBytesMax,
                timeout,
                eventLoops,
                sessionThreads);
    }

    public PgServerSettings withEventLoops(int loops) {
        return new PgServerSettings(
                maxConnections,
                authenticationTimeout,
                messageBytesMax,
                shutdownTimeout,
                loops,
                sessionThreads);
    }

    public PgServerSettings withSessionThreads(ThreadFactory threads) {
        return new PgServerSettings(
                maxConnections,
                authenticationTimeout,
                messageBytesMax,
                shutdownTimeout,
                eventLoops,
                threads);
    }
}
