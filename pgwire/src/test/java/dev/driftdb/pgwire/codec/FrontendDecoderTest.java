package dev.driftdb.pgwire.codec;

import static dev.driftdb.pgwire.WireBytes.concat;
import static dev.driftdb.pgwire.WireBytes.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.pgwire.WireBytes;
import dev.driftdb.pgwire.message.FrontendMessage;
import dev.driftdb.pgwire.message.FrontendMessage.Bind;
import dev.driftdb.pgwire.message.FrontendMessage.Close;
import dev.driftdb.pgwire.message.FrontendMessage.CopyData;
import dev.driftdb.pgwire.message.FrontendMessage.CopyDone;
import dev.driftdb.pgwire.message.FrontendMessage.CopyFail;
import dev.driftdb.pgwire.message.FrontendMessage.Describe;
import dev.driftdb.pgwire.message.FrontendMessage.Execute;
import dev.driftdb.pgwire.message.FrontendMessage.Flush;
import dev.driftdb.pgwire.message.FrontendMessage.FunctionCall;
import dev.driftdb.pgwire.message.FrontendMessage.Parse;
import dev.driftdb.pgwire.message.FrontendMessage.PasswordMessage;
import dev.driftdb.pgwire.message.FrontendMessage.Query;
import dev.driftdb.pgwire.message.FrontendMessage.Sync;
import dev.driftdb.pgwire.message.FrontendMessage.Target;
import dev.driftdb.pgwire.message.FrontendMessage.Terminate;
import dev.driftdb.pgwire.message.FrontendMessage.Unreadable;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrontendDecoderTest {
    private static final int LIMIT = 20_000;

    private static final byte[] STREAM =
            concat(
                    message('Q').string("select 'é€😀'").bytes(),
                    message('P')
                            .string("s")
                            .string("select $1")
                            .int16(2)
                            .int32(23)
                            .int32(0)
                            .bytes(),
                    message('B')
                            .string("p")
                            .string("s")
                            .int16(2)
                            .int16(0)
                            .int16(1)
                            .int16(2)
                            .value(null)
                            .int32(3)
                            .raw((byte) 0, (byte) 1, (byte) 0xff)
                            .int16(1)
                            .int16(1)
                            .bytes(),
                    message('D').int8('S').string("s").bytes(),
                    message('D').int8('P').string("").bytes(),
                    message('E').string("p").int32(100).bytes(),
                    message('C').int8('P').string("p").bytes(),
                    message('C').int8('S').string("s").bytes(),
                    message('S').bytes(),
                    message('H').bytes(),
                    message('d').raw((byte) 0, (byte) 0xfe).bytes(),
                    message('d').bytes(),
                    message('c').bytes(),
                    message('f').string("no").bytes(),
                    message('p').raw((byte) 'x', (byte) 0).bytes(),
                    message('F').int32(7).int16(0).int16(1).value("a").int16(1).bytes(),
                    message('X').bytes());

    private static final List<FrontendMessage> MESSAGES =
            List.of(
                    new Query("select 'é€😀'"),
                    new Parse("s", "select $1", new int[] {23, 0}),
                    new Bind(
                            "p",
                            "s",
                            new short[] {0, 1},
                            Arrays.asList(null, new byte[] {0, 1, -1}),
                            new short[] {1}),
                    new Describe(Target.STATEMENT, "s"),
                    new Describe(Target.PORTAL, ""),
                    new Execute("p", 100),
                    new Close(Target.PORTAL, "p"),
                    new Close(Target.STATEMENT, "s"),
                    new Sync(),
                    new Flush(),
                    new CopyData(new byte[] {0, -2}),
                    new CopyData(new byte[0]),
                    new CopyDone(),
                    new CopyFail("no"),
                    new PasswordMessage(new byte[] {'x', 0}),
                    new FunctionCall(7, new short[0], List.of(new byte[] {'a'}), (short) 1),
                    new Terminate());

    @Test
    void decodes_every_message() {
        assertThat(decode(STREAM)).isEqualTo(MESSAGES);
    }

    @Test
    void a_stream_cut_at_every_byte_gives_the_same_messages() {
        for (int cut = 0; cut <= STREAM.length; cut++) {
            byte[] head = Arrays.copyOfRange(STREAM, 0, cut);
            byte[] tail = Arrays.copyOfRange(STREAM, cut, STREAM.length);
            assertThat(decode(head, tail)).as("cut at %d", cut).isEqualTo(MESSAGES);
        }
        byte[][] single = new byte[STREAM.length][];
        for (int i = 0; i < STREAM.length; i++) {
            single[i] = new byte[] {STREAM[i]};
        }
        assertThat(decode(single)).isEqualTo(MESSAGES);
    }

    @Test
    void a_message_above_the_limit_is_skipped_and_the_next_one_is_read() {
        byte[] large = message('Q').string("x".repeat(LIMIT)).bytes();
        byte[] stream = concat(large, WireBytes.sync());
        List<FrontendMessage> expected =
                List.of(
                        new Unreadable(
                                'Q',
                                "54000",
                                "message of type 'Q' has 20005 bytes, more than the limit of 20000",
                                false),
                        new Sync());
        assertThat(decode(stream)).isEqualTo(expected);
        for (int cut = 1; cut < stream.length; cut += 97) {
            assertThat(
                            decode(
                                    Arrays.copyOf(stream, cut),
                                    Arrays.copyOfRange(stream, cut, stream.length)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void a_message_of_exactly_the_limit_is_read() {
        byte[] sql = new byte[LIMIT - 5];
        Arrays.fill(sql, (byte) 'x');
        assertThat(decode(message('Q').raw(sql).int8(0).bytes()))
                .containsExactly(new Query("x".repeat(LIMIT - 5)));
    }

    @Test
    void a_wrong_body_is_an_error_in_its_place() {
        assertError("08P01", "invalid string in message", message('Q').raw((byte) 'a').bytes());
        assertError("08P01", "invalid message format", message('Q').string("a").int8(0).bytes());
        assertError("08P01", "invalid message format", message('S').int8(0).bytes());
        assertError(
                "08P01",
                "insufficient data left in message",
                message('P').string("").string("").int16(65_535).bytes());
        assertError(
                "08P01",
                "insufficient data left in message",
                message('B')
                        .string("")
                        .string("")
                        .int16(0)
                        .int16(1)
                        .int32(Integer.MAX_VALUE)
                        .bytes());
        assertError(
                "08P01",
                "invalid length of a value: -2",
                message('B').string("").string("").int16(0).int16(1).int32(-2).bytes());
        assertError(
                "08P01",
                "bind message has 2 parameter formats but 1 parameters",
                message('B')
                        .string("")
                        .string("")
                        .int16(2)
                        .int16(0)
                        .int16(0)
                        .int16(1)
                        .value("a")
                        .int16(0)
                        .bytes());
        assertError(
                "22023",
                "unsupported format code: 2",
                message('B').string("").string("").int16(1).int16(2).bytes());
        assertError(
                "08P01",
                "invalid DESCRIBE message subtype 88",
                message('D').int8('X').string("").bytes());
    }

    @Test
    void wrong_utf8_is_an_error_and_the_replacement_character_is_not() {
        assertError(
                "22021",
                "invalid byte sequence for encoding \"UTF8\": 0xff",
                message('Q').raw((byte) 'a', (byte) 0xff, (byte) 'b').int8(0).bytes());
        assertError( // an overlong zero
                "22021",
                "invalid byte sequence for encoding \"UTF8\": 0xc0",
                message('Q').raw((byte) 0xc0, (byte) 0x80).int8(0).bytes());
        assertThat(decode(WireBytes.query("\uFFFD"))).containsExactly(new Query("\uFFFD"));
    }

    @Test
    void an_unknown_type_and_an_impossible_length_are_fatal_and_nothing_follows() {
        assertThat(decode(concat(new byte[] {'!', 0, 0, 0, 4}, WireBytes.sync())))
                .containsExactly(
                        new Unreadable('!', "08P01", "invalid frontend message type 33", true));
        for (byte[] header :
                List.of(
                        new byte[] {'Q', 0, 0, 0, 3},
                        new byte[] {'Q', -1, -1, -1, -1},
                        new byte[] {'S', 0x7f, -1, -1, -1})) {
            assertThat(decode(concat(header, WireBytes.sync())))
                    .containsExactly(
                            new Unreadable(
                                    (char) header[0], "08P01", "invalid message length", true));
        }
    }

    @Test
    void random_bytes_and_damaged_streams_never_throw() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes;
            if (round % 2 == 0) {
                bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
            } else {
                bytes = STREAM.clone();
                for (int damage = 0; damage < 3; damage++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            int cut = random.nextInt(bytes.length + 1);
            List<FrontendMessage> messages =
                    decode(Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length));
            assertThat(messages)
                    .as("seed %d round %d", seed, round)
                    .hasSizeLessThanOrEqualTo(bytes.length);
        }
    }

    private static void assertError(String sqlState, String reason, byte[] bytes) {
        assertThat(decode(concat(bytes, WireBytes.sync())))
                .containsExactly(
                        new Unreadable((char) bytes[0], sqlState, reason, false), new Sync());
    }

    private static List<FrontendMessage> decode(byte[]... reads) {
        EmbeddedChannel channel = new EmbeddedChannel(new FrontendDecoder(LIMIT));
        for (byte[] read : reads) {
            channel.writeInbound(Unpooled.copiedBuffer(read));
        }
        List<FrontendMessage> messages = new ArrayList<>();
        FrontendMessage message;
        while ((message = channel.readInbound()) != null) {
            messages.add(message);
        }
        channel.finishAndReleaseAll();
        return messages;
    }
}
