package dev.driftdb.pgwire.server;

import static dev.driftdb.pgwire.WireBytes.bind;
import static dev.driftdb.pgwire.WireBytes.concat;
import static dev.driftdb.pgwire.WireBytes.copyData;
import static dev.driftdb.pgwire.WireBytes.execute;
import static dev.driftdb.pgwire.WireBytes.parse;
import static dev.driftdb.pgwire.WireBytes.query;
import static dev.driftdb.pgwire.WireBytes.startup;
import static dev.driftdb.pgwire.WireBytes.sync;
import static dev.driftdb.pgwire.WireBytes.terminate;
import static dev.driftdb.pgwire.WireBytes.untyped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.pgwire.server.ToyBackend.ToySession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections: how they start, are limited, are cancelled and end. */
@Timeout(60)
class PgServerTest {
    private static final byte[] SSL_REQUEST = untyped().int32(80877103).bytes();
    private static final byte[] GSSENC_REQUEST = untyped().int32(80877104).bytes();

    private final ToyBackend backend = new ToyBackend(true);
    private PgServer server;

    PgServerTest() throws IOException {
        server = start(PgServerSettings.defaults());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_start_answers_the_ladder_of_the_manual() throws IOException {
        try (WireClient client = WireClient.open(server)) {
            client.send(GSSENC_REQUEST);
            assertThat(client.in.readByte()).isEqualTo((byte) 'N');
            client.send(SSL_REQUEST);
            assertThat(client.in.readByte()).isEqualTo((byte) 'N');
            client.send(startup(0, "user", "ann", "database", "db"));
            assertThat(client.untilReady())
                    .containsExactly("R", "S server_encoding=UTF8", "K", "Z I");
            assertThat(client.processId).isPositive();
        }
    }

    @Test
    void messages_sent_with_the_start_are_answered() throws IOException {
        try (WireClient client = WireClient.open(server)) {
            client.send(startup(0, "user", "ann"), query("rows 1"), query("rows 0"));
            assertThat(client.untilReady()).hasSize(4);
            assertThat(client.untilReady()).containsExactly("T", "D 1", "C SELECT 1", "Z I");
            assertThat(client.untilReady()).containsExactly("T", "C SELECT 0", "Z I");
        }
    }

    @Test
    void a_newer_minor_version_and_unknown_options_are_negotiated() throws IOException {
        try (WireClient client = WireClient.open(server)) {
            client.send(startup(2, "user", "ann", "_pq_.x", "1"));
            assertThat(client.untilReady()).startsWith("v 196608 _pq_.x", "R");
        }
    }

    @Test
    void a_start_that_cannot_be_is_refused() throws IOException {
        assertRefused("E FATAL 28000 no PostgreSQL user name", startup(0, "database", "db"));
        assertRefused(
                "E FATAL 0A000 unsupported frontend protocol 2.0",
                untyped().int32(2 << 16).bytes());
        assertRefused(
                "E FATAL 0A000 replication", startup(0, "user", "ann", "replication", "database"));
        assertRefused("E FATAL 08P01 invalid length", new byte[] {'G', 'E', 'T', ' ', '/'});
        try (WireClient client = WireClient.open(server)) {
            client.send(SSL_REQUEST, SSL_REQUEST);
            assertThat(client.in.readByte()).isEqualTo((byte) 'N');
            assertThat(client.read()).isEqualTo("E FATAL 08P01 second SSLRequest");
        }
    }

    @Test
    void an_engine_that_refuses_a_session_ends_the_connection() throws Exception {
        try (WireClient client = WireClient.open(server)) {
            client.send(startup(0, "user", "ann", "database", "missing"));
            assertThat(client.untilReady())
                    .containsExactly(
                            "R", "E FATAL 3D000 database \"missing\" does not exist", "end");
        }
        try (WireClient client = WireClient.open(server)) {
            client.send(startup(0, "user", "ann", "database", "broken"));
            assertThat(client.untilReady())
                    .containsExactly("R", "E FATAL XX000 internal error", "end");
        }
    }

    @Test
    void one_session_too_many_is_53300_until_another_ends() throws Exception {
        restart(PgServerSettings.defaults().withMaxConnections(1));
        try (WireClient first = WireClient.connect(server)) {
            assertRefused("E FATAL 53300 sorry, too many clients", startup(0, "user", "ann"));
            first.send(terminate());
            assertThat(first.read()).isEqualTo("end");
        }
        ToySession session = backend.sessions.take();
        assertThat(session.closed.await(10, TimeUnit.SECONDS)).isTrue();
        while (server.sessionCount() > 0) {
            Thread.onSpinWait();
        }
        WireClient.connect(server).close();
    }

    @Test
    void a_slow_start_is_timed_out() throws IOException {
        restart(PgServerSettings.defaults().withAuthenticationTimeout(Duration.ofMillis(50)));
        assertRefused("E FATAL 57014 canceling authentication", new byte[] {0, 0});
    }

    @Test
    void cancel_needs_the_right_secret() throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            ToySession session = backend.sessions.take();
            client.send(query("wait"));
            session.waiting.await();
            cancel(client.processId, client.secretKey + 1);
            cancel(client.processId + 1, client.secretKey);
            assertThat(session.cancels.availablePermits()).isZero();
            cancel(client.processId, client.secretKey);
            assertThat(client.untilReady())
                    .containsExactly(
                            "E ERROR 57014 canceling statement due to user request", "Z I");
        }
    }

    @Test
    void a_vanished_client_cancels_and_closes_its_session_once() throws Exception {
        WireClient client = WireClient.connect(server);
        ToySession session = backend.sessions.take();
        client.send(query("wait"), query("wait"));
        session.waiting.await();
        client.close();
        assertClosedOnce(session);
    }

    @Test
    void a_client_that_vanishes_while_its_answer_is_sent_closes_its_session() throws Exception {
        WireClient client = WireClient.connect(server);
        ToySession session = backend.sessions.take();
        client.send(query("rows 1000000000"));
        assertThat(client.read()).isEqualTo("T");
        client.close();
        assertClosedOnce(session);
    }

    @Test
    void a_client_that_vanishes_in_copy_or_when_idle_closes_its_session() throws Exception {
        WireClient copying = WireClient.connect(server);
        ToySession copySession = backend.sessions.take();
        copying.send(query("copy"), copyData("a"));
        assertThat(copying.read()).isEqualTo("G");
        copying.close();
        assertClosedOnce(copySession);
        WireClient idle = WireClient.connect(server);
        ToySession idleSession = backend.sessions.take();
        idle.close();
        assertClosedOnce(idleSession);
    }

    @Test
    void what_was_sent_before_terminate_is_finished() throws Exception {
        WireClient client = WireClient.connect(server);
        ToySession session = backend.sessions.take();
        client.send(query("begin"), query("fail"), query("fail"), terminate());
        client.close();
        assertClosedOnce(session);
        assertThat(session.failedCount).hasValue(2);
        assertThat(session.cancels.availablePermits()).isZero();
    }

    @Test
    void a_statement_can_send_its_answers_while_it_waits() throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(query("notify"));
            assertThat(client.read()).isEqualTo("C NOTIFY");
            backend.sessions.take().cancel();
            assertThat(client.untilReady()).containsExactly("Z I");
        }
    }

    @Test
    void close_sends_57P01_to_idle_and_running_sessions() throws Exception {
        try (WireClient idle = WireClient.connect(server);
                WireClient running = WireClient.connect(server);
                WireClient starting = WireClient.open(server)) {
            ToySession idleSession = backend.sessions.take();
            ToySession runningSession = backend.sessions.take();
            running.send(query("wait"));
            runningSession.waiting.await();
            int port = server.boundPort();
            server.close();
            for (WireClient client : List.of(idle, running)) {
                assertThat(client.untilReady())
                        .containsExactly(
                                "E FATAL 57P01 terminating connection due to administrator command",
                                "end");
            }
            assertThat(starting.read()).isEqualTo("end");
            assertClosedOnce(idleSession);
            assertClosedOnce(runningSession);
            assertThatThrownBy(() ->
                            new java.net.Socket(InetAddress.getLoopbackAddress(), port).close())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void close_cuts_a_client_that_does_not_read() throws Exception {
        restart(PgServerSettings.defaults().withShutdownTimeout(Duration.ofMillis(200)));
        try (WireClient client = WireClient.connect(server)) {
            ToySession session = backend.sessions.take();
            client.send(query("rows 1000000000"));
            assertThat(client.read()).isEqualTo("T");
            server.close();
            assertClosedOnce(session);
        }
    }

    @Test
    void platform_threads_can_run_the_sessions() throws Exception {
        restart(
                PgServerSettings.defaults()
                        .withEventLoops(1)
                        .withSessionThreads(Thread.ofPlatform().daemon().factory()));
        try (WireClient client = WireClient.connect(server)) {
            client.send(query("rows 1"));
            assertThat(client.untilReady()).hasSize(4);
        }
    }

    @Test
    void quick_messages_on_the_event_loop_keep_order_with_the_others() throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            ToySession session = backend.sessions.take();
            client.send(parse("s", "rows 1"), parse("e", "fail"), parse("w", "rows 3"), sync());
            assertThat(client.untilReady()).containsExactly("1", "1", "1", "Z I");
            for (int i = 0; i < 50; i++) {
                client.send(bind("", "s"), execute("", 0), sync(), query("rows 2"));
                client.send(bind("", "w"), execute("", 0), sync(), bind("", "e"), execute("", 0));
                client.send(
                        bind("", "s"),
                        sync(),
                        query("boom"),
                        bind("", "s"),
                        execute("", 0),
                        sync());
                assertThat(client.untilReady()).containsExactly("2", "D 1", "C SELECT 1", "Z I");
                assertThat(client.untilReady())
                        .containsExactly("T", "D 1", "D 2", "C SELECT 2", "Z I");
                assertThat(client.untilReady())
                        .containsExactly("2", "D 1", "D 2", "D 3", "C SELECT 3", "Z I");
                assertThat(client.untilReady())
                        .containsExactly("2", "E ERROR 42P01 no such table", "Z I");
                assertThat(client.untilReady())
                        .containsExactly("E ERROR XX000 internal error", "Z I");
                assertThat(client.untilReady()).containsExactly("2", "D 1", "C SELECT 1", "Z I");
            }
            client.send(parse("f", "fatal"), sync());
            assertThat(client.untilReady()).containsExactly("1", "Z I");
            client.send(bind("", "f"), execute("", 0), sync());
            assertThat(client.untilReady())
                    .containsExactly("2", "E FATAL 57P05 idle too long", "end");
            assertClosedOnce(session);
        }
    }

    @Test
    void a_port_in_use_is_an_error() {
        assertThatThrownBy(() ->
                        PgServer.start(
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(), server.boundPort()),
                                PgServerSettings.defaults(),
                                backend))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot listen on");
    }

    @Test
    void random_bytes_and_damaged_streams_never_hang_a_connection() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] good =
                concat(
                        startup(0, "user", "ann"),
                        query("rows 1"),
                        parse("", "rows 1"),
                        bind("", "", "a"),
                        execute("", 0),
                        sync(),
                        query("copy"),
                        copyData("a"));
        int startupLength = startup(0, "user", "ann").length;
        for (int round = 0; round < 150; round++) {
            byte[] bytes = good.clone();
            int from = round % 3 == 0 ? 0 : startupLength;
            for (int damage = 0; damage < 4; damage++) {
                bytes[from + random.nextInt(bytes.length - from)] = (byte) random.nextInt();
            }
            try (WireClient client = WireClient.open(server)) {
                client.send(bytes);
                client.socket.shutdownOutput();
                String answer;
                do {
                    answer = client.read();
                    assertThat(answer).as("seed %d", seed).doesNotContain("XX000");
                } while (!answer.equals("end"));
            }
        }
        while (server.sessionCount() > 0) {
            Thread.onSpinWait();
        }
        for (ToySession session : backend.sessions) {
            assertThat(session.closeCount).as("seed %d", seed).hasValue(1);
        }
        WireClient.connect(server).close();
    }

    private PgServer start(PgServerSettings settings) throws IOException {
        return PgServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), settings, backend);
    }

    private void restart(PgServerSettings settings) throws IOException {
        server.close();
        server = start(settings);
    }

    private void assertRefused(String answer, byte[] bytes) throws IOException {
        try (WireClient client = WireClient.open(server)) {
            client.send(bytes);
            assertThat(client.read()).startsWith(answer);
            assertThat(client.read()).isEqualTo("end");
        }
    }

    private void cancel(int processId, int secretKey) throws IOException {
        try (WireClient client = WireClient.open(server)) {
            client.send(untyped().int32(80877102).int32(processId).int32(secretKey).bytes());
            assertThat(client.read()).isEqualTo("end");
        }
    }

    private static void assertClosedOnce(ToySession session) throws InterruptedException {
        assertThat(session.closed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(session.closeCount).hasValue(1);
    }
}
