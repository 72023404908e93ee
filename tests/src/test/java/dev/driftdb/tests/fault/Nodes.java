package dev.driftdb.tests.fault;

import dev.driftdb.query.server.Node;
import dev.driftdb.query.server.PastConfig;
import dev.driftdb.query.server.ServerConfig;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;

/** Nodes in this process. */
final class Nodes {
    private static final int CONNECTIONS_MAX = 100;
    private static final int MESSAGE_BYTES_MAX = 64 << 20;
    private static final long QUERY_BYTES_MAX = 256L << 20;

    private Nodes() {}

    /** On a broker that runs already. */
    static Node start(Path directory, String bootstrapServers, Duration commitTimeout) {
        return Node.start(
                new ServerConfig(
                        directory,
                        TestNode.DATABASE,
                        "127.0.0.1",
                        0,
                        0,
                        0,
                        bootstrapServers,
                        Map.of(),
                        CONNECTIONS_MAX,
                        MESSAGE_BYTES_MAX,
                        commitTimeout,
                        QUERY_BYTES_MAX,
                        false,
                        PastConfig.DEFAULT));
    }

    static Sql connect(Node node) {
        return Sql.connect(
                "jdbc:postgresql://127.0.0.1:" + node.port() + "/",
                TestNode.DATABASE,
                new Properties());
    }

    /** Where a node of the test database keeps its state. */
    static Path state(Path directory) {
        return directory
                .resolve("state")
                .resolve("driftdb-" + TestNode.DATABASE + "-replica")
                .resolve("tables");
    }
}
