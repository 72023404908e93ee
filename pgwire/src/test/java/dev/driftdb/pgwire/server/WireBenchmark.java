package dev.driftdb.pgwire.server;

import static dev.driftdb.pgwire.WireBytes.bind;
import static dev.driftdb.pgwire.WireBytes.concat;
import static dev.driftdb.pgwire.WireBytes.execute;
import static dev.driftdb.pgwire.WireBytes.parse;
import static dev.driftdb.pgwire.WireBytes.sync;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepared one-row statements per second through the wire alone: Bind, Execute, Sync, then the
 * client waits for ReadyForQuery. Run by hand, it is no test; clients run in the same process.
 *
 * <p>Arguments: clients, event loops, "virtual", "platform" or "quick" (on the event loop),
 * seconds.
 */
final class WireBenchmark {
    private static final Logger LOG = LoggerFactory.getLogger(WireBenchmark.class);

    private WireBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int clients = Integer.parseInt(arguments[0]);
        int eventLoops = Integer.parseInt(arguments[1]);
        PgServerSettings settings = PgServerSettings.defaults().withEventLoops(eventLoops);
        if (arguments[2].equals("platform")) {
            settings = settings.withSessionThreads(Thread.ofPlatform().daemon().factory());
        }
        Duration duration = Duration.ofSeconds(Long.parseLong(arguments[3]));
        try (PgServer server =
                PgServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        settings,
                        new ToyBackend(arguments[2].equals("quick")))) {
            run(server, clients, duration); // warm-up
            LOG.warn("{}: {} statements/s", List.of(arguments), run(server, clients, duration));
        }
    }

    private static long run(PgServer server, int clients, Duration duration) throws Exception {
        AtomicLong statements = new AtomicLong();
        long end = System.nanoTime() + duration.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.ofPlatform().start(() -> statements.addAndGet(client(server, end))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return statements.get() / duration.toSeconds();
    }

    private static long client(PgServer server, long end) {
        try (WireClient client = WireClient.connect(server)) {
            client.send(parse("s", "rows 1"), sync());
            client.untilReady();
            byte[] statement = concat(bind("", "s", "1"), execute("", 0), sync());
            byte[] answer = new byte[256];
            long count = 0;
            while (System.nanoTime() < end) {
                client.socket.getOutputStream().write(statement);
                int length = 0;
                do { // ends with ReadyForQuery: 'Z', length 5, status
                    length += client.socket.getInputStream().read(answer, length, 256 - length);
                } while (length < 6 || answer[length - 6] != 'Z');
                count++;
            }
            return count;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
