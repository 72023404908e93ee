package dev.driftdb.query.execute.spill;

import dev.driftdb.query.execute.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Rows in a temporary file: written once, read any number of times. For one thread. */
public final class SpillFile implements AutoCloseable {
    private static final int WRITE_BUFFER_BYTES = 32 << 10;
    private static final int READ_BUFFER_BYTES = 16 << 10;

    /** The place of every so many-th row is known, so that reading may begin in the middle. */
    static final int MARK_EVERY = 128;

    private final SpillSpace space;
    private final FileChannel channel;
    private final RowBytes out = new RowBytes(WRITE_BUFFER_BYTES);
    private long[] marks = new long[16];
    private long written;
    private long rows;
    private boolean closed;

    SpillFile(SpillSpace space, Path path) {
        this.space = space;
        try {
            this.channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("a temporary file failed: " + e.getMessage(), e);
    }

    public long rows() {
        return rows;
    }

    /** What was written, or waits to be. */
    public long bytes() {
        return written + out.size();
    }

    /**
     * @throws dev.driftdb.schemas.error.SqlException 53400 past temp_file_limit
     */
    public void write(@Nullable Object[] row) {
        if (rows % MARK_EVERY == 0) {
            int mark = (int) (rows / MARK_EVERY);
            if (mark == marks.length) {
                marks = java.util.Arrays.copyOf(marks, 2 * mark);
            }
            marks[mark] = written + out.size();
        }
        out.writeRow(row);
        rows++;
        if (out.size() >= WRITE_BUFFER_BYTES) {
            flush();
        }
    }

    private void flush() {
        int size = out.size();
        if (size == 0) {
            return;
        }
        space.grown(size);
        try {
            ByteBuffer buffer = ByteBuffer.wrap(out.bytes(), 0, size);
            long position = written;
            while (buffer.hasRemaining()) {
                position += channel.write(buffer, position);
            }
        } catch (IOException e) {
            throw failed(e);
        }
        written += size;
        out.clear();
    }

    /** All rows in the order in which they were written; those that come later, too. */
    public Rows read() {
        return read(0);
    }

    /** The rows from a number on. */
    public Rows read(long from) {
        Reader reader = new Reader(from / MARK_EVERY * MARK_EVERY);
        for (long i = from % MARK_EVERY; i > 0; i--) {
            reader.next();
        }
        return reader;
    }

    private final class Reader implements Rows {
        private final RowBytes in = new RowBytes(READ_BUFFER_BYTES);
        private long position;
        private long row;

        Reader(long first) {
            this.row = first;
            this.position = first < rows ? marks[(int) (first / MARK_EVERY)] : 0;
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            if (row >= rows) {
                return null;
            }
            row++;
            if (!in.hasRow()) {
                fill();
            }
            return in.readRow();
        }

        private void fill() {
            flush();
            try {
                long read = in.fill(channel, position);
                position += read;
                space.read(read);
            } catch (IOException e) {
                throw failed(e);
            }
        }

        @Override
        public void close() {}
    }

    /** Removes the file. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        space.closed(this, written);
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
