package dev.driftdb.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds PostgreSQL's programs: on PATH, then where packages put them, the newest version first. */
final class Programs {
    private static final List<Path> PACKAGE_FOLDERS =
            List.of(
                    Path.of("/usr/lib/postgresql"),
                    Path.of("/usr/local/lib/postgresql"),
                    Path.of("/opt/homebrew/opt"),
                    Path.of("/usr"));

    private Programs() {}

    /** The folder that has both the server and initdb. */
    static Optional<Path> serverFolder() {
        return folders().stream()
                .filter(folder -> isProgram(folder, "postgres") && isProgram(folder, "initdb"))
                .findFirst();
    }

    static Optional<Path> find(String program) {
        return folders().stream()
                .filter(folder -> isProgram(folder, program))
                .map(folder -> folder.resolve(program))
                .findFirst();
    }

    private static boolean isProgram(Path folder, String name) {
        return Files.isExecutable(folder.resolve(name));
    }

    private static List<Path> folders() {
        List<Path> folders = new ArrayList<>();
        String path = System.getenv("PATH");
        if (path != null) {
            for (String folder : path.split(Pattern.quote(File.pathSeparator), -1)) {
                if (!folder.isEmpty()) {
                    folders.add(Path.of(folder));
                }
            }
        }
        PACKAGE_FOLDERS.forEach(folder -> folders.addAll(versions(folder)));
        return folders;
    }

    /** {@code /usr/lib/postgresql/17/bin}, {@code /usr/pgsql-17/bin} and the like. */
    private static List<Path> versions(Path folder) {
        List<Path> versions = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries =
                    Files.newDirectoryStream(folder, "{[0-9]*,pgsql-*,postgresql@*}")) {
                entries.forEach(entry -> versions.add(entry.resolve("bin")));
            } catch (IOException e) {
                return List.of();
            }
        }
        versions.sort(Comparator.comparing(Path::toString).reversed());
        return versions;
    }
}
