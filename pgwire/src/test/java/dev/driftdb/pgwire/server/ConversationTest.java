package dev.driftdb.pgwire.server;

import static dev.driftdb.pgwire.WireBytes.bind;
import static dev.driftdb.pgwire.WireBytes.close;
import static dev.driftdb.pgwire.WireBytes.concat;
import static dev.driftdb.pgwire.WireBytes.copyData;
import static dev.driftdb.pgwire.WireBytes.copyDone;
import static dev.driftdb.pgwire.WireBytes.copyFail;
import static dev.driftdb.pgwire.WireBytes.describe;
import static dev.driftdb.pgwire.WireBytes.execute;
import static dev.driftdb.pgwire.WireBytes.flush;
import static dev.driftdb.pgwire.WireBytes.message;
import static dev.driftdb.pgwire.WireBytes.parse;
import static dev.driftdb.pgwire.WireBytes.query;
import static dev.driftdb.pgwire.WireBytes.sync;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is answered to which messages, over one socket. */
class ConversationTest {
    private static PgServer server;

    private WireClient client;

    @BeforeAll
    static void start() throws IOException {
        server =
                PgServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        PgServerSettings.defaults().withMessageBytesMax(24 << 20),
                        new ToyBackend(false));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws IOException {
        client = WireClient.connect(server);
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
    }

    @Test
    void a_simple_query_answers_each_statement_and_is_ready_once() throws IOException {
        client.send(query("rows 2; ; begin"));
        assertThat(client.untilReady())
                .containsExactly("T", "D 1", "D 2", "C SELECT 2", "I", "C BEGIN", "Z T");
    }

    @Test
    void an_error_ends_the_string_of_a_simple_query() throws IOException {
        client.send(query("begin; fail; rows 1"));
        assertThat(client.untilReady())
                .containsExactly("C BEGIN", "E ERROR 42P01 no such table", "Z E");
    }

    @Test
    void an_extended_query_answers_in_order() throws IOException {
        client.send(
                parse("s", "rows 1"),
                describe('S', "s"),
                bind("p", "s", "x", null),
                describe('P', "p"),
                execute("p", 0),
                close('P', "p"),
                close('S', "s"),
                sync());
        assertThat(client.untilReady())
                .containsExactly("1", "t", "T", "2", "T", "D 1", "C SELECT 1", "3", "3", "Z I");
    }

    @Test
    void after_an_error_everything_is_skipped_to_sync() throws IOException {
        client.send(
                parse("", "bad"),
                bind("", ""),
                execute("", 0),
                query("rows 1"),
                flush(),
                message('Q').raw((byte) 'a').bytes(),
                sync(),
                query("rows 1"));
        assertThat(client.untilReady()).containsExactly("E ERROR 42601 syntax error", "Z I");
        assertThat(client.untilReady()).containsExactly("T", "D 1", "C SELECT 1", "Z I");
    }

    @Test
    void flush_sends_the_answers_without_ready() throws IOException {
        client.send(parse("", "rows 1"), flush());
        assertThat(client.read()).isEqualTo("1");
        client.send(sync());
        assertThat(client.untilReady()).containsExactly("Z I");
    }

    @Test
    void a_session_cut_at_every_byte_gets_the_same_answers() throws IOException {
        byte[] all =
                concat(
                        query("rows 1"),
                        parse("", "rows 1"),
                        bind("", ""),
                        execute("", 0),
                        sync(),
                        query("copy"),
                        copyData("a"),
                        copyDone());
        for (int cut = 0; cut <= all.length; cut++) {
            client.send(Arrays.copyOf(all, cut));
            client.send(Arrays.copyOfRange(all, cut, all.length));
            assertThat(client.untilReady()).containsExactly("T", "D 1", "C SELECT 1", "Z I");
            assertThat(client.untilReady()).containsExactly("1", "2", "D 1", "C SELECT 1", "Z I");
            assertThat(client.untilReady()).containsExactly("G", "C COPY 1", "Z I");
        }
    }

    @Test
    void copy_in_takes_data_and_goes_on_with_the_string() throws IOException {
        client.send(query("copy; rows 1; copy; begin"));
        assertThat(client.read()).isEqualTo("G");
        client.send(copyData("a"), flush(), sync(), copyData("b"), copyDone());
        client.send(copyDone());
        assertThat(client.untilReady())
                .containsExactly(
                        "C COPY 2", "T", "D 1", "C SELECT 1", "G", "C COPY 0", "C BEGIN", "Z T");
    }

    @Test
    void an_error_in_copy_of_a_simple_query_is_ready_once_and_drops_the_rest() throws IOException {
        client.send(
                query("copy"),
                copyData("a"),
                copyData("bad"),
                copyData("c"),
                copyDone(),
                copyFail("late"),
                query("rows 1"));
        assertThat(client.untilReady()).containsExactly("G", "E ERROR 22P02 invalid input", "Z I");
        assertThat(client.untilReady()).containsExactly("T", "D 1", "C SELECT 1", "Z I");
    }

    @Test
    void an_error_in_copy_of_the_extended_protocol_skips_to_sync() throws IOException {
        client.send(parse("", "copy"), bind("", ""), execute("", 0), sync());
        client.send(copyData("bad"), copyData("c"), copyDone(), query("rows 1"), sync());
        assertThat(client.untilReady())
                .containsExactly("1", "2", "G", "E ERROR 22P02 invalid input", "Z I");
        client.send(query("rows 0"));
        assertThat(client.untilReady()).containsExactly("T", "C SELECT 0", "Z I");
    }

    @Test
    void copy_of_the_extended_protocol_is_ready_only_at_its_sync() throws IOException {
        client.send(parse("", "copy"), bind("", ""), execute("", 0), sync());
        client.send(copyData("a"), copyDone(), sync());
        assertThat(client.untilReady()).containsExactly("1", "2", "G", "C COPY 1", "Z I");
    }

    @Test
    void copy_fail_and_other_messages_fail_the_copy() throws IOException {
        client.send(query("copy"), copyFail("no more"));
        assertThat(client.untilReady())
                .containsExactly("G", "E ERROR 57014 COPY from stdin failed: no more", "Z I");
        client.send(query("copy"), query("rows 1"), copyDone());
        assertThat(client.untilReady())
                .containsExactly(
                        "G",
                        "E ERROR 08P01 unexpected message Query during COPY from stdin",
                        "Z I");
        client.send(sync());
        assertThat(client.untilReady()).containsExactly("Z I");
    }

    @Test
    void faults_of_the_engine_are_told_without_their_text() throws IOException {
        client.send(query("boom"));
        assertThat(client.untilReady()).containsExactly("E ERROR XX000 internal error", "Z I");
        client.send(query("deep"));
        assertThat(client.untilReady().getFirst()).startsWith("E ERROR 54001");
        client.send(query("memory"));
        assertThat(client.untilReady()).containsExactly("E ERROR 53200 out of memory", "Z I");
        client.send(query("wide"));
        assertThat(client.untilReady().getFirst()).startsWith("E ERROR 54011");
    }

    @Test
    void a_row_that_an_error_left_open_is_not_sent() throws IOException {
        client.send(query("half"), query("rows 1"));
        assertThat(client.untilReady()).containsExactly("E ERROR 22012 division by zero", "Z I");
        assertThat(client.untilReady()).containsExactly("T", "D 1", "C SELECT 1", "Z I");
    }

    @Test
    void a_fatal_error_of_the_session_ends_the_connection() throws IOException {
        client.send(query("fatal"));
        assertThat(client.untilReady()).containsExactly("E FATAL 57P05 idle too long", "end");
    }

    @Test
    void a_function_call_is_refused_by_name() throws IOException {
        client.send(message('F').int32(7).int16(0).int16(0).int16(0).bytes());
        assertThat(client.untilReady())
                .containsExactly(
                        "E ERROR 0A000 function call message is not supported: use SELECT", "Z I");
    }

    @Test
    void a_query_of_20_mb_is_answered() throws IOException {
        client.send(query("length " + "x".repeat(20 << 20)));
        assertThat(client.untilReady()).containsExactly("C LENGTH " + ((20 << 20) + 7), "Z I");
    }

    @Test
    void a_message_above_the_limit_is_54000_and_the_session_goes_on() throws IOException {
        byte[] large = query("length " + "x".repeat(25 << 20));
        client.send(large, query("rows 0"));
        assertThat(client.untilReady())
                .containsExactly(
                        "E ERROR 54000 message of type 'Q' has "
                                + (large.length - 1)
                                + " bytes, more than the limit of 25165824",
                        "Z I");
        assertThat(client.untilReady()).containsExactly("T", "C SELECT 0", "Z I");
        client.send(parse("", "x".repeat(25 << 20)), bind("", ""), sync());
        List<String> answers = client.untilReady();
        assertThat(answers).hasSize(2);
        assertThat(answers.getFirst()).startsWith("E ERROR 54000");
    }

    @Test
    void wrong_utf8_is_22021_and_nonsense_ends_the_connection() throws IOException {
        client.send(message('Q').raw((byte) 0xff).int8(0).bytes());
        assertThat(client.untilReady())
                .containsExactly(
                        "E ERROR 22021 invalid byte sequence for encoding \"UTF8\": 0xff", "Z I");
        client.send(new byte[] {'!', 0, 0, 0, 4});
        assertThat(client.untilReady())
                .containsExactly("E FATAL 08P01 invalid frontend message type 33", "end");
    }

    @Test
    void a_large_result_waits_for_a_client_that_reads_late() throws IOException {
        client.send(query("rows 1000000"), query("rows 0"));
        long rows = 0;
        String answer = client.read();
        while (!answer.startsWith("Z")) {
            rows += answer.startsWith("D") ? 1 : 0;
            answer = client.read();
        }
        assertThat(rows).isEqualTo(1_000_000);
        assertThat(client.untilReady()).containsExactly("T", "C SELECT 0", "Z I");
    }

    @Test
    void a_flood_of_pipelined_messages_is_answered_in_order() throws Exception {
        int rounds = 50_000;
        byte[] round = concat(parse("", "rows 1"), bind("", ""), execute("", 0), sync());
        Thread sender =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                for (int i = 0; i < rounds; i++) {
                                    client.send(round);
                                }
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
        for (int i = 0; i < rounds; i++) {
            assertThat(client.untilReady().size()).isEqualTo(5);
        }
        sender.join();
    }
}
