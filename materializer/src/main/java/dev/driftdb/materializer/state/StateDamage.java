package dev.driftdb.materializer.state;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of a state that are not as they were written: a wrong checksum, a missing or shortened
 * file. Nothing is answered from them; they are moved aside when the state is opened, and the state
 * is folded anew from the log. Safe for any thread.
 */
final class StateDamage {
    private static final Logger LOG = LoggerFactory.getLogger(StateDamage.class);

    /** In the state's directory: what was found there while it was open. */
    private static final String MARK = "DAMAGED";

    /** The file without which there is no state. */
    static final String CURRENT = "CURRENT";

    /** Beside the state's directory: the last damaged one. */
    private static final String ASIDE = ".damaged";

    private static final String MISSING_FILE = "No such file or directory";

    private final Path directory;
    private final CompletableFuture<Throwable> found = new CompletableFuture<>();

    StateDamage(Path directory) {
        this.directory = directory;
    }

    /** Completes with the cause when damage is found in the open state. */
    CompletableFuture<Throwable> found() {
        return found;
    }

    static boolean isDamage(RocksDBException e) {
        Status status = e.getStatus();
        return (status != null && status.getCode() == Status.Code.Corruption)
                || String.valueOf(e.getMessage()).contains(MISSING_FILE);
    }

    /** What the user of an open state is told of an error; damage is remembered. */
    RuntimeException failure(String what, RocksDBException e) {
        if (!isDamage(e)) {
            return RocksFiles.failed(what, e);
        }
        if (found.complete(e)) {
            LOG.error("the state in {} is damaged: {}", directory, e.getMessage());
            mark(String.valueOf(e.getMessage()));
        }
        return new SqlException(
                        SqlState.DATA_CORRUPTED,
                        "the state of this node is damaged: cannot " + what)
                .withDetail(String.valueOf(e.getMessage()))
                .withHint(
                        "Nothing is lost: the node stops, and makes its state anew from the log when"
                                + " it starts.");
    }

    private void mark(String cause) {
        try {
            Files.writeString(directory.resolve(MARK), cause);
        } catch (IOException e) {
            LOG.warn("cannot mark {} as damaged", directory, e);
        }
    }

    /** Why the files must not be opened; null if nothing is known against them. */
    @Nullable String knownDamage() {
        try {
            Path mark = directory.resolve(MARK);
            if (Files.exists(mark)) {
                return Files.readString(mark);
            }
            if (!Files.isDirectory(directory) || Files.exists(directory.resolve(CURRENT))) {
                return null;
            }
            try (Stream<Path> files = Files.list(directory)) {
                // RocksDB would begin an empty state beside them.
                return files.anyMatch(file -> file.toString().endsWith(".sst"))
                        ? "the file CURRENT is missing"
                        : null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }

    /** Moves the files out of the way; those of an earlier time are deleted. */
    void moveAside(String why) {
        Path aside = directory.resolveSibling(directory.getFileName() + ASIDE);
        try {
            FileTree.delete(aside);
            Files.move(directory, aside);
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot move " + directory + " to " + aside, e);
        }
        LOG.warn(
                "the state in {} is damaged ({}): it was moved to {} and is made anew from the log",
                directory,
                why,
                aside);
    }
}
