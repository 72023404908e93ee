package dev.driftdb.query.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one node, locked against a second process: {@code kafka} (the embedded broker's
 * data: the truth), {@code state} (the replica's RocksDB: may be deleted), {@code snapshots} (of
 * the state, to begin from), {@code node-id} (the node's name among the nodes of its database),
 * {@code lock}.
 */
final class DataDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;

    private DataDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static DataDirectory open(Path path) throws IOException {
        Files.createDirectories(path);
        FileChannel channel =
                FileChannel.open(
                        path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new StartException(
                    "the data directory "
                            + path.toAbsolutePath()
                            + " is in use by another process");
        }
        return new DataDirectory(path, channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    Path kafka() {
        return path.resolve("kafka");
    }

    Path state() {
        return path.resolve("state");
    }

    /** Snapshots, unless they are elsewhere. */
    Path snapshots() {
        return path.resolve("snapshots");
    }

    /** A checkpoint while it is being stored. On the disk of the state: its files are linked. */
    Path checkpoint() {
        return path.resolve("checkpoint");
    }

    /** Rows of running statements that did not fit in memory. */
    Path temporary() {
        return path.resolve("tmp");
    }

    /** What ANALYZE has found. */
    Path statistics() {
        return path.resolve("statistics");
    }

    /** The same after every start, and another one for every directory. */
    String nodeId() throws IOException {
        Path file = path.resolve("node-id");
        if (!Files.exists(file)) {
            Path made = path.resolve("node-id.new");
            Files.writeString(made, UUID.randomUUID().toString());
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
