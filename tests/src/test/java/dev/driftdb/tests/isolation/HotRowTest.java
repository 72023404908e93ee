package dev.driftdb.tests.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A row that every transaction updates goes from one to the next before the first is through the
 * log. Whoever goes on from it sees all that the one before did, and nothing is lost.
 */
@ExtendWith(TestNode.class)
@Timeout(120)
final class HotRowTest {
    private static final int SESSIONS = 6;
    private static final int ROUNDS = 60;

    /** The format of log records with a precondition on a transaction instead of an offset. */
    private static final byte FORMAT_OF_FOLLOWERS = 3;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger lostRaces = new AtomicInteger();

    @BeforeEach
    void tables() {
        try (Sql sql = TestNode.connect();
                Sql other = TestNode.connectToSecond()) {
            sql.run(
                    "DROP TABLE IF EXISTS hot, hot_log",
                    "CREATE TABLE hot (id integer PRIMARY KEY, v integer NOT NULL)",
                    "CREATE TABLE hot_log (v integer)",
                    "INSERT INTO hot VALUES (1, 0)");
            other.run("SET driftdb.read_consistency = linearizable");
            assertThat(other.value("SELECT v FROM hot")).isEqualTo("0");
        }
    }

    @AfterEach
    void close() {
        threads.close();
    }

    @Test
    void followers_see_all_that_the_ones_before_did_and_never_fail() throws Exception {
        long begin = logEnd();
        hammer(List.of(TestNode::connect));
        assertThat(lostRaces).hasValue(0);
        assertThat(countOfFollowers(begin)).as("entries that followed one in flight").isPositive();
    }

    @Test
    void chains_that_another_server_breaks_lose_nothing() throws Exception {
        hammer(List.of(TestNode::connect, TestNode::connectToSecond));
    }

    private void hammer(List<Supplier<Sql>> servers) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int session = 0; session < SESSIONS; session++) {
            Supplier<Sql> server = servers.get(session % servers.size());
            boolean alone = servers.size() == 1;
            running.add(threads.submit(() -> increment(server, alone)));
        }
        for (Future<?> session : running) {
            session.get();
        }
        try (Sql sql = TestNode.connect()) {
            sql.run("SET driftdb.read_consistency = linearizable");
            assertThat(
                            sql.value(
                                    "SELECT (SELECT v FROM hot) || ' ' || count(*) || ' ' || count(DISTINCT v)"
                                            + " || ' ' || max(v) FROM hot_log"))
                    .isEqualTo("%1$d %1$d %1$d %1$d".formatted(SESSIONS * ROUNDS));
        }
    }

    private Void increment(Supplier<Sql> server, boolean alone) throws SQLException {
        try (Sql sql = server.get();
                Connection connection = sql.connection();
                PreparedStatement update =
                        connection.prepareStatement(
                                "UPDATE hot SET v = v + 1 WHERE id = 1 RETURNING v");
                PreparedStatement log =
                        connection.prepareStatement("INSERT INTO hot_log VALUES (?)");
                PreparedStatement count =
                        connection.prepareStatement("SELECT count(*) FROM hot_log")) {
            connection.setAutoCommit(false);
            for (int round = 0; round < ROUNDS; ) {
                try {
                    int value = intOf(update);
                    if (alone && round % 3 == 0) {
                        assertThat(intOf(count)).as("logged before %d", value).isEqualTo(value - 1);
                    }
                    log.setInt(1, value);
                    log.executeUpdate();
                    connection.commit();
                    round++;
                } catch (SQLException e) {
                    assertThat(e.getSQLState()).isEqualTo("40001");
                    lostRaces.incrementAndGet();
                    connection.rollback();
                }
            }
        }
        return null;
    }

    private static int intOf(PreparedStatement query) throws SQLException {
        try (ResultSet rows = query.executeQuery()) {
            assertThat(rows.next()).isTrue();
            return rows.getInt(1);
        }
    }

    // ---- what is in the log ----

    private static KafkaConsumer<byte[], byte[]> consumer() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", TestNode.node().bootstrapServers());
        return new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static TopicPartition log(KafkaConsumer<byte[], byte[]> consumer) {
        return consumer.listTopics().keySet().stream()
                .filter(topic -> topic.endsWith(".log"))
                .map(topic -> new TopicPartition(topic, 0))
                .findFirst()
                .orElseThrow();
    }

    private static long logEnd() {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            TopicPartition log = log(consumer);
            return consumer.endOffsets(List.of(log)).getOrDefault(log, 0L);
        }
    }

    private static int countOfFollowers(long begin) {
        Map<Byte, Integer> formats = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            TopicPartition log = log(consumer);
            consumer.assign(List.of(log));
            consumer.seek(log, begin);
            long end = consumer.endOffsets(List.of(log)).getOrDefault(log, 0L);
            while (consumer.position(log) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    formats.merge(record.value()[0], 1, Integer::sum);
                }
            }
        }
        return formats.getOrDefault(FORMAT_OF_FOLLOWERS, 0);
    }
}
