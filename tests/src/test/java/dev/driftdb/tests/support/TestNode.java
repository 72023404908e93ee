package dev.driftdb.tests.support;

import dev.driftdb.query.server.Node;
import dev.driftdb.query.server.PastConfig;
import dev.driftdb.query.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One node with an embedded Kafka on a throw-away data directory, shared by every test class that
 * is {@code @ExtendWith(TestNode.class)}; stopped after the last of them. Tests keep out of each
 * other's way by schemas or table names of their own.
 */
public final class TestNode implements BeforeAllCallback {
    public static final String DATABASE = "driftdb";

    private static volatile ExtensionContext.@Nullable Store store;

    @Override
    public void beforeAll(ExtensionContext context) {
        store = context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL);
    }

    /** Started by the first who asks, stopped by JUnit at the end of the run. */
    private record Running(Node node, Path directory) implements AutoCloseable {
        static Running start(@Nullable String bootstrapServers) {
            try {
                Path directory = Files.createTempDirectory("driftdb-test");
                return new Running(Node.start(config(directory, bootstrapServers)), directory);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            node.close();
            Directories.delete(directory);
        }
    }

    /** Any free ports, small limits where a test wants to meet them. */
    public static ServerConfig config(Path directory, @Nullable String bootstrapServers) {
        return new ServerConfig(
                directory,
                DATABASE,
                "127.0.0.1",
                0,
                0,
                0,
                bootstrapServers,
                Map.of(),
                100,
                64 << 20,
                Duration.ofSeconds(30),
                256L << 20,
                false,
                PastConfig.DEFAULT);
    }

    public static Node node() {
        return shared("driftdb node", null);
    }

    /** A second server on the log of the first, started when it is first asked for. */
    public static Node second() {
        return shared("second driftdb node", node().bootstrapServers());
    }

    private static Node shared(String name, @Nullable String bootstrapServers) {
        ExtensionContext.Store shared = store;
        if (shared == null) {
            throw new IllegalStateException("the class lacks @ExtendWith(TestNode.class)");
        }
        return shared.getOrComputeIfAbsent(
                        name, key -> Running.start(bootstrapServers), Running.class)
                .node();
    }

    public static int port() {
        return node().port();
    }

    /** A session in autocommit that sends each statement as a simple query, as psql does. */
    public static Sql connect() {
        return connect(DATABASE);
    }

    public static Sql connect(String database) {
        Properties simple = new Properties();
        simple.setProperty("preferQueryMode", "simple");
        return connect(database, simple);
    }

    /** A session of the {@link #second} server; each statement is a simple query. */
    public static Sql connectToSecond() {
        Properties simple = new Properties();
        simple.setProperty("preferQueryMode", "simple");
        return Sql.connect(
                "jdbc:postgresql://127.0.0.1:" + second().port() + "/", DATABASE, simple);
    }

    public static Sql connect(String database, Properties properties) {
        return Sql.connect("jdbc:postgresql://127.0.0.1:" + port() + "/", database, properties);
    }
}
