package dev.driftdb.pgwire.codec;

import static dev.driftdb.pgwire.WireBytes.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.pgwire.message.BackendMessage;
import dev.driftdb.pgwire.message.BackendMessage.AuthenticationOk;
import dev.driftdb.pgwire.message.BackendMessage.BackendKeyData;
import dev.driftdb.pgwire.message.BackendMessage.BindComplete;
import dev.driftdb.pgwire.message.BackendMessage.CloseComplete;
import dev.driftdb.pgwire.message.BackendMessage.CommandComplete;
import dev.driftdb.pgwire.message.BackendMessage.CopyData;
import dev.driftdb.pgwire.message.BackendMessage.CopyDone;
import dev.driftdb.pgwire.message.BackendMessage.CopyInResponse;
import dev.driftdb.pgwire.message.BackendMessage.CopyOutResponse;
import dev.driftdb.pgwire.message.BackendMessage.DataRow;
import dev.driftdb.pgwire.message.BackendMessage.EmptyQueryResponse;
import dev.driftdb.pgwire.message.BackendMessage.ErrorResponse;
import dev.driftdb.pgwire.message.BackendMessage.Field;
import dev.driftdb.pgwire.message.BackendMessage.NegotiateProtocolVersion;
import dev.driftdb.pgwire.message.BackendMessage.NoData;
import dev.driftdb.pgwire.message.BackendMessage.NoticeResponse;
import dev.driftdb.pgwire.message.BackendMessage.NotificationResponse;
import dev.driftdb.pgwire.message.BackendMessage.ParameterDescription;
import dev.driftdb.pgwire.message.BackendMessage.ParameterStatus;
import dev.driftdb.pgwire.message.BackendMessage.ParseComplete;
import dev.driftdb.pgwire.message.BackendMessage.PortalSuspended;
import dev.driftdb.pgwire.message.BackendMessage.ReadyForQuery;
import dev.driftdb.pgwire.message.BackendMessage.RowDescription;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackendEncoderTest {
    @Test
    void writes_the_exact_bytes_of_every_message() {
        check(new AuthenticationOk(), message('R').int32(0).bytes());
        check(new BackendKeyData(7, -2), message('K').int32(7).int32(-2).bytes());
        check(new BindComplete(), new byte[] {'2', 0, 0, 0, 4});
        check(new CloseComplete(), new byte[] {'3', 0, 0, 0, 4});
        check(new CommandComplete("SELECT 1"), message('C').string("SELECT 1").bytes());
        check(new CopyData(new byte[] {1, 0}), message('d').int8(1).int8(0).bytes());
        check(new CopyDone(), new byte[] {'c', 0, 0, 0, 4});
        check(
                new CopyInResponse(false, 2),
                message('G').int8(0).int16(2).int16(0).int16(0).bytes());
        check(new CopyOutResponse(true, 1), message('H').int8(1).int16(1).int16(1).bytes());
        check(
                new DataRow(Arrays.asList(null, new byte[] {'a'})),
                message('D').int16(2).value(null).value("a").bytes());
        check(new EmptyQueryResponse(), new byte[] {'I', 0, 0, 0, 4});
        check(
                new ErrorResponse(
                        Map.of('P', "3", 'M', "né", 'C', "42601", 'V', "ERROR", 'S', "ERROR")),
                message('E')
                        .int8('S')
                        .string("ERROR")
                        .int8('V')
                        .string("ERROR")
                        .int8('C')
                        .string("42601")
                        .int8('M')
                        .string("né")
                        .int8('P')
                        .string("3")
                        .int8(0)
                        .bytes());
        check(
                new NegotiateProtocolVersion(0, List.of("_pq_.a", "_pq_.b")),
                message('v').int32(196608).int32(2).string("_pq_.a").string("_pq_.b").bytes());
        check(new NoData(), new byte[] {'n', 0, 0, 0, 4});
        check(
                new NoticeResponse(Map.of('M', "x", 'z', "later")),
                message('N').int8('M').string("x").int8('z').string("later").int8(0).bytes());
        check(
                new NotificationResponse(7, "c", "p"),
                message('A').int32(7).string("c").string("p").bytes());
        check(
                new ParameterDescription(List.of(23, 25)),
                message('t').int16(2).int32(23).int32(25).bytes());
        check(new ParameterStatus("a", "b"), message('S').string("a").string("b").bytes());
        check(new ParseComplete(), new byte[] {'1', 0, 0, 0, 4});
        check(new PortalSuspended(), new byte[] {'s', 0, 0, 0, 4});
        check(new ReadyForQuery('T'), new byte[] {'Z', 0, 0, 0, 5, 'T'});
        check(
                new RowDescription(
                        List.of(new Field("n", 9, (short) 2, 23, (short) 4, -1, (short) 1))),
                message('T')
                        .int16(1)
                        .string("n")
                        .int32(9)
                        .int16(2)
                        .int32(23)
                        .int16(4)
                        .int32(-1)
                        .int16(1)
                        .bytes());
    }

    @Test
    void a_zero_in_a_text_does_not_end_it() {
        check(new CommandComplete("a\0b"), message('C').string("a?b").bytes());
    }

    @Test
    void too_many_columns_are_refused_and_leave_no_bytes() {
        Field field = new Field("n", 0, (short) 0, 23, (short) 4, -1, (short) 0);
        ByteBuf out = Unpooled.buffer();
        BackendEncoder.encode(new RowDescription(Collections.nCopies(1664, field)), out);
        int before = out.writerIndex();
        assertThatThrownBy(() ->
                        BackendEncoder.encode(
                                new RowDescription(Collections.nCopies(1665, field)), out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1665 columns, more than the limit of 1664");
        assertThat(out.writerIndex()).isEqualTo(before);
        out.release();
    }

    private static void check(BackendMessage message, byte[] expected) {
        ByteBuf out = Unpooled.buffer();
        out.writeByte(99);
        BackendEncoder.encode(message, out);
        out.skipBytes(1);
        assertThat(ByteBufUtil.getBytes(out)).as("%s", message).isEqualTo(expected);
        out.release();
    }
}
