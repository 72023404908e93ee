package dev.driftdb.tests.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.query.server.Node;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The basic path against a broker that is not embedded: Kafka's official image. Needs a Docker
 * engine.
 */
@Tag("docker")
@Timeout(300)
final class OfficialKafkaTest {
    private static final DockerImageName IMAGE = DockerImageName.parse("apache/kafka:4.3.1");

    @Test
    void commits_survive_a_node_that_lost_all_its_files(@TempDir Path first, @TempDir Path second) {
        Assumptions.assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "skipped: there is no Docker engine on this machine");
        try (KafkaContainer kafka = new KafkaContainer(IMAGE)) {
            kafka.start();
            long offset;
            try (Node node = Node.start(TestNode.config(first, kafka.getBootstrapServers()));
                    Sql sql = connect(node)) {
                sql.run(
                        "CREATE TABLE t (id integer PRIMARY KEY, v text)",
                        "INSERT INTO t VALUES (1, 'one'), (2, 'two')");
                offset = Long.parseLong(sql.value("SHOW driftdb.offset"));
                sql.run(
                        "UPDATE t SET v = 'changed' WHERE id = 1",
                        "BEGIN",
                        "DELETE FROM t",
                        "ROLLBACK");
            }
            try (Node node = Node.start(TestNode.config(second, kafka.getBootstrapServers()));
                    Sql sql = connect(node)) {
                assertThat(sql.query("SELECT * FROM t ORDER BY id"))
                        .containsExactly("1|changed", "2|two");
                assertThat(
                                sql.query(
                                        "SELECT * FROM t FOR SYSTEM_TIME AS OF OFFSET "
                                                + offset
                                                + " ORDER BY id"))
                        .containsExactly("1|one", "2|two");
            }
        }
    }

    private static Sql connect(Node node) {
        return Sql.connect(
                "jdbc:postgresql://127.0.0.1:" + node.port() + "/",
                TestNode.DATABASE,
                new Properties());
    }
}
