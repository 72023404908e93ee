package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.materializer.snapshot.SnapshotPolicy;
import dev.driftdb.query.retention.HistoryRetention;
import dev.driftdb.query.server.Node;
import dev.driftdb.query.server.PastConfig;
import dev.driftdb.tests.fault.Nodes;
import dev.driftdb.tests.support.Directories;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import dev.driftdb.tests.time.RandomHistory.Moment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random transactions with definitions between them. What sampled offsets showed then, they show
 * from each source of the past: the history kept here, snapshots, snapshots and the log behind
 * them, the log alone; after a restart, on another replica, and when everything is made anew.
 *
 * <p>{@code -Ddriftdb.oracle.transactions=20000} for a long run.
 */
@Timeout(3_600)
final class HistorySourcesTest {
    private static final int TRANSACTIONS = Integer.getInteger("driftdb.oracle.transactions", 400);
    private static final int SAMPLES = Math.clamp(TRANSACTIONS / 50, 20, 400);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

    @TempDir private static Path directory;
    private static EmbeddedKafka broker;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());
    private final List<Sample> samples = new ArrayList<>();

    private record Sample(Moment moment, String stateHash) {}

    @BeforeAll
    static void start() throws IOException {
        broker = new EmbeddedKafka(directory.resolve("broker"), 0, (what, cause) -> {});
        broker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static Node node(Path at, String... restoreFrom) {
        return Nodes.start(
                at,
                broker.bootstrapServers(),
                COMMIT_TIMEOUT,
                new PastConfig(
                        HistoryRetention.FOREVER,
                        null,
                        List.of(restoreFrom),
                        SnapshotPolicy.DEFAULT));
    }

    @Test
    void every_source_of_the_past_shows_what_was_seen_then() throws IOException {
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        try (Node node = node(first);
                Sql sql = Nodes.connect(node)) {
            run(sql);
            check(node, "history");
        }
        try (Node node = node(first);
                Sql sql = Nodes.connect(node)) {
            check(node, "history after a restart");
            vacuum(sql);
            check(node, "snapshots and the log behind them");
        }
        try (Node node = node(second, first.resolve("snapshots").toString())) {
            check(node, "another replica, from a snapshot");
        }
        Directories.delete(first.resolve("state"));
        Directories.delete(first.resolve("snapshots"));
        try (Node node = node(first);
                Sql sql = Nodes.connect(node)) {
            check(node, "a state made anew from the log");
            vacuum(sql);
            check(node, "the log alone");
        }
    }

    private void run(Sql sql) {
        RandomHistory history = new RandomHistory(seed);
        history.begin(sql);
        for (int i = 1; i <= TRANSACTIONS; i++) {
            history.step(sql);
            if (i % (TRANSACTIONS / SAMPLES) == 0) {
                samples.add(
                        new Sample(
                                RandomHistory.moment(sql),
                                sql.value("SELECT driftdb.state_hash()")));
            }
            if (i % (TRANSACTIONS / 3) == 0 && i < TRANSACTIONS - 1) {
                sql.run("CHECKPOINT");
            }
        }
        // So that the newest is a point of the past too, of tables that are there to be vacuumed.
        for (String table : RandomHistory.TABLES) {
            sql.run("CREATE TABLE IF NOT EXISTS " + table + " (id integer PRIMARY KEY, v integer)");
            sql.run("DELETE FROM " + table);
        }
    }

    private static void vacuum(Sql sql) {
        for (String table : RandomHistory.TABLES) {
            sql.run("ALTER TABLE " + table + " SET (history_retention = '0')");
        }
        sql.run("SELECT pg_sleep(0.01)", "VACUUM");
    }

    private void check(Node node, String source) {
        for (Sample sample : samples) {
            Moment moment = sample.moment();
            String what =
                    "offset %d from %s, -Ddriftdb.seed=%d".formatted(moment.offset(), source, seed);
            try (Sql sql = Nodes.connect(node, TestNode.DATABASE + "@" + moment.offset())) {
                assertThat(sql.value("SELECT driftdb.state_hash()"))
                        .as("state, " + what)
                        .isEqualTo(sample.stateHash());
                assertThat(RandomHistory.answers(sql, RandomHistory.queries("")))
                        .as("answers, " + what)
                        .isEqualTo(moment.answers());
            }
        }
        System.out.println(
                samples.size() + " offsets of " + TRANSACTIONS + " transactions: " + source);
    }
}
