package dev.driftdb.pgwire.codec;

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
import java.util.List;
import java.util.Map;

/**
 * Writes what the server sends, {@code byte type | int32 length | body}:
 *
 * <pre>
 * AuthenticationOk          'R' | 8      | int32 0
 * BackendKeyData            'K' | 12     | int32 process id | int32 secret key
 * BindComplete              '2' | 4
 * CloseComplete             '3' | 4
 * CommandComplete           'C' | length | cstring tag
 * CopyData                  'd' | length | bytes
 * CopyDone                  'c' | 4
 * CopyInResponse            'G' | length | byte format | int16 n | n × int16 format
 * CopyOutResponse           'H' | length | byte format | int16 n | n × int16 format
 * DataRow                   'D' | length | int16 n | n × (int32 length or -1 | bytes)
 * EmptyQueryResponse        'I' | 4
 * ErrorResponse             'E' | length | (byte code | cstring value)* | 0
 * NegotiateProtocolVersion  'v' | length | int32 version | int32 n | n × cstring option
 * NoData                    'n' | 4
 * NoticeResponse            'N' | length | (byte code | cstring value)* | 0
 * NotificationResponse      'A' | length | int32 process id | cstring channel | cstring payload
 * ParameterDescription      't' | length | int16 n | n × int32 type oid
 * ParameterStatus           'S' | length | cstring name | cstring value
 * ParseComplete             '1' | 4
 * PortalSuspended           's' | 4
 * ReadyForQuery             'Z' | 5      | byte status
 * RowDescription            'T' | length | int16 n | n × (cstring name | int32 table oid | int16 column
 *                               | int32 type oid | int16 type length | int32 type modifier | int16 format)
 * </pre>
 *
 * Has no state. When it throws, the buffer is as it was before the message.
 */
public final class BackendEncoder {
    /** Most columns of a result, as in PostgreSQL. */
    public static final int COLUMN_COUNT_MAX = 1664;

    /** Most parameters of a statement: their count is an unsigned int16. */
    public static final int PARAMETER_COUNT_MAX = 65_535;

    /** In this order PostgreSQL sends the fields of an error. */
    private static final String ERROR_FIELD_ORDER = "SVCMDHPpqWstcdnFLR";

    private static final int PROTOCOL_MAJOR = 3;

    private BackendEncoder() {}

    /**
     * Appends one message.
     *
     * @throws IllegalArgumentException more columns or parameters than the counts can say
     */
    public static void encode(BackendMessage message, ByteBuf out) {
        int start = out.writerIndex();
        try {
            out.writeByte(type(message));
            out.writeInt(0);
            writeBody(message, out);
            out.setInt(start + 1, out.writerIndex() - start - 1);
        } catch (Throwable t) {
            out.writerIndex(start);
            throw t;
        }
    }

    private static char type(BackendMessage message) {
        return switch (message) {
            case AuthenticationOk m -> 'R';
            case BackendKeyData m -> 'K';
            case BindComplete m -> '2';
            case CloseComplete m -> '3';
            case CommandComplete m -> 'C';
            case CopyData m -> 'd';
            case CopyDone m -> 'c';
            case CopyInResponse m -> 'G';
            case CopyOutResponse m -> 'H';
            case DataRow m -> 'D';
            case EmptyQueryResponse m -> 'I';
            case ErrorResponse m -> 'E';
            case NegotiateProtocolVersion m -> 'v';
            case NoData m -> 'n';
            case NoticeResponse m -> 'N';
            case NotificationResponse m -> 'A';
            case ParameterDescription m -> 't';
            case ParameterStatus m -> 'S';
            case ParseComplete m -> '1';
            case PortalSuspended m -> 's';
            case ReadyForQuery m -> 'Z';
            case RowDescription m -> 'T';
        };
    }

    private static void writeBody(BackendMessage message, ByteBuf out) {
        switch (message) {
            case BindComplete m -> {}
            case CloseComplete m -> {}
            case CopyDone m -> {}
            case EmptyQueryResponse m -> {}
            case NoData m -> {}
            case ParseComplete m -> {}
            case PortalSuspended m -> {}
            case AuthenticationOk m -> out.writeInt(0);
            case BackendKeyData m -> out.writeInt(m.processId()).writeInt(m.secretKey());
            case CommandComplete m -> writeString(m.tag(), out);
            case CopyData m -> out.writeBytes(m.data());
            case CopyInResponse m -> writeCopyFormats(m.binary(), m.columnCount(), out);
            case CopyOutResponse m -> writeCopyFormats(m.binary(), m.columnCount(), out);
            case DataRow m -> writeValues(m, out);
            case ErrorResponse m -> writeErrorFields(m.fields(), out);
            case NoticeResponse m -> writeErrorFields(m.fields(), out);
            case NegotiateProtocolVersion m -> {
                // The manual says "minor version", but PostgreSQL sends, and libpq expects, both.
                out.writeInt(PROTOCOL_MAJOR << 16 | m.minorVersion());
                out.writeInt(m.unknownOptions().size());
                m.unknownOptions().forEach(option -> writeString(option, out));
            }
            case NotificationResponse m -> {
                out.writeInt(m.processId());
                writeString(m.channel(), out);
                writeString(m.payload(), out);
            }
            case ParameterDescription m -> {
                writeCount(m.typeOids().size(), PARAMETER_COUNT_MAX, "parameters", out);
                m.typeOids().forEach(out::writeInt);
            }
            case ParameterStatus m -> {
                writeString(m.name(), out);
                writeString(m.value(), out);
            }
            case ReadyForQuery m -> out.writeByte(m.status());
            case RowDescription m -> writeFields(m.fields(), out);
        }
    }

    private static void writeCopyFormats(boolean binary, int columnCount, ByteBuf out) {
        int format = binary ? 1 : 0;
        out.writeByte(format);
        writeCount(columnCount, COLUMN_COUNT_MAX, "columns", out);
        for (int i = 0; i < columnCount; i++) {
            out.writeShort(format);
        }
    }

    private static void writeValues(DataRow row, ByteBuf out) {
        writeCount(row.values().size(), COLUMN_COUNT_MAX, "columns", out);
        for (byte[] value : row.values()) {
            if (value == null) {
                out.writeInt(-1);
            } else {
                out.writeInt(value.length).writeBytes(value);
            }
        }
    }

    private static void writeFields(List<Field> fields, ByteBuf out) {
        writeCount(fields.size(), COLUMN_COUNT_MAX, "columns", out);
        for (Field field : fields) {
            writeString(field.name(), out);
            out.writeInt(field.tableOid());
            out.writeShort(field.columnNumber());
            out.writeInt(field.typeOid());
            out.writeShort(field.typeLength());
            out.writeInt(field.typeModifier());
            out.writeShort(field.format());
        }
    }

    private static void writeErrorFields(Map<Character, String> fields, ByteBuf out) {
        for (int i = 0; i < ERROR_FIELD_ORDER.length(); i++) {
            char code = ERROR_FIELD_ORDER.charAt(i);
            String value = fields.get(code);
            if (value != null) {
                writeErrorField(code, value, out);
            }
        }
        fields.keySet().stream()
                .filter(code -> ERROR_FIELD_ORDER.indexOf(code) < 0)
                .sorted()
                .forEach(code -> writeErrorField(code, fields.getOrDefault(code, ""), out));
        out.writeByte(0);
    }

    private static void writeErrorField(char code, String value, ByteBuf out) {
        out.writeByte(code);
        writeString(value, out);
    }

    private static void writeCount(int count, int countMax, String what, ByteBuf out) {
        if (count < 0 || count > countMax) {
            throw new IllegalArgumentException(
                    count + " " + what + ", more than the limit of " + countMax);
        }
        out.writeShort(count);
    }

    private static void writeString(String value, ByteBuf out) {
        // A zero byte would end the string early and shift every field after it.
        ByteBufUtil.writeUtf8(out, value.indexOf('\0') < 0 ? value : value.replace('\0', '?'));
        out.writeByte(0);
    }
}
