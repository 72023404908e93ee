package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.StringJoiner;

/** UTF-8 bytes to text as the server accepts it: no malformed sequences, no NUL. Stateless. */
public final class Utf8 {
    private Utf8() {}

    /**
     * @throws SqlException 22021 that shows the bytes of the first sequence that is wrong
     */
    public static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            throw invalid(bytes, in.position());
        }
        decoder.flush(out);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                throw invalid(bytes, i);
            }
        }
        return out.flip().toString();
    }

    private static SqlException invalid(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        int length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 1;
        StringJoiner shown = new StringJoiner(" ");
        for (int i = at; i < Math.min(bytes.length, at + length); i++) {
            shown.add("0x" + HexFormat.of().toHexDigits(bytes[i]));
        }
        return new SqlException(
                SqlState.CHARACTER_NOT_IN_REPERTOIRE,
                "invalid byte sequence for encoding \"UTF8\": " + shown);
    }
}
