package dev.driftdb.pgwire.message;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the client sends; "F" in the manual's Message Formats. Values only: no Netty buffer is kept.
 * Arrays are handed over, not copied: neither side changes them afterwards.
 */
public sealed interface FrontendMessage {
    /** A message of the start-up phase: it has no type byte. */
    sealed interface Initial extends FrontendMessage {}

    /**
     * Asks for a session.
     *
     * @param protocolVersion major version in the high 16 bits, minor in the low ones
     * @param parameters user, database, … in the order sent
     */
    record StartupMessage(int protocolVersion, Map<String, String> parameters) implements Initial {
        public StartupMessage {
            parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        }

        public int majorVersion() {
            return protocolVersion >>> 16;
        }

        public int minorVersion() {
            return protocolVersion & 0xffff;
        }
    }

    record SSLRequest() implements Initial {}

    record GSSENCRequest() implements Initial {}

    /** Cancels the statement of another connection; the two numbers are of its BackendKeyData. */
    record CancelRequest(int processId, int secretKey) implements Initial {}

    /**
     * Stands where a message was that could not be taken: too large, or its bytes are nonsense. Not
     * in the manual; it keeps the error in its place among the answers.
     *
     * @param type the message's type byte, 0 in the start-up phase
     * @param fatal the place of the next message is not known any more: the connection must end
     */
    record Unreadable(char type, String sqlState, String reason, boolean fatal)
            implements Initial {}

    /** A simple query: one or more statements. */
    record Query(String sql) implements FrontendMessage {}

    /** {@code parameterTypes}: oids, 0 for unspecified. */
    @SuppressWarnings("ArrayRecordComponent") // equality by content is written below
    record Parse(String statement, String sql, int[] parameterTypes) implements FrontendMessage {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Parse parse
                    && statement.equals(parse.statement)
                    && sql.equals(parse.sql)
                    && Arrays.equals(parameterTypes, parse.parameterTypes);
        }

        @Override
        public int hashCode() {
            return 31 * statement.hashCode() + sql.hashCode();
        }
    }

    /**
     * Makes a portal of a statement. Formats: none (all text), one for all, or one each; 0 text, 1
     * binary. A null parameter is NULL.
     */
    @SuppressWarnings("ArrayRecordComponent") // equality by content is written below
    record Bind(
            String portal,
            String statement,
            short[] parameterFormats,
            List<byte @Nullable []> parameters,
            short[] resultFormats)
            implements FrontendMessage {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Bind bind
                    && portal.equals(bind.portal)
                    && statement.equals(bind.statement)
                    && Arrays.equals(parameterFormats, bind.parameterFormats)
                    && Arrays.deepEquals(parameters.toArray(), bind.parameters.toArray())
                    && Arrays.equals(resultFormats, bind.resultFormats);
        }

        @Override
        public int hashCode() {
            return 31 * portal.hashCode() + statement.hashCode();
        }
    }

    /** What Describe and Close are about. */
    enum Target {
        STATEMENT,
        PORTAL
    }

    record Describe(Target target, String name) implements FrontendMessage {}

    /** {@code rowsMax} 0 or less: all rows. */
    record Execute(String portal, int rowsMax) implements FrontendMessage {}

    record Close(Target target, String name) implements FrontendMessage {}

    record Sync() implements FrontendMessage {}

    record Flush() implements FrontendMessage {}

    /** A chunk of COPY input, cut anywhere. */
    @SuppressWarnings("ArrayRecordComponent") // equality by content is written below
    record CopyData(byte[] data) implements FrontendMessage {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof CopyData copy && Arrays.equals(data, copy.data);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(data);
        }
    }

    record CopyDone() implements FrontendMessage {}

    record CopyFail(String reason) implements FrontendMessage {}

    record Terminate() implements FrontendMessage {}

    /** Any answer to an authentication request; its meaning depends on the request. */
    @SuppressWarnings("ArrayRecordComponent") // equality by content is written below
    record PasswordMessage(byte[] data) implements FrontendMessage {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof PasswordMessage password && Arrays.equals(data, password.data);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(data);
        }

        @Override
        public String toString() {
            return "PasswordMessage[not shown]";
        }
    }

    /** The old way to call a function by its oid. */
    @SuppressWarnings("ArrayRecordComponent") // equality by content is written below
    record FunctionCall(
            int functionOid,
            short[] argumentFormats,
            List<byte @Nullable []> arguments,
            short resultFormat)
            implements FrontendMessage {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof FunctionCall call
                    && functionOid == call.functionOid
                    && Arrays.equals(argumentFormats, call.argumentFormats)
                    && Arrays.deepEquals(arguments.toArray(), call.arguments.toArray())
                    && resultFormat == call.resultFormat;
        }

        @Override
        public int hashCode() {
            return functionOid;
        }
    }
}
