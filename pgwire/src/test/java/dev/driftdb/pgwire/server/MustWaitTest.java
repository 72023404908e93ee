package dev.driftdb.pgwire.server;

import static dev.driftdb.pgwire.WireBytes.query;
import static dev.driftdb.pgwire.WireBytes.startup;
import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.pgwire.server.ToyBackend.ToySession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that run on the event loop and find that they have to wait. */
@Timeout(60)
class MustWaitTest {
    private final ToyBackend backend = new ToyBackend(true);
    private PgServer server;
    private WireClient client;
    private ToySession session;

    @BeforeEach
    void connect() throws IOException, InterruptedException {
        server =
                PgServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        PgServerSettings.defaults(),
                        backend);
        client = WireClient.open(server);
        client.send(startup(0, "user", "ann"));
        client.untilReady();
        session = Objects.requireNonNull(backend.sessions.poll(10, TimeUnit.SECONDS));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    /** Only while the session's thread waits in its mailbox does the event loop take its place. */
    private void startLater() throws IOException {
        while (true) {
            int before = session.tries.get();
            client.send(query("later"));
            Awaitility.await().until(() -> session.tries.get() > before);
            if (session.suspensions.get() > 0) {
                return;
            }
            assertThat(client.untilReady()).containsExactly("C LATER on a thread", "Z I");
        }
    }

    @Test
    void a_message_that_waits_is_handled_once_more_when_what_it_waits_for_is_there()
            throws IOException {
        startLater();
        session.gate.complete(null);
        assertThat(client.untilReady()).containsExactly("C LATER", "Z I");
        assertThat(session.suspensions).hasValue(1);
    }

    @Test
    void what_comes_meanwhile_is_answered_after_it() throws IOException {
        startLater();
        client.send(query("rows 1"), query("later"));
        session.gate.complete(null);
        assertThat(client.untilReady()).containsExactly("C LATER", "Z I");
        assertThat(client.untilReady()).containsExactly("T", "D 1", "C SELECT 1", "Z I");
        assertThat(client.untilReady()).containsExactly("C LATER on a thread", "Z I");
    }

    @Test
    void a_message_that_has_to_wait_otherwise_goes_to_the_thread() throws IOException {
        client.send(query("thread"));
        assertThat(client.untilReady()).containsExactly("C THREAD", "Z I");
        assertThat(session.tries.get()).isBetween(1, 2);
    }

    @Test
    void other_connections_of_the_event_loop_are_served_while_one_waits() throws IOException {
        startLater();
        for (int i = 0; i < 4; i++) {
            try (WireClient other = WireClient.open(server)) {
                other.send(startup(0, "user", "ben"), query("rows 1"));
                other.untilReady();
                assertThat(other.untilReady()).contains("D 1");
            }
        }
    }

    @Test
    void a_client_that_vanishes_while_it_waits_leaves_no_session_behind()
            throws IOException, InterruptedException {
        startLater();
        client.close();
        assertThat(session.closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(session.closeCount).hasValue(1);
    }

    /** It may be a COMMIT that takes effect, whatever the client is told. */
    @Test
    void what_waits_when_the_server_ends_is_answered_before_the_farewell() throws IOException {
        startLater();
        server.close();
        assertThat(client.untilReady()).containsExactly("C LATER", "Z I");
        assertThat(client.read())
                .isEqualTo("E FATAL 57P01 terminating connection due to administrator command");
    }
}
