package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.codec.BackendEncoder;
import dev.driftdb.pgwire.message.BackendMessage;
import dev.driftdb.pgwire.message.BackendMessage.ReadyForQuery;
import dev.driftdb.pgwire.message.BackendMessage.RowDescription;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the answers of one connection straight into one buffer, and hands that to the channel as
 * a whole. Used by the session's thread; {@link #channelChanged()} and {@link #farewell()} by the
 * event loop.
 */
final class ChannelSink implements PgSink {
    /** Above this many buffered bytes they are sent without waiting for the end of the answer. */
    static final int FLUSH_BYTES = 64 << 10;

    private static final int BUFFER_BYTES_MIN = 512;
    private static final String CONNECTION_FAILURE = "08006";
    private static final String TOO_MANY_COLUMNS = "54011";

    private final Channel channel;
    private final DataRowWriter row = new DataRowWriter();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition writableOrClosed = lock.newCondition();

    private @Nullable ByteBuf buffer;

    /** Buffers given to the event loop by the session's thread, and those that it has taken up. */
    private int posted;

    private int written;

    /** How many buffers were handed over: marks of earlier ones are void. */
    private int flushes;

    private int bufferBytes = BUFFER_BYTES_MIN;

    /** The client has said goodbye: when it is gone, that is no error. */
    private volatile boolean farewell;

    ChannelSink(Channel channel) {
        this.channel = channel;
    }

    @Override
    public void send(BackendMessage message) {
        if (row.isOpen()) {
            throw new IllegalStateException("a message inside a row");
        }
        if (message instanceof RowDescription description) {
            checkColumnCount(description.fields().size());
        }
        BackendEncoder.encode(message, buffer());
        if (message instanceof ReadyForQuery) {
            flush();
        } else {
            flushIfMuch();
        }
    }

    @Override
    public RowWriter beginRow(int fieldCount) {
        checkColumnCount(fieldCount);
        row.begin(buffer(), fieldCount);
        return row;
    }

    @Override
    public void endRow() {
        row.end();
        flushIfMuch();
    }

    /**
     * Whether the event loop has taken up all that the thread has flushed. Until then a flush on
     * the event loop would overtake. Asked on the event loop, in the place of the thread.
     */
    boolean isCaughtUp() {
        return posted == written;
    }

    private void countWritten() {
        written++;
    }

    /** Takes back the row that an error has left open. */
    void abandonRow() {
        row.abandon();
    }

    @Override
    public void flush() {
        ByteBuf full = buffer;
        if (full == null || !full.isReadable()) {
            return;
        }
        if (row.isOpen()) {
            throw new IllegalStateException("flush inside a row");
        }
        buffer = null;
        flushes++;
        // The next answer is probably like this one; growing a buffer means copying it.
        bufferBytes = Math.clamp(full.readableBytes(), BUFFER_BYTES_MIN, FLUSH_BYTES + 1024);
        if (!channel.isActive()) {
            full.release();
            checkFarewell();
            return;
        }
        boolean here = channel.eventLoop().inEventLoop();
        // A failed write reaches exceptionCaught of the pipeline, which closes the channel.
        var sent = channel.writeAndFlush(full, channel.voidPromise());
        if (here) {
            return; // It runs short statements only, and is what makes the channel writable again.
        }
        posted++;
        channel.eventLoop().execute(this::countWritten);
        if (!channel.isWritable()) {
            awaitWritable();
        }
    }

    @Override
    public long mark() {
        return ((long) flushes << Integer.SIZE) | (buffer == null ? 0 : buffer.writerIndex());
    }

    @Override
    public boolean rewind(long mark) {
        if (mark >>> Integer.SIZE != (flushes & 0xffff_ffffL)) {
            return false;
        }
        if (buffer != null) {
            buffer.writerIndex((int) mark);
        }
        return true;
    }

    /** The client has sent Terminate: answers are dropped once it is gone. */
    void farewell() {
        farewell = true;
    }

    /** The channel became writable, or unwritable, or has closed. */
    void channelChanged() {
        lock.lock();
        try {
            writableOrClosed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Drops what was not flushed. */
    void release() {
        row.abandon();
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }

    private void awaitWritable() {
        lock.lock();
        try {
            while (channel.isActive() && !channel.isWritable()) {
                writableOrClosed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        if (!channel.isActive()) {
            checkFarewell();
        }
    }

    private void checkFarewell() {
        if (!farewell) {
            throw PgError.fatal(CONNECTION_FAILURE, "connection to client lost");
        }
    }

    private ByteBuf buffer() {
        if (buffer == null) {
            buffer = channel.alloc().ioBuffer(bufferBytes);
        }
        return buffer;
    }

    private void flushIfMuch() {
        if (buffer != null && buffer.readableBytes() > FLUSH_BYTES) {
            flush();
        }
    }

    private static void checkColumnCount(int count) {
        if (count > BackendEncoder.COLUMN_COUNT_MAX) {
            throw PgError.error(
                    TOO_MANY_COLUMNS,
                    "target lists can have at most "
                            + BackendEncoder.COLUMN_COUNT_MAX
                            + " entries, not "
                            + count);
        }
    }
}
