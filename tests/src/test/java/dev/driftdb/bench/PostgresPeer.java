package dev.driftdb.bench;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A PostgreSQL of its own for comparison: fresh cluster, {@code synchronous_commit = on}, its
 * defaults otherwise. Used by the main thread.
 *
 * @param endpoint where it answers
 */
record PostgresPeer(ChildProcess process, Endpoint endpoint) implements AutoCloseable {
    /** PostgreSQL refuses to run as root; this user runs it then. */
    private static final String ORDINARY_USER = "nobody";

    /**
     * @param binaries the folder with initdb and postgres
     * @param directory empty, for the cluster
     */
    static PostgresPeer start(Path binaries, Path directory, Path log)
            throws IOException, SQLException, InterruptedException {
        List<String> asUser = asOrdinaryUser(directory);
        List<String> initdb = new ArrayList<>(asUser);
        initdb.addAll(
                List.of(
                        binaries.resolve("initdb").toString(),
                        "--pgdata=" + directory,
                        "--username=" + Endpoint.USER,
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C"));
        CommandOutput.of(initdb).orThrow();
        // The database that initdb makes, for making ours.
        Endpoint server = new Endpoint("PostgreSQL", FreePort.find(), "postgres");
        List<String> postgres = new ArrayList<>(asUser);
        postgres.addAll(
                List.of(
                        binaries.resolve("postgres").toString(),
                        "-D",
                        directory.toString(),
                        "-p",
                        Integer.toString(server.port()),
                        "-c",
                        "listen_addresses=" + Endpoint.HOST,
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "synchronous_commit=on"));
        ChildProcess process = ChildProcess.start("PostgreSQL", postgres, log);
        try {
            process.awaitAnswer(server);
            server.execute("CREATE DATABASE " + Endpoint.DATABASE);
            return new PostgresPeer(
                    process, new Endpoint(server.product(), server.port(), Endpoint.DATABASE));
        } catch (SQLException | RuntimeException | InterruptedException e) {
            process.close();
            throw e;
        }
    }

    private static List<String> asOrdinaryUser(Path directory) throws IOException {
        if (!System.getProperty("user.name").equals("root")) {
            return List.of();
        }
        Files.setOwner(
                directory,
                FileSystems.getDefault()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(ORDINARY_USER));
        // It becomes the server instead of starting it, so that the process is the server's.
        return List.of("setpriv", "--reuid=" + ORDINARY_USER, "--clear-groups");
    }

    @Override
    public void close() {
        process.close();
    }
}
