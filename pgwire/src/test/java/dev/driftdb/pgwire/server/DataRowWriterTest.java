package dev.driftdb.pgwire.server;

import static dev.driftdb.pgwire.WireBytes.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DataRowWriterTest {
    private final ByteBuf out = Unpooled.buffer(4);
    private final DataRowWriter row = new DataRowWriter();

    @Test
    void writes_the_exact_bytes_of_every_kind_of_field() {
        row.begin(out, 7);
        row.nullField();
        row.field(new byte[] {'a', 0});
        row.text("é€😀");
        row.textLong(-12);
        row.binaryShort((short) -2);
        row.binaryInt(3);
        row.binaryLong(-1);
        row.end();
        assertThat(ByteBufUtil.getBytes(out))
                .isEqualTo(
                        message('D')
                                .int16(7)
                                .value(null)
                                .value("a\0")
                                .value("é€😀")
                                .value("-12")
                                .int32(2)
                                .int16(-2)
                                .int32(4)
                                .int32(3)
                                .int32(8)
                                .int32(-1)
                                .int32(-1)
                                .bytes());
    }

    @Test
    void longs_are_written_as_the_jdk_writes_them() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            long value =
                    switch (i) {
                        case 0 -> 0;
                        case 1 -> Long.MIN_VALUE;
                        case 2 -> Long.MAX_VALUE;
                        default -> random.nextLong() >> random.nextInt(64);
                    };
            out.clear();
            row.begin(out, 1);
            row.textLong(value);
            row.end();
            assertThat(ByteBufUtil.getBytes(out))
                    .as("seed %d", seed)
                    .isEqualTo(message('D').int16(1).value(Long.toString(value)).bytes());
        }
    }

    @Test
    void a_long_text_is_written_whole() {
        String text = "aé€😀".repeat(5_000);
        row.begin(out, 1);
        row.text(text);
        row.end();
        assertThat(ByteBufUtil.getBytes(out)).isEqualTo(message('D').int16(1).value(text).bytes());
    }

    @Test
    void a_row_without_all_its_fields_cannot_end_and_can_be_taken_back() {
        out.writeByte(1);
        row.begin(out, 2);
        row.nullField();
        assertThatThrownBy(row::end).hasMessage("a row of 2 fields got 1 of them");
        row.abandon();
        assertThat(out.readableBytes()).isEqualTo(1);
    }
}
