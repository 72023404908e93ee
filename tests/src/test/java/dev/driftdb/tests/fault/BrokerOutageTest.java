package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.query.server.Node;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.tests.support.BrokerProcess;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TcpProxy;
import dev.driftdb.tests.support.TestNode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that is away, comes back, or whose answers are lost, while a server goes on. {@code
 * -Ddriftdb.fault.seconds=N} loses answers for longer.
 */
@Timeout(600)
final class BrokerOutageTest {
    private static final int SECONDS = Integer.getInteger("driftdb.fault.seconds", 5);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration BACK_MAX = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;
    private static final Pattern TRANSACTION = Pattern.compile("transaction ([0-9a-f-]{36})");

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());

    @Test
    void outcomes_are_unknown_after_commit_timeout_and_known_when_the_broker_is_back(
            @TempDir Path directory) throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(directory.resolve("broker"));
                Node node =
                        Nodes.start(
                                directory.resolve("node"),
                                broker.bootstrapServers(),
                                COMMIT_TIMEOUT);
                Sql sql = Nodes.connect(node);
                Sql reader = Nodes.connect(node)) {
            sql.run("CREATE TABLE t (id integer PRIMARY KEY)", "INSERT INTO t VALUES (1)");

            // One that stands still for less than the timeout is only waited for.
            broker.pause();
            Thread.ofVirtual().start(() -> resumeAfter(broker, Duration.ofSeconds(1)));
            sql.run("INSERT INTO t VALUES (2)");

            broker.kill();
            long start = System.nanoTime();
            CompletableFuture<SQLException> answer =
                    CompletableFuture.supplyAsync(() -> sql.error("INSERT INTO t VALUES (3)"));
            int reads = 0;
            while (!answer.isDone()) {
                assertThat(reader.value("SELECT count(*) FROM t WHERE id <= 2")).isEqualTo("2");
                reads++;
            }
            assertThat(reads).as("readings while a commit waits").isGreaterThan(10);
            SQLException unknown = answer.join();
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            assertThat(unknown.getSQLState()).as(unknown.getMessage()).isEqualTo("08007");
            assertThat(waited)
                    .isBetween(COMMIT_TIMEOUT.minusMillis(500), COMMIT_TIMEOUT.plusSeconds(5));
            assertThat(unknown.getMessage()).contains("driftdb.log");
            Matcher id = TRANSACTION.matcher(String.valueOf(unknown.getMessage()));
            assertThat(id.find()).as(unknown.getMessage()).isTrue();

            broker.restart();
            Awaitility.await()
                    .atMost(BACK_MAX)
                    .until(() -> succeeds(reader, "INSERT INTO t VALUES (4)", Set.of("23505")));
            String logged =
                    reader.value(
                            "SELECT count(*) FROM driftdb.log WHERE committed AND transaction_id = '"
                                    + id.group(1)
                                    + "'");
            assertThat(reader.value("SELECT count(*) FROM t WHERE id = 3")).isEqualTo(logged);
            assertThat(reader.value("SELECT count(*) FROM t WHERE id = 4")).isEqualTo("1");
        }
    }

    private static void resumeAfter(BrokerProcess broker, Duration pause) {
        try {
            Thread.sleep(pause);
            broker.resume();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it succeeds, or fails because it had before. */
    private static boolean succeeds(Sql sql, String statement, Set<String> before) {
        try (Statement jdbc = sql.connection().createStatement()) {
            jdbc.execute(statement);
            return true;
        } catch (SQLException e) {
            return before.contains(String.valueOf(e.getSQLState()));
        }
    }

    @Test
    void a_lost_acknowledgement_never_becomes_a_double_commit(@TempDir Path directory)
            throws Exception {
        Random random = new Random(seed);
        try (TcpProxy proxy = new TcpProxy();
                BrokerProcess broker =
                        BrokerProcess.start(
                                directory.resolve("broker"),
                                "advertised.listeners=PLAINTEXT://127.0.0.1:" + proxy.port())) {
            proxy.target(broker.port());
            try (Node node =
                    Nodes.start(
                            directory.resolve("node"),
                            "127.0.0.1:" + proxy.port(),
                            COMMIT_TIMEOUT)) {
                try (Sql sql = Nodes.connect(node)) {
                    sql.run("CREATE TABLE t (id integer)");
                }
                Load load = new Load(node);
                long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
                int lost = 0;
                while (System.nanoTime() < end) {
                    Thread.sleep(100 + random.nextInt(300));
                    proxy.loseAnswers();
                    Thread.sleep(20 + random.nextInt(200));
                    proxy.cut();
                    lost++;
                    if (lost == 3) {
                        broker.kill();
                        broker.restart();
                    }
                }
                load.end();
                check(node, load);
                System.out.println(
                        load.acknowledged.size()
                                + " commits acknowledged, "
                                + load.unknown.size()
                                + " of unknown outcome, answers lost "
                                + lost
                                + " times, -Ddriftdb.seed="
                                + seed);
            }
            proxy.cut();
            assertOnceInLog("127.0.0.1:" + proxy.port());
        }
    }

    /** Sessions that insert one number after the other, each once. */
    private static final class Load {
        final Set<Integer> acknowledged = new ConcurrentSkipListSet<>();
        final Set<Integer> unknown = new ConcurrentSkipListSet<>();
        final Queue<String> unexpected = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean ended = new AtomicBoolean();
        private final List<Thread> clients = new ArrayList<>();

        Load(Node node) {
            for (int client = 0; client < CLIENTS; client++) {
                int first = client * 1_000_000;
                clients.add(Thread.ofPlatform().start(() -> run(node, first)));
            }
        }

        private void run(Node node, int first) {
            try (Sql sql = Nodes.connect(node);
                    Statement statement = sql.connection().createStatement()) {
                for (int id = first; !ended.get(); id++) {
                    try {
                        statement.execute("INSERT INTO t VALUES (" + id + ")");
                        acknowledged.add(id);
                    } catch (SQLException e) {
                        if ("08007".equals(e.getSQLState())) {
                            unknown.add(id);
                        } else if (!"53000".equals(e.getSQLState())) {
                            unexpected.add(e.getSQLState() + " " + e.getMessage());
                        }
                    }
                }
            } catch (SQLException e) {
                unexpected.add(e.getSQLState() + " " + e.getMessage());
            }
        }

        void end() throws InterruptedException {
            ended.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }
    }

    private void check(Node node, Load load) {
        String how = "-Ddriftdb.seed=" + seed;
        try (Sql sql = Nodes.connect(node)) {
            Awaitility.await()
                    .atMost(BACK_MAX)
                    .until(() -> succeeds(sql, "CREATE TABLE last ()", Set.of("42P07")));
            assertThat(load.unexpected).as(how).isEmpty();
            List<String> rows = sql.query("SELECT id FROM t");
            Set<Integer> found = new TreeSet<>();
            rows.forEach(row -> found.add(Integer.valueOf(row)));
            assertThat(rows).as("each row once, " + how).hasSameSizeAs(found);
            assertThat(found).as(how).containsAll(load.acknowledged);
            found.removeAll(load.acknowledged);
            assertThat(load.unknown).as(how).containsAll(found);
        }
    }

    /** Transactions of one record each: none is in the log twice, even without effect. */
    private void assertOnceInLog(String bootstrapServers) {
        TopicPartition log = new TopicPartition(new TopicNames(TestNode.DATABASE).log(), 0);
        Set<ByteBuffer> ids = new HashSet<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", bootstrapServers),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(List.of(log));
            consumer.seekToBeginning(List.of(log));
            long end = consumer.endOffsets(List.of(log)).getOrDefault(log, 0L);
            while (consumer.position(log) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    assertThat(ids.add(ByteBuffer.wrap(record.key())))
                            .as("offset %s, -Ddriftdb.seed=%s", record.offset(), seed)
                            .isTrue();
                }
            }
        }
    }
}
