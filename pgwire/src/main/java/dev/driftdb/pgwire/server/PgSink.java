package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.message.BackendMessage;

/**
 * Where a session's answers go. Buffers; flushes by itself when much is buffered, and after every
 * ReadyForQuery and Flush. Used by the thread that is in a call of the session, and no other.
 *
 * <p>Any method may throw {@link PgError} 08006 when the client is gone: let it pass, so that the
 * statement ends.
 */
public interface PgSink {
    /** May block while the client does not read (back-pressure). */
    void send(BackendMessage message);

    /**
     * One DataRow on the fast path: {@link RowWriter} writes the fields straight into the buffer.
     * Between the two calls nothing else may be sent.
     */
    RowWriter beginRow(int fieldCount);

    void endRow();

    /**
     * Sends now what is buffered; for a statement that waits between its rows. May block while the
     * client does not read.
     */
    default void flush() {}

    /** A place in the answers to go back to with {@link #rewind}; not inside a row. */
    long mark();

    /**
     * Takes back what was sent after a mark.
     *
     * @return false if some of it is on its way to the client already; then nothing is taken back
     */
    boolean rewind(long mark);

    /** The fields of one DataRow, in order. */
    interface RowWriter {
        void nullField();

        void field(byte[] value);

        /** UTF-8 text. */
        void text(String value);

        /** The decimal digits of a number, as text. */
        void textLong(long value);

        /** Big-endian binary of the given width. */
        void binaryShort(short value);

        void binaryInt(int value);

        void binaryLong(long value);
    }
}
