package dev.driftdb.query.execute.spill;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The temporary files of one statement, which end with it. For the statement's thread. */
public final class SpillSpace implements AutoCloseable {
    /** No bound. */
    public static final long UNBOUNDED = -1;

    private final @Nullable TemporaryFiles files;
    private final long bytesMax;
    private final Set<SpillFile> open = new LinkedHashSet<>();
    private long bytes;
    private long bytesWritten;
    private long bytesRead;

    /**
     * @param files null where there is no place for any: then nothing can be spilled
     * @param bytesMax of all files together (temp_file_limit), or {@link #UNBOUNDED}
     */
    public SpillSpace(@Nullable TemporaryFiles files, long bytesMax) {
        this.files = files;
        this.bytesMax = bytesMax;
    }

    /**
     * @throws SqlException 53200 where there is no place for files
     */
    public SpillFile create() {
        if (files == null) {
            throw new SqlException(SqlState.OUT_OF_MEMORY, "out of memory")
                    .withDetail("There is no directory for temporary files.");
        }
        SpillFile file = new SpillFile(this, files.next());
        open.add(file);
        return file;
    }

    /**
     * @throws SqlException 53400 past temp_file_limit
     */
    void grown(long by) {
        bytes += by;
        bytesWritten += Math.max(0, by);
        if (bytesMax != UNBOUNDED && bytes > bytesMax) {
            throw new SqlException(
                    SqlState.CONFIGURATION_LIMIT_EXCEEDED,
                    "temporary file size exceeds temp_file_limit (" + bytesMax / 1024 + "kB)");
        }
    }

    void closed(SpillFile file, long size) {
        if (open.remove(file)) {
            bytes -= size;
        }
    }

    /** All bytes that were ever written. */
    public long bytesWritten() {
        return bytesWritten;
    }

    /** All bytes that were ever read. */
    public long bytesRead() {
        return bytesRead;
    }

    void read(long more) {
        bytesRead += more;
    }

    public int openFiles() {
        return open.size();
    }

    @Override
    public void close() {
        for (SpillFile file : List.copyOf(open)) {
            file.close();
        }
    }
}
