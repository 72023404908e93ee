package dev.driftdb.pgwire.message;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the server sends; "B" in the manual's Message Formats. */
public sealed interface BackendMessage {
    record AuthenticationOk() implements BackendMessage {}

    record BackendKeyData(int processId, int secretKey) implements BackendMessage {}

    record BindComplete() implements BackendMessage {}

    record CloseComplete() implements BackendMessage {}

    record CommandComplete(String tag) implements BackendMessage {}

    /** A chunk of COPY output. */
    @SuppressWarnings("ArrayRecordComponent") // equality by content is written below
    record CopyData(byte[] data) implements BackendMessage {
        @Override
        public boolean equals(Object other) {
            return other instanceof CopyData copy && Arrays.equals(data, copy.data);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(data);
        }
    }

    record CopyDone() implements BackendMessage {}

    record CopyInResponse(boolean binary, int columnCount) implements BackendMessage {}

    record CopyOutResponse(boolean binary, int columnCount) implements BackendMessage {}

    record EmptyQueryResponse() implements BackendMessage {}

    /** Fields by their code in "Error and Notice Message Fields", absent ones left out. */
    record ErrorResponse(Map<Character, String> fields) implements BackendMessage {
        public ErrorResponse {
            fields = Map.copyOf(fields);
        }

        /**
         * An error without position, detail or hint.
         *
         * @param severity ERROR, FATAL or PANIC; the connection ends after the latter two
         */
        public static ErrorResponse of(String severity, String sqlState, String message) {
            return new ErrorResponse(
                    Map.of('S', severity, 'V', severity, 'C', sqlState, 'M', message));
        }

        public String message() {
            return fields.getOrDefault('M', "");
        }

        public String sqlState() {
            return fields.getOrDefault('C', "");
        }

        /** Whether the connection ends after it. */
        public boolean isFatal() {
            String severity = fields.getOrDefault('V', fields.getOrDefault('S', "ERROR"));
            return severity.equals("FATAL") || severity.equals("PANIC");
        }
    }

    record NegotiateProtocolVersion(int minorVersion, List<String> unknownOptions)
            implements BackendMessage {}

    record NoData() implements BackendMessage {}

    record NoticeResponse(Map<Character, String> fields) implements BackendMessage {
        public NoticeResponse {
            fields = Map.copyOf(fields);
        }
    }

    record NotificationResponse(int processId, String channel, String payload)
            implements BackendMessage {}

    record ParameterDescription(List<Integer> typeOids) implements BackendMessage {}

    record ParameterStatus(String name, String value) implements BackendMessage {}

    record ParseComplete() implements BackendMessage {}

    record PortalSuspended() implements BackendMessage {}

    record ReadyForQuery(char status) implements BackendMessage {}

    record RowDescription(List<Field> fields) implements BackendMessage {}

    /**
     * One field of a row description.
     *
     * @param tableOid 0 unless the field is a column of a table
     * @param columnNumber that column's number, else 0
     * @param typeLength pg_type.typlen
     * @param typeModifier -1 for none
     * @param format 0 text, 1 binary
     */
    record Field(
            String name,
            int tableOid,
            short columnNumber,
            int typeOid,
            short typeLength,
            int typeModifier,
            short format) {}

    /** A row in the slow, readable form; the fast one is PgSink.beginRow. */
    record DataRow(List<byte @Nullable []> values) implements BackendMessage {}
}
