package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.BinaryFormat;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parameters of a Bind message as values of the statement's parameter types. */
final class ParameterValues {
    private static final short BINARY = 1;

    private ParameterValues() {}

    static @Nullable Object[] of(List<SqlType> types, Portal portal, FormatSettings settings) {
        List<byte @Nullable []> raw = portal.parameters();
        if (raw.size() != types.size()) {
            throw new SqlException(
                    SqlState.PROTOCOL_VIOLATION,
                    "bind message supplies "
                            + raw.size()
                            + " parameters, but prepared statement requires "
                            + types.size());
        }
        @Nullable Object[] values = new Object[raw.size()];
        for (int i = 0; i < values.length; i++) {
            byte[] bytes = raw.get(i);
            if (bytes != null) {
                values[i] =
                        RowEncoder.format(portal.parameterFormats(), i) == BINARY
                                ? BinaryFormat.decode(types.get(i), bytes)
                                : TextFormat.parse(types.get(i), text(bytes), settings);
            }
        }
        return values;
    }

    private static String text(byte[] bytes) {
        for (byte b : bytes) {
            if (b <= 0) {
                return strictUtf8(bytes);
            }
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String strictUtf8(byte[] bytes) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            if (text.indexOf('\0') < 0) {
                return text;
            }
        } catch (CharacterCodingException e) {
            // Answered below.
        }
        throw new SqlException(
                SqlState.CHARACTER_NOT_IN_REPERTOIRE,
                "invalid byte sequence for encoding \"UTF8\"");
    }
}
