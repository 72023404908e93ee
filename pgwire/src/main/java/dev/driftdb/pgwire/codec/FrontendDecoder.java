package dev.driftdb.pgwire.codec;

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
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * The messages after the start-up phase, {@code byte type | int32 length | body}:
 *
 * <pre>
 * Query            'Q' | length | cstring sql
 * Parse            'P' | length | cstring statement | cstring sql | int16 n | n × int32 type oid
 * Bind             'B' | length | cstring portal | cstring statement | int16 n | n × int16 format
 *                      | int16 n | n × (int32 length or -1 | bytes) | int16 n | n × int16 format
 * Describe         'D' | length | byte 'S' or 'P' | cstring name
 * Execute          'E' | length | cstring portal | int32 rows max
 * Close            'C' | length | byte 'S' or 'P' | cstring name
 * Sync             'S' | 4
 * Flush            'H' | 4
 * CopyData         'd' | length | bytes
 * CopyDone         'c' | 4
 * CopyFail         'f' | length | cstring reason
 * Terminate        'X' | 4
 * PasswordMessage  'p' | length | bytes
 * FunctionCall     'F' | length | int32 oid | int16 n | n × int16 format
 *                      | int16 n | n × (int32 length or -1 | bytes) | int16 format
 * </pre>
 *
 * A body that is wrong inside an honest length is an Unreadable that is not fatal, as in
 * PostgreSQL: the next message is where it should be. So is a message above the limit: it is
 * skipped as it comes, without keeping its bytes. An unknown type or a length that cannot be is
 * fatal, and everything after it is dropped.
 */
public final class FrontendDecoder extends ByteToMessageDecoder {
    /** Default for the longest message, in bytes. */
    public static final int MESSAGE_BYTES_MAX = 64 << 20;

    /** Longest message of the types that only carry a name: more is a lying length. */
    public static final int SMALL_MESSAGE_BYTES_MAX = 10_000;

    private static final int HEADER_BYTES = 1 + Integer.BYTES;
    private static final String PROGRAM_LIMIT_EXCEEDED = "54000";

    // Without a body they are all the same.
    private static final Sync SYNC = new Sync();
    private static final Flush FLUSH = new Flush();
    private static final CopyDone COPY_DONE = new CopyDone();
    private static final Terminate TERMINATE = new Terminate();

    private enum Kind {
        SMALL,
        LARGE,
        UNKNOWN
    }

    private final int messageBytesMax;
    private int skipBytes;
    private char skippedType;
    private int skippedLength;
    private boolean ended;
    private long decodedBytes;

    /**
     * @param messageBytesMax longest Query, Parse, Bind, FunctionCall and CopyData, in bytes
     */
    public FrontendDecoder(int messageBytesMax) {
        this.messageBytesMax = messageBytesMax;
    }

    /** Bytes of all messages handed on so far. */
    public long decodedBytes() {
        return decodedBytes;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (ended) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (skipBytes > 0) {
            skip(in, out);
            return;
        }
        if (in.readableBytes() < HEADER_BYTES) {
            return;
        }
        int start = in.readerIndex();
        char type = (char) in.getUnsignedByte(start);
        int length = in.getInt(start + 1);
        Kind kind = kind(type);
        if (kind == Kind.UNKNOWN) {
            end(in, out, type, "invalid frontend message type " + (int) type);
        } else if (length < Integer.BYTES
                || (kind == Kind.SMALL && length > SMALL_MESSAGE_BYTES_MAX)) {
            end(in, out, type, "invalid message length");
        } else if (kind == Kind.SMALL || length <= messageBytesMax) {
            int size = 1 + length;
            if (in.readableBytes() >= size) {
                decodedBytes += size;
                ByteBuf body = in.readSlice(size).skipBytes(HEADER_BYTES);
                out.add(read(type, body));
            }
        } else {
            in.skipBytes(HEADER_BYTES);
            skipBytes = length - Integer.BYTES;
            skippedType = type;
            skippedLength = length;
            skip(in, out);
        }
    }

    private void skip(ByteBuf in, List<Object> out) {
        int now = Math.min(skipBytes, in.readableBytes());
        in.skipBytes(now);
        skipBytes -= now;
        if (skipBytes == 0) {
            String reason =
                    "message of type '%c' has %d bytes, more than the limit of %d"
                            .formatted(skippedType, skippedLength, messageBytesMax);
            out.add(new Unreadable(skippedType, PROGRAM_LIMIT_EXCEEDED, reason, false));
        }
    }

    private void end(ByteBuf in, List<Object> out, char type, String reason) {
        ended = true;
        in.skipBytes(in.readableBytes());
        out.add(new Unreadable(type, BodyReader.PROTOCOL_VIOLATION, reason, true));
    }

    private static Kind kind(char type) {
        return switch (type) {
            case 'Q', 'P', 'B', 'F', 'd' -> Kind.LARGE;
            case 'D', 'E', 'C', 'S', 'H', 'c', 'f', 'X', 'p' -> Kind.SMALL;
            default -> Kind.UNKNOWN;
        };
    }

    private static FrontendMessage read(char type, ByteBuf bytes) {
        BodyReader body = new BodyReader(bytes);
        try {
            FrontendMessage message = read(type, body);
            body.expectEnd();
            return message;
        } catch (MalformedMessage e) {
            String reason = e.getMessage() == null ? "" : e.getMessage();
            return new Unreadable(type, e.sqlState(), reason, false);
        }
    }

    private static FrontendMessage read(char type, BodyReader body) throws MalformedMessage {
        return switch (type) {
            case 'B' -> readBind(body);
            case 'E' -> new Execute(body.readString(), body.readInt());
            case 'S' -> SYNC;
            case 'P' -> new Parse(body.readString(), body.readString(), body.readInts());
            case 'D' -> new Describe(readTarget("DESCRIBE", body), body.readString());
            case 'C' -> new Close(readTarget("CLOSE", body), body.readString());
            case 'Q' -> new Query(body.readString());
            case 'H' -> FLUSH;
            case 'd' -> new CopyData(body.readRest());
            case 'c' -> COPY_DONE;
            case 'f' -> new CopyFail(body.readString());
            case 'X' -> TERMINATE;
            case 'p' -> new PasswordMessage(body.readRest());
            case 'F' -> readFunctionCall(body);
            default -> throw new IllegalStateException("no layout for message type " + type);
        };
    }

    private static Bind readBind(BodyReader body) throws MalformedMessage {
        String portal = body.readString();
        String statement = body.readString();
        short[] formats = body.readFormats();
        var parameters = body.readValues();
        checkFormats("bind", "parameter", formats.length, parameters.size());
        return new Bind(portal, statement, formats, parameters, body.readFormats());
    }

    private static FunctionCall readFunctionCall(BodyReader body) throws MalformedMessage {
        int oid = body.readInt();
        short[] formats = body.readFormats();
        var arguments = body.readValues();
        checkFormats("function call", "argument", formats.length, arguments.size());
        return new FunctionCall(oid, formats, arguments, body.readFormat());
    }

    private static void checkFormats(String message, String what, int formats, int values)
            throws MalformedMessage {
        if (formats > 1 && formats != values) {
            throw MalformedMessage.violation(
                    "%s message has %d %s formats but %d %ss"
                            .formatted(message, formats, what, values, what));
        }
    }

    private static Target readTarget(String message, BodyReader body) throws MalformedMessage {
        byte kind = body.readByte();
        return switch (kind) {
            case 'S' -> Target.STATEMENT;
            case 'P' -> Target.PORTAL;
            default ->
                    throw MalformedMessage.violation(
                            "invalid %s message subtype %d".formatted(message, kind));
        };
    }
}
