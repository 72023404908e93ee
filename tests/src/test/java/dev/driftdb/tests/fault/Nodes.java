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
public final class Nodes {
    private static final int CONNECTIONS_MAX = 100;
    private static final int MESSAGE_BYTES_MAX = 64 << 20;
    private static final long QUERY_BYTES_MAX = 256L << 20;

    private Nodes() {}

    /** On a broker that runs already. */
    public static Node start(Path directory, String bootstrapServers, Duration commitTimeout) {
        return start(directory, bootstrapServers, commitTimeout, PastConfig.DEFAULT);
    }

    /** On a broker that runs already, with what it keeps of the past. */
    public static Node start(
            Path directory, String bootstrapServers, Duration commitTimeout, PastConfig past) {
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
                        past));
    }

    public static Sql connect(Node node) {
        return connect(node, TestNode.DATABASE);
    }

    /**
     * By the extended protocol. The driver keeps no prepared statements: they would say after ALTER
     * TABLE that their result type has changed.
     *
     * @param database perhaps with a point in time
     */
    public static Sql connect(Node node, String database) {
        Properties properties = new Properties();
        properties.setProperty("prepareThreshold", "0");
        return Sql.connect(
                "jdbc:postgresql://127.0.0.1:" + node.port() + "/", database, properties);
    }

    /** Where a node of the test database keeps its state. */
    public static Path state(Path directory) {
        return directory
                .resolve("state")
                .resolve("driftdb-" + TestNode.DATABASE + "-replica")
                .resolve("tables");
    }
}
