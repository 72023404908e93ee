package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.ingest.LogTopic;
import dev.driftdb.query.server.Node;
import dev.driftdb.query.server.StartException;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.tests.support.BrokerProcess;
import dev.driftdb.tests.support.Directories;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs that have lost what a node had applied: refused with an explanation, never gone on with. */
@Timeout(300)
final class LostLogTest {
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration NOTICED_MAX = Duration.ofSeconds(60);
    private static final TopicNames NAMES = new TopicNames(TestNode.DATABASE);

    @Test
    void a_log_that_lost_its_end_is_refused_at_the_start_and_while_a_node_runs(
            @TempDir Path directory) throws Exception {
        Path data = directory.resolve("node");
        try (BrokerProcess broker = BrokerProcess.start(directory.resolve("broker"))) {
            try (Node node = start(data, broker)) {
                fill(node);
            }
            broker.stop();
            loseEnd(directory.resolve("broker"));
            broker.restart();
            assertThatThrownBy(() -> start(data, broker))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("does not belong to this log")
                    .hasMessageContaining("but the log ends before")
                    .hasMessageContaining("delete that directory");
            // What the explanation says helps.
            Directories.delete(data.resolve("state"));
            try (Node node = start(data, broker);
                    Sql sql = Nodes.connect(node)) {
                sql.run("CREATE TABLE IF NOT EXISTS t (id integer PRIMARY KEY)");
                for (int i = 0; i < 20; i++) {
                    sql.run("INSERT INTO t VALUES (" + (1_000 + i) + ")");
                }
                broker.kill();
                loseEnd(directory.resolve("broker"));
                broker.restart();
                Awaitility.await().atMost(NOTICED_MAX).until(() -> node.fatal().isDone());
                assertThat(node.fatal().join())
                        .contains("the log is not the one that was read")
                        .contains("does not belong to this log");
                assertThat(sql.error("INSERT INTO t VALUES (2000)").getSQLState())
                        .isIn("08007", "53000", "57P01", "08006");
            }
            // The evidence is still there: the next start does not go on in silence either.
            assertThatThrownBy(() -> start(data, broker)).isInstanceOf(StartException.class);
        }
    }

    @Test
    void a_topic_made_anew_and_one_without_its_beginning_are_refused(@TempDir Path directory)
            throws Exception {
        Path data = directory.resolve("node");
        Path early = directory.resolve("early");
        try (BrokerProcess broker = BrokerProcess.start(directory.resolve("broker"));
                Admin admin =
                        Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            try (Node node = start(early, broker);
                    Sql sql = Nodes.connect(node)) {
                sql.run("CREATE TABLE early ()");
            }
            long end;
            try (Node node = start(data, broker)) {
                fill(node);
                end = node.database().replica().appliedOffset();
            }
            TopicPartition log = new TopicPartition(NAMES.log(), 0);
            admin.deleteRecords(Map.of(log, RecordsToDelete.beforeOffset(end))).all().get();
            assertThatThrownBy(() -> start(early, broker))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("but the log begins only at " + end);
            assertThatThrownBy(() -> start(directory.resolve("empty"), broker))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("begins only at offset " + end);
            try (Node node = start(data, broker);
                    Sql sql = Nodes.connect(node)) {
                assertThat(sql.value("SELECT count(*) FROM t")).isEqualTo("20");
            }
            admin.deleteTopics(List.of(NAMES.log())).all().get();
            Awaitility.await().until(() -> !admin.listTopics().names().get().contains(NAMES.log()));
            LogTopic.ensure(admin, NAMES, LogTopic.Settings.DURABLE);
            assertThatThrownBy(() -> start(data, broker))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("the topic there now has id");
        }
    }

    private static Node start(Path data, BrokerProcess broker) {
        return Nodes.start(data, broker.bootstrapServers(), COMMIT_TIMEOUT);
    }

    private static void fill(Node node) {
        try (Sql sql = Nodes.connect(node)) {
            sql.run("CREATE TABLE t (id integer PRIMARY KEY)");
            for (int i = 0; i < 20; i++) {
                sql.run("INSERT INTO t VALUES (" + i + ")");
            }
        }
    }

    /**
     * As after a power failure on a broker that had not synced: a part of the file is not there.
     */
    private static void loseEnd(Path broker) throws IOException {
        Path partition = broker.resolve(NAMES.log() + "-0");
        List<Path> files;
        try (Stream<Path> list = Files.list(partition)) {
            files = list.toList();
        }
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(".log")) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(channel.size() * 3 / 4);
                }
            } else if (name.endsWith("index") || name.endsWith(".snapshot")) {
                Files.delete(file);
            }
        }
        for (String checkpoint :
                List.of(
                        ".kafka_cleanshutdown",
                        "recovery-point-offset-checkpoint",
                        "replication-offset-checkpoint")) {
            Files.deleteIfExists(broker.resolve(checkpoint));
        }
    }
}
