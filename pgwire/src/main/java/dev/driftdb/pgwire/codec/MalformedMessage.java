package dev.driftdb.pgwire.codec;

/** The body of a message is not what its type says. Ends as an Unreadable, never leaves codec. */
final class MalformedMessage extends Exception {
    private final String sqlState;

    MalformedMessage(String sqlState, String message) {
        super(message, null, false, false);
        this.sqlState = sqlState;
    }

    static MalformedMessage violation(String message) {
        return new MalformedMessage(BodyReader.PROTOCOL_VIOLATION, message);
    }

    String sqlState() {
        return sqlState;
    }
}
