package dev.driftdb.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Golden files: bytes that earlier programs wrote. They are never edited, since logs with such
 * bytes exist; a new format version gets new files next to them.
 */
public final class Golden {
    private Golden() {}

    /**
     * The bytes of a golden file. With -Dgolden.write=true a file that does not exist yet is made
     * from {@code current} (in a new working tree, for a new version); none is ever overwritten.
     */
    public static byte[] read(String name, byte[] current) throws IOException {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
            if (in != null) {
                return in.readAllBytes();
            }
        }
        if (!Boolean.getBoolean("golden.write")) {
            throw new IllegalStateException("no golden file " + name);
        }
        Files.write(Path.of("src/test/resources/golden", name), current);
        return current;
    }
}
