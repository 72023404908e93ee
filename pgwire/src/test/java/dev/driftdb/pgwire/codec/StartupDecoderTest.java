package dev.driftdb.pgwire.codec;

import static dev.driftdb.pgwire.WireBytes.concat;
import static dev.driftdb.pgwire.WireBytes.startup;
import static dev.driftdb.pgwire.WireBytes.untyped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.pgwire.message.FrontendMessage.CancelRequest;
import dev.driftdb.pgwire.message.FrontendMessage.GSSENCRequest;
import dev.driftdb.pgwire.message.FrontendMessage.Initial;
import dev.driftdb.pgwire.message.FrontendMessage.SSLRequest;
import dev.driftdb.pgwire.message.FrontendMessage.StartupMessage;
import dev.driftdb.pgwire.message.FrontendMessage.Unreadable;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StartupDecoderTest {
    private static final byte[] STREAM =
            concat(
                    untyped().int32(80877104).bytes(),
                    untyped().int32(80877103).bytes(),
                    startup(2, "user", "ann", "database", "db", "_pq_.x", ""));

    private static final List<Initial> MESSAGES =
            List.of(
                    new GSSENCRequest(),
                    new SSLRequest(),
                    new StartupMessage(
                            3 << 16 | 2, Map.of("user", "ann", "database", "db", "_pq_.x", "")));

    @Test
    void a_start_cut_at_every_byte_gives_the_same_messages() {
        for (int cut = 0; cut <= STREAM.length; cut++) {
            assertThat(
                            decode(
                                    Arrays.copyOf(STREAM, cut),
                                    Arrays.copyOfRange(STREAM, cut, STREAM.length)))
                    .isEqualTo(MESSAGES);
        }
    }

    @Test
    void decodes_a_cancel_request() {
        assertThat(decode(untyped().int32(80877102).int32(5).int32(-6).bytes()))
                .containsExactly(new CancelRequest(5, -6));
    }

    @Test
    void a_length_outside_the_limits_is_refused_before_the_message_is_there() {
        for (int length : List.of(-1, 0, 7, 10_001, 0x16030100)) {
            byte[] header = untyped().bytes();
            header[0] = (byte) (length >>> 24);
            header[1] = (byte) (length >>> 16);
            header[2] = (byte) (length >>> 8);
            header[3] = (byte) length;
            assertThat(decode(header))
                    .containsExactly(
                            new Unreadable(
                                    '\0', "08P01", "invalid length of startup packet", true));
        }
    }

    @Test
    void a_wrong_layout_is_refused() {
        byte[] withoutEnd = untyped().int32(3 << 16).string("user").string("ann").bytes();
        assertThat(decode(withoutEnd).getFirst()).isInstanceOf(Unreadable.class);
        byte[] afterEnd = untyped().int32(3 << 16).int8(0).int8(1).bytes();
        assertThat(decode(afterEnd).getFirst()).isInstanceOf(Unreadable.class);
        byte[] shortCancel = untyped().int32(80877102).int32(5).bytes();
        assertThat(decode(shortCancel).getFirst()).isInstanceOf(Unreadable.class);
    }

    @Test
    void random_bytes_never_throw() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[4 + random.nextInt(60)];
            random.nextBytes(bytes);
            bytes[0] = 0;
            bytes[1] = 0;
            bytes[2] = 0;
            assertThat(decode(bytes)).as("seed %d", seed).hasSizeLessThan(bytes.length);
        }
    }

    private static List<Initial> decode(byte[]... reads) {
        EmbeddedChannel channel = new EmbeddedChannel(new StartupDecoder());
        for (byte[] read : reads) {
            channel.writeInbound(Unpooled.copiedBuffer(read));
        }
        List<Initial> messages = new ArrayList<>();
        Object message;
        while ((message = channel.readInbound()) != null) {
            if (message instanceof Initial initial) {
                messages.add(initial);
            }
        }
        channel.finishAndReleaseAll();
        return messages;
    }
}
