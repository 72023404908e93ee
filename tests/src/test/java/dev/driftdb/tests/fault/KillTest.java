package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.NodeProcess;
import dev.driftdb.tests.support.Sql;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank under load whose server is killed, and killed while it recovers: what was acknowledged is
 * there afterwards, all or nothing of each transaction, and the state is that which the log gives
 * to an empty replica. {@code -Ddriftdb.kill.rounds=N} kills more often.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class KillTest {
    private static final int ROUNDS = Integer.getInteger("driftdb.kill.rounds", 2);
    private static final int CLIENTS = 4;
    private static final int BRANCHES = 2;
    private static final int ACCOUNTS = 200;

    /** Too large for one record of the log. */
    private static final int BULK_ROWS = 3_000;

    private static final int BULK_PAUSE_MS = 300;

    /** A node is killed at any time up to this after it began to work. */
    private static final int LOAD_MS_MAX = 2_000;

    /** A node's start takes about so long. */
    private static final int START_MS_MAX = 4_000;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());

    /** Ids of the transactions whose COMMIT was answered. */
    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();

    /** Ids of all that were begun. */
    private final Set<Long> begun = new ConcurrentSkipListSet<>();

    private volatile int lastBulk = -1;
    private final AtomicInteger bulkAcknowledged = new AtomicInteger();

    @Test
    void what_was_acknowledged_survives_sigkill_at_any_moment(@TempDir Path directory)
            throws Exception {
        Random random = new Random(seed);
        Path data = directory.resolve("node");
        try (NodeProcess first = NodeProcess.start(data)) {
            create(first);
            loadAndKill(first, 0, random);
        }
        for (int round = 1; round <= ROUNDS; round++) {
            if (random.nextInt(4) == 0) {
                Duration after = Duration.ofMillis(200 + random.nextInt(START_MS_MAX));
                NodeProcess.startAndKill(data, after);
            }
            try (NodeProcess node = NodeProcess.start(data)) {
                check(node);
                RebuiltState.compare(
                        node, directory.resolve("rebuilt" + round), "-Ddriftdb.seed=" + seed);
                if (round < ROUNDS) {
                    loadAndKill(node, round, random);
                } else {
                    node.stop();
                }
            }
        }
        System.out.println(
                ROUNDS
                        + " kills: "
                        + acknowledged.size()
                        + " commits acknowledged of "
                        + begun.size()
                        + " begun, "
                        + bulkAcknowledged
                        + " large ones acknowledged, -Ddriftdb.seed="
                        + seed);
    }

    private static void create(NodeProcess node) {
        try (Sql sql = node.connect()) {
            sql.run(
                    "CREATE TABLE branch (id integer PRIMARY KEY, balance bigint NOT NULL)",
                    "CREATE TABLE account (id integer PRIMARY KEY, branch_id integer, balance bigint NOT NULL, filler char(80))",
                    "CREATE TABLE history (id bigint PRIMARY KEY, account_id integer, branch_id integer, delta integer)",
                    "CREATE TABLE bulk (id integer PRIMARY KEY, batch integer, filler text)",
                    "CREATE INDEX account_branch ON account (branch_id)",
                    "INSERT INTO branch SELECT g, 0 FROM generate_series(0, "
                            + (BRANCHES - 1)
                            + ") g",
                    "INSERT INTO account SELECT g, g % "
                            + BRANCHES
                            + ", 0, 'x' FROM generate_series(0, "
                            + (ACCOUNTS - 1)
                            + ") g");
        }
    }

    private void loadAndKill(NodeProcess node, int round, Random random)
            throws InterruptedException {
        CountDownLatch working = new CountDownLatch(1);
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            long firstId = (round * (long) CLIENTS + client) * 1_000_000;
            Random choices = new Random(seed + firstId);
            clients.add(Thread.ofVirtual().start(() -> run(node, firstId, choices, working)));
        }
        clients.add(Thread.ofVirtual().start(() -> replaceAll(node, round)));
        working.await();
        Thread.sleep(random.nextInt(LOAD_MS_MAX));
        node.kill();
        for (Thread client : clients) {
            client.join();
        }
    }

    /** All rows of a table are replaced again and again, each time by one large transaction. */
    private void replaceAll(NodeProcess node, int round) {
        try (Connection connection = node.connect().connection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                for (int batch = round * 1_000_000; ; batch++) {
                    statement.execute("DELETE FROM bulk");
                    statement.execute(
                            "INSERT INTO bulk SELECT g, "
                                    + batch
                                    + ", repeat('x', 500) FROM generate_series(1, "
                                    + BULK_ROWS
                                    + ") g");
                    connection.commit();
                    lastBulk = batch;
                    bulkAcknowledged.incrementAndGet();
                    Thread.sleep(BULK_PAUSE_MS);
                }
            }
        } catch (SQLException e) {
            if (!String.valueOf(e.getSQLState()).startsWith("08")) {
                unexpected.add(e.getSQLState() + " " + e.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Transfers until the connection breaks; anything else than a broken connection is a failure
     * that the check sees.
     */
    private void run(NodeProcess node, long firstId, Random random, CountDownLatch working) {
        try (Connection connection = node.connect().connection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement account =
                            connection.prepareStatement(
                                    "UPDATE account SET balance = balance + ? WHERE id = ?");
                    PreparedStatement branch =
                            connection.prepareStatement(
                                    "UPDATE branch SET balance = balance + ? WHERE id = ?");
                    PreparedStatement history =
                            connection.prepareStatement(
                                    "INSERT INTO history VALUES (?, ?, ?, ?)")) {
                for (long id = firstId; ; id++) {
                    int target = random.nextInt(ACCOUNTS);
                    int delta = random.nextInt(2001) - 1000;
                    begun.add(id);
                    account.setInt(1, delta);
                    account.setInt(2, target);
                    account.executeUpdate();
                    branch.setInt(1, delta);
                    branch.setInt(2, target % BRANCHES);
                    branch.executeUpdate();
                    history.setLong(1, id);
                    history.setInt(2, target);
                    history.setInt(3, target % BRANCHES);
                    history.setInt(4, delta);
                    history.executeUpdate();
                    connection.commit();
                    acknowledged.add(id);
                    working.countDown();
                }
            }
        } catch (SQLException e) {
            if (!String.valueOf(e.getSQLState()).startsWith("08")) {
                unexpected.add(e.getSQLState() + " " + e.getMessage());
            }
        }
    }

    private final Set<String> unexpected = new ConcurrentSkipListSet<>();

    private void check(NodeProcess node) {
        String what = "-Ddriftdb.seed=" + seed;
        try (Sql sql = node.connect()) {
            assertThat(unexpected).as(what).isEmpty();
            Set<Long> found = new TreeSet<>();
            sql.query("SELECT id FROM history").forEach(id -> found.add(Long.valueOf(id)));
            assertThat(found).as("acknowledged commits, " + what).containsAll(acknowledged);
            assertThat(begun).as("commits that nobody asked for, " + what).containsAll(found);
            String sum = sql.value("SELECT coalesce(sum(delta), 0) FROM history");
            assertThat(sql.value("SELECT sum(balance) FROM account"))
                    .as("accounts, " + what)
                    .isEqualTo(sum);
            assertThat(sql.value("SELECT sum(balance) FROM branch"))
                    .as("branches, " + what)
                    .isEqualTo(sum);
            assertThat(
                            sql.query(
                                    "SELECT a.id FROM account a LEFT JOIN (SELECT account_id, sum(delta) AS s FROM history"
                                            + " GROUP BY account_id) h ON h.account_id = a.id WHERE a.balance <> coalesce(h.s, 0)"))
                    .as("accounts that differ from their history, " + what)
                    .isEmpty();
            // Of the large transactions the last acknowledged is there, or the one after it.
            List<String> bulk =
                    sql.query(
                            "SELECT batch, count(*), count(DISTINCT id) FROM bulk GROUP BY batch");
            if (lastBulk >= 0) {
                assertThat(bulk).as("the table replaced, " + what).hasSize(1);
            }
            for (String one : bulk) {
                String[] values = one.split("\\|", -1);
                assertThat(Integer.parseInt(values[0])).as(what).isGreaterThanOrEqualTo(lastBulk);
                assertThat(List.of(values[1], values[2]))
                        .as("half of a large transaction, " + what)
                        .containsOnly(Integer.toString(BULK_ROWS));
            }
            assertThat(
                            sql.query(
                                    "SELECT b.id FROM branch b WHERE b.balance <> (SELECT coalesce(sum(balance), 0) FROM account"
                                            + " WHERE branch_id = b.id)"))
                    .as("branches that differ from their accounts, " + what)
                    .isEmpty();
        }
    }
}
