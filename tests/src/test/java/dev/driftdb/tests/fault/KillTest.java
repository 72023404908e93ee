package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Directories;
import dev.driftdb.tests.support.NodeProcess;
import dev.driftdb.tests.support.Sql;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank under load whose server is killed: what was acknowledged is there afterwards, all or
 * nothing of each transaction. {@code -Ddriftdb.kill.rounds=N} kills more often.
 */
@Timeout(600)
final class KillTest {
    private static final int ROUNDS = Integer.getInteger("driftdb.kill.rounds", 2);
    private static final int CLIENTS = 4;
    private static final int BRANCHES = 2;
    private static final int ACCOUNTS = 200;
    private static final int COMMITS_BEFORE_KILL = 150;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());

    /** Ids of the transactions whose COMMIT was answered. */
    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();

    /** Ids of all that were begun. */
    private final Set<Long> begun = new ConcurrentSkipListSet<>();

    @Test
    void what_was_acknowledged_survives_sigkill_and_a_deleted_state(@TempDir Path data)
            throws Exception {
        String hash;
        try (NodeProcess first = NodeProcess.start(data)) {
            create(first);
            loadAndKill(first, 0);
        }
        for (int round = 1; round < ROUNDS; round++) {
            try (NodeProcess node = NodeProcess.start(data)) {
                check(node);
                loadAndKill(node, round);
            }
        }
        try (NodeProcess node = NodeProcess.start(data)) {
            check(node);
            hash = hash(node);
            node.stop();
        }
        Directories.delete(data.resolve("state"));
        try (NodeProcess node = NodeProcess.start(data)) {
            check(node);
            assertThat(hash(node))
                    .as("hash of the state that was folded from the log anew")
                    .isEqualTo(hash);
            node.stop();
        }
    }

    private static String hash(NodeProcess node) {
        try (Sql sql = node.connect()) {
            return sql.value("SELECT driftdb.state_hash()");
        }
    }

    private static void create(NodeProcess node) {
        try (Sql sql = node.connect()) {
            sql.run(
                    "CREATE TABLE branch (id integer PRIMARY KEY, balance bigint NOT NULL)",
                    "CREATE TABLE account (id integer PRIMARY KEY, branch_id integer, balance bigint NOT NULL, filler char(80))",
                    "CREATE TABLE history (id bigint PRIMARY KEY, account_id integer, branch_id integer, delta integer)",
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

    private void loadAndKill(NodeProcess node, int round) throws InterruptedException {
        CountDownLatch enough = new CountDownLatch(COMMITS_BEFORE_KILL);
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            long firstId = (round * (long) CLIENTS + client) * 1_000_000;
            Random random = new Random(seed + firstId);
            clients.add(Thread.ofVirtual().start(() -> run(node, firstId, random, enough)));
        }
        enough.await();
        node.kill();
        for (Thread client : clients) {
            client.join();
        }
    }

    /**
     * Transfers until the connection breaks; anything else than a broken connection is a failure
     * that the check sees.
     */
    private void run(NodeProcess node, long firstId, Random random, CountDownLatch enough) {
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
                    enough.countDown();
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
            assertThat(
                            sql.query(
                                    "SELECT b.id FROM branch b WHERE b.balance <> (SELECT coalesce(sum(balance), 0) FROM account"
                                            + " WHERE branch_id = b.id)"))
                    .as("branches that differ from their accounts, " + what)
                    .isEmpty();
        }
    }
}
