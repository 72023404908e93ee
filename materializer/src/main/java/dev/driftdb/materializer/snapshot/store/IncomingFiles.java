package dev.driftdb.materializer.snapshot.store;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Where a directory store's files are written before they get their names. Each is locked by the
 * process that writes it, so what is not locked was left by a crash.
 */
record IncomingFiles(Path directory) {
    /** Writes what a file is to hold; does not force it. */
    interface Content {
        void writeTo(FileChannel file) throws IOException;
    }

    /** Writes a file aside and puts it where it belongs, durably, or leaves nothing. */
    void write(Path place, Content content) throws IOException {
        Path file = directory.resolve(UUID.randomUUID().toString());
        boolean moved = false;
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            channel.lock(); // until it is closed
            content.writeTo(channel);
            channel.force(true);
            DurableFiles.move(file, place);
            moved = true;
        } finally {
            if (!moved) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Removes what nobody is writing any more. */
    void clear() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!isBeingWritten(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean isBeingWritten(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (OverlappingFileLockException e) {
            return true; // by this process
        } catch (NoSuchFileException e) {
            return false; // finished in the meantime
        }
    }
}
