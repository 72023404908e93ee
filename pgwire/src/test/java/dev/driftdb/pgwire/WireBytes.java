package dev.driftdb.pgwire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Builds protocol bytes independently of the codec under test. */
public final class WireBytes {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final int type;

    private WireBytes(int type) {
        this.type = type;
    }

    public static WireBytes message(char type) {
        return new WireBytes(type);
    }

    public static WireBytes untyped() {
        return new WireBytes(-1);
    }

    public WireBytes int8(int value) {
        body.write(value);
        return this;
    }

    public WireBytes int16(int value) {
        body.write(value >>> 8);
        body.write(value);
        return this;
    }

    public WireBytes int32(int value) {
        return int16(value >>> 16).int16(value);
    }

    public WireBytes string(String value) {
        body.writeBytes(value.getBytes(StandardCharsets.UTF_8));
        body.write(0);
        return this;
    }

    public WireBytes raw(byte... bytes) {
        body.writeBytes(bytes);
        return this;
    }

    public WireBytes value(@Nullable String value) {
        if (value == null) {
            return int32(-1);
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return int32(bytes.length).raw(bytes);
    }

    public byte[] bytes() {
        byte[] content = body.toByteArray();
        ByteBuffer out = ByteBuffer.allocate(content.length + (type < 0 ? 4 : 5));
        if (type >= 0) {
            out.put((byte) type);
        }
        return out.putInt(content.length + 4).put(content).array();
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    public static byte[] startup(int minor, String... parameters) {
        WireBytes message = untyped().int32(3 << 16 | minor);
        for (String parameter : parameters) {
            message.string(parameter);
        }
        return message.int8(0).bytes();
    }

    public static byte[] query(String sql) {
        return message('Q').string(sql).bytes();
    }

    public static byte[] parse(String statement, String sql) {
        return message('P').string(statement).string(sql).int16(0).bytes();
    }

    /** All text. */
    public static byte[] bind(String portal, String statement, @Nullable String... values) {
        WireBytes message = message('B').string(portal).string(statement);
        message.int16(0).int16(values.length);
        for (String value : values) {
            message.value(value);
        }
        return message.int16(0).bytes();
    }

    public static byte[] describe(char target, String name) {
        return message('D').int8(target).string(name).bytes();
    }

    public static byte[] execute(String portal, int rowsMax) {
        return message('E').string(portal).int32(rowsMax).bytes();
    }

    public static byte[] close(char target, String name) {
        return message('C').int8(target).string(name).bytes();
    }

    public static byte[] sync() {
        return message('S').bytes();
    }

    public static byte[] flush() {
        return message('H').bytes();
    }

    public static byte[] copyData(String data) {
        return message('d').raw(data.getBytes(StandardCharsets.UTF_8)).bytes();
    }

    public static byte[] copyDone() {
        return message('c').bytes();
    }

    public static byte[] copyFail(String reason) {
        return message('f').string(reason).bytes();
    }

    public static byte[] terminate() {
        return message('X').bytes();
    }
}
