package dev.driftdb.query.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/** A node on free ports, with its data in a directory that goes when it is closed. */
final class ThrowAwayNode implements AutoCloseable {
    static final String DATABASE = "driftdb";
    static final String HOST = "127.0.0.1";
    private static final int MAX_CONNECTIONS = 10;
    private static final int MESSAGE_BYTES_MAX = 16 << 20;
    private static final long OPERATOR_BYTES_MAX = 64L << 20;
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

    private final Path directory;
    private final Node node;

    ThrowAwayNode() throws IOException {
        directory = Files.createTempDirectory("driftdb-demo");
        try {
            node = Node.start(config(directory));
        } catch (RuntimeException e) {
            delete(directory);
            throw e;
        }
    }

    private static ServerConfig config(Path directory) {
        return new ServerConfig(
                directory,
                DATABASE,
                HOST,
                0,
                0,
                0,
                null,
                Map.of(),
                MAX_CONNECTIONS,
                MESSAGE_BYTES_MAX,
                COMMIT_TIMEOUT,
                OPERATOR_BYTES_MAX,
                false,
                PastConfig.DEFAULT);
    }

    Node node() {
        return node;
    }

    /** A client's connection, with the driver's own properties on top. */
    Connection connect(Map<String, String> driverProperties) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "driftdb");
        properties.putAll(driverProperties);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + HOST + ":" + node.port() + "/" + DATABASE, properties);
    }

    @Override
    public void close() throws IOException {
        node.close();
        delete(directory);
    }

    private static void delete(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
