package dev.driftdb.pgwire.codec;

import dev.driftdb.pgwire.message.FrontendMessage.CancelRequest;
import dev.driftdb.pgwire.message.FrontendMessage.GSSENCRequest;
import dev.driftdb.pgwire.message.FrontendMessage.Initial;
import dev.driftdb.pgwire.message.FrontendMessage.SSLRequest;
import dev.driftdb.pgwire.message.FrontendMessage.StartupMessage;
import dev.driftdb.pgwire.message.FrontendMessage.Unreadable;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages of the start-up phase, which have no type byte:
 *
 * <pre>
 * StartupMessage  int32 length | int32 version (3 &lt;&lt; 16 | minor) | (cstring name | cstring value)* | 0
 * CancelRequest   int32 16     | int32 80877102 | int32 process id | int32 secret key
 * SSLRequest      int32 8      | int32 80877103
 * GSSENCRequest   int32 8      | int32 80877104
 * </pre>
 *
 * Ends with the first StartupMessage, CancelRequest or Unreadable (always fatal here); replace it
 * by a {@link FrontendDecoder} then, which gets the bytes that are left.
 */
public final class StartupDecoder extends ByteToMessageDecoder {
    /** Longest start-up message, as in PostgreSQL: nobody has shown who he is yet. */
    public static final int STARTUP_BYTES_MAX = 10_000;

    private static final int STARTUP_BYTES_MIN = 8;
    private static final int CANCEL_CODE = 80877102;
    private static final int SSL_CODE = 80877103;
    private static final int GSSENC_CODE = 80877104;

    private boolean ended;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (ended || in.readableBytes() < Integer.BYTES) {
            return;
        }
        int length = in.getInt(in.readerIndex());
        if (length < STARTUP_BYTES_MIN || length > STARTUP_BYTES_MAX) {
            ended = true;
            in.skipBytes(in.readableBytes());
            out.add(unreadable("08P01", "invalid length of startup packet"));
            return;
        }
        if (in.readableBytes() < length) {
            return;
        }
        ByteBuf body = in.readSlice(length).skipBytes(Integer.BYTES);
        Initial message;
        try {
            message = read(new BodyReader(body));
        } catch (MalformedMessage e) {
            message = unreadable(e.sqlState(), "invalid startup packet: " + e.getMessage());
        }
        ended = !(message instanceof SSLRequest || message instanceof GSSENCRequest);
        out.add(message);
    }

    private static Initial read(BodyReader body) throws MalformedMessage {
        int code = body.readInt();
        return switch (code) {
            case CANCEL_CODE -> {
                CancelRequest cancel = new CancelRequest(body.readInt(), body.readInt());
                body.expectEnd();
                yield cancel;
            }
            case SSL_CODE -> {
                body.expectEnd();
                yield new SSLRequest();
            }
            case GSSENC_CODE -> {
                body.expectEnd();
                yield new GSSENCRequest();
            }
            default -> new StartupMessage(code, readParameters(code, body));
        };
    }

    private static Map<String, String> readParameters(int version, BodyReader body)
            throws MalformedMessage {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (version >>> 16 != 3) {
            return parameters; // Another major version has another layout; it is refused anyway.
        }
        while (true) {
            String name = body.readString();
            if (name.isEmpty()) {
                body.expectEnd();
                return parameters;
            }
            parameters.put(name, body.readString());
        }
    }

    private static Unreadable unreadable(String sqlState, String reason) {
        return new Unreadable('\0', sqlState, reason, true);
    }
}
