package dev.driftdb.materializer.snapshot.store;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * What a copy turned out to be.
 *
 * @param bytes copied
 * @param sha256 of them, lower-case hexadecimal digits
 */
record CheckedCopy(long bytes, String sha256) {
    private static final int BUFFER_BYTES = 128 << 10;

    /**
     * Copies, without forcing to disk. Ends early when there is more than wanted; the bytes are
     * more than the limit then.
     */
    static CheckedCopy copy(InputStream from, FileChannel to, long limit) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_BYTES];
        long bytes = 0;
        for (int read = from.read(buffer); read >= 0 && bytes <= limit; read = from.read(buffer)) {
            bytes += read;
            digest.update(buffer, 0, read);
            for (ByteBuffer rest = ByteBuffer.wrap(buffer, 0, read); rest.hasRemaining(); ) {
                to.write(rest);
            }
        }
        return new CheckedCopy(bytes, HexFormat.of().formatHex(digest.digest()));
    }

    /**
     * A stored file's bytes into a new file, durable when this returns. The file is removed again
     * if it does not become what is wanted.
     *
     * @param location of the store, for messages
     */
    static void fetch(InputStream from, StoredFile wanted, Path target, String location)
            throws IOException, CorruptSnapshotException {
        boolean right = false;
        try (FileChannel to = FileChannel.open(target, CREATE_NEW, WRITE)) {
            try {
                copy(from, to, wanted.bytes()).mustBe(wanted, location);
                to.force(true);
                right = true;
            } finally {
                if (!right) {
                    Files.deleteIfExists(target);
                }
            }
        }
    }

    /** For a file that a store lacks. */
    static CorruptSnapshotException missing(StoredFile file, String location, Exception cause) {
        return new CorruptSnapshotException(named(file, location) + " is not there", cause);
    }

    private void mustBe(StoredFile wanted, String location) throws CorruptSnapshotException {
        if (bytes != wanted.bytes()) {
            throw new CorruptSnapshotException(
                    named(wanted, location)
                            + (bytes > wanted.bytes() ? " has more than " : " has fewer than ")
                            + wanted.bytes()
                            + " bytes");
        }
        if (!sha256.equals(wanted.sha256())) {
            throw new CorruptSnapshotException(
                    named(wanted, location) + " has another sha256: " + sha256);
        }
    }

    private static String named(StoredFile file, String location) {
        return location + ": file " + file.name() + " (sha256 " + file.sha256() + ")";
    }
}
