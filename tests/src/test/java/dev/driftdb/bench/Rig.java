package dev.driftdb.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the benchmarks run on: a throw-away directory, the node that most of them share, a
 * PostgreSQL if the machine has one. Servers start when first asked for. Used by the main thread.
 */
final class Rig implements AutoCloseable {
    private final Settings settings;
    private final Path command;
    private final Path directory;
    private final PrintWriter progress;
    private @Nullable DriftNode node;
    private @Nullable PostgresPeer postgres;
    private int nodeCount;

    /**
     * @param command the {@code driftdb} command
     * @param parent where the throw-away directory is made; its disk is what commits are synced to
     * @param progress told what is being done
     */
    Rig(Settings settings, Path command, Path parent, PrintWriter progress) throws IOException {
        this.settings = settings;
        this.command = command;
        this.progress = progress;
        this.directory =
                Files.createTempDirectory(Files.createDirectories(parent), "driftdb-bench");
        if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
            // PostgreSQL runs as another user when this runs as root.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        }
        // Ctrl-C does not come by close(); neither servers nor gigabytes may stay behind.
        Runtime.getRuntime().addShutdownHook(new Thread(this::endAtOnce, "end of the rig"));
    }

    Settings settings() {
        return settings;
    }

    Path directory() {
        return directory;
    }

    void say(String what) {
        progress.println("  " + what);
        progress.flush();
    }

    /** The node that benchmarks share; tables of one are no concern of another. */
    DriftNode node() throws IOException, InterruptedException {
        DriftNode running = node;
        if (running == null) {
            running = start(newDataDirectory());
            node = running;
        }
        return running;
    }

    /** Ends the shared node, so that it takes nothing from what runs next. */
    void stopSharedNode() {
        DriftNode running = node;
        node = null;
        if (running != null) {
            running.close();
        }
    }

    Path newDataDirectory() {
        return directory.resolve("data-" + ++nodeCount);
    }

    /** A node of the caller's own, who closes it. */
    DriftNode start(Path dataDirectory) throws IOException, InterruptedException {
        say("starting DriftDB");
        return DriftNode.start(command, dataDirectory, Path.of(dataDirectory + ".log"));
    }

    /** A PostgreSQL, if this machine has its programs. */
    Optional<PostgresPeer> postgres() throws IOException, SQLException, InterruptedException {
        Optional<Path> programs = Programs.serverFolder();
        if (postgres == null && programs.isPresent()) {
            say("starting PostgreSQL");
            postgres =
                    PostgresPeer.start(
                            programs.get(),
                            Files.createTempDirectory(directory, "postgres"),
                            directory.resolve("postgres.log"));
        }
        return Optional.ofNullable(postgres);
    }

    /** The shared node, then PostgreSQL if there is one. */
    List<Endpoint> endpoints() throws IOException, SQLException, InterruptedException {
        List<Endpoint> endpoints = new ArrayList<>();
        endpoints.add(node().endpoint());
        postgres().ifPresent(peer -> endpoints.add(peer.endpoint()));
        return endpoints;
    }

    @Override
    public void close() throws IOException {
        try {
            stopSharedNode();
        } finally {
            PostgresPeer peer = postgres;
            postgres = null;
            if (peer != null) {
                peer.close();
            }
            deleteDirectory();
        }
    }

    private void endAtOnce() {
        ChildProcess.endAll();
        try {
            deleteDirectory();
        } catch (IOException | UncheckedIOException e) {
            say("cannot delete " + directory + ": " + e.getMessage());
        }
    }

    /** Locked, because a signal can come while the main thread is at it. */
    private synchronized void deleteDirectory() throws IOException {
        if (Files.exists(directory)) {
            delete(directory);
        }
    }

    static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> {
                        try {
                            Files.delete(file);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }
}
