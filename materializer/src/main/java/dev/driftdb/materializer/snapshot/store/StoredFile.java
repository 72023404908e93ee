package dev.driftdb.materializer.snapshot.store;

import java.util.regex.Pattern;

/**
 * One file of a snapshot.
 *
 * @param name the file's name in the checkpoint's directory: ASCII letters, digits, {@code . _ -},
 *     and not {@code .} or {@code ..}
 * @param bytes its size
 * @param sha256 of its bytes, 64 hexadecimal digits in lower case; the store knows the file by it
 */
public record StoredFile(String name, long bytes, String sha256) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    /**
     * @throws IllegalArgumentException if one of them is not so
     */
    public StoredFile {
        if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("not a plain name of a file: \"" + name + "\"");
        }
        if (bytes < 0) {
            throw new IllegalArgumentException("size of " + name + " is negative: " + bytes);
        }
        Sha256.check(sha256);
    }
}
