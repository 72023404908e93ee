package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.tests.support.NodeProcess;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions of many records whose server is killed among their chunks, before and after their
 * entry: all of their rows are there afterwards or none, and all if the commit was answered; a
 * reader beside them sees none or all. {@code -Ddriftdb.kill.rounds=N} kills more often.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class LargeTransactionKillTest {
    private static final int ROUNDS = Integer.getInteger("driftdb.kill.rounds", 2);

    /** Some ten chunks. */
    private static final int ROWS = 20_000;

    private static final int WATCH_PAUSE_MS = 1;

    /** When the server is killed. */
    private enum Moment {
        AMONG_CHUNKS,
        BEFORE_ENTRY,
        AFTER_ENTRY,
        ANY
    }

    /** What is in the table: how many rows, and which number all of them have. */
    private record Content(int rows, int number) {
        static final String QUERY = "SELECT count(*), min(number), max(number) FROM large";

        static Content of(NodeProcess node) {
            try (Sql sql = node.connect()) {
                String[] values = sql.value(QUERY).split("\\|", -1);
                assertThat(values[1]).as("numbers of one table").isEqualTo(values[2]);
                return new Content(Integer.parseInt(values[0]), Integer.parseInt(values[1]));
            }
        }

        @Override
        public String toString() {
            return rows + "|" + number + "|" + number;
        }
    }

    /**
     * A statement and what the table has before and after it.
     *
     * @param rows how many it writes
     */
    private record Write(String sql, int rows, Content before, Content after) {
        static Write of(int round, Content before) {
            return round % 2 == 0
                    ? new Write(
                            "UPDATE large SET number = number + 1",
                            before.rows(),
                            before,
                            new Content(before.rows(), before.number() + 1))
                    : new Write(
                            insert(round, before.number()),
                            ROWS,
                            before,
                            new Content(before.rows() + ROWS, before.number()));
        }
    }

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Set<String> unexpected = new ConcurrentSkipListSet<>();
    private volatile boolean acknowledged;
    private volatile boolean over;
    private Moment moment = Moment.ANY;

    /** Offsets that the insertion of {@link #ROWS} takes in the log. */
    private long offsetsOfRows;

    private long millisOfRows;

    @Test
    void all_or_nothing_at_each_moment_of_a_kill(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("node");
        Write write = null;
        for (int round = 0; round <= ROUNDS; round++) {
            try (NodeProcess node = NodeProcess.start(data)) {
                Content content = write == null ? begin(node) : check(node, write);
                RebuiltState.compare(node, directory.resolve("rebuilt" + round), what());
                if (round < ROUNDS) {
                    write = Write.of(round, content);
                    writeAndKill(node, write);
                } else {
                    node.stop();
                }
            }
        }
        assertThat(unexpected).as(what()).isEmpty();
    }

    private String what() {
        return "-Ddriftdb.seed=" + seed;
    }

    private Content begin(NodeProcess node) throws Exception {
        try (Sql sql = node.connect();
                Admin admin = admin(node)) {
            sql.run(
                    "CREATE TABLE large (batch integer, id integer, number integer, note text,"
                            + " PRIMARY KEY (batch, id))",
                    "CREATE INDEX large_note ON large (note)");
            long before = end(admin);
            long start = System.nanoTime();
            sql.run(insert(0, 0));
            millisOfRows = (System.nanoTime() - start) / 1_000_000;
            offsetsOfRows = end(admin) - before;
        }
        assertThat(offsetsOfRows).as("records of a large transaction").isGreaterThan(5);
        return new Content(ROWS, 0);
    }

    private static String insert(int batch, int number) {
        return "INSERT INTO large SELECT "
                + batch
                + ", g, "
                + number
                + ", repeat('x', 300) || g FROM generate_series(1, "
                + ROWS
                + ") g";
    }

    private void writeAndKill(NodeProcess node, Write write) throws Exception {
        acknowledged = false;
        over = false;
        moment = Moment.values()[random.nextInt(Moment.values().length)];
        Thread writer = Thread.ofVirtual().start(() -> write(node, write.sql()));
        Thread reader = Thread.ofVirtual().start(() -> read(node, write));
        awaitMoment(node, offsetsOfRows * write.rows() / ROWS);
        node.kill();
        writer.join();
        over = true;
        reader.join();
        assertThat(unexpected).as(what()).isEmpty();
    }

    private Content check(NodeProcess node, Write write) {
        Content found = Content.of(node);
        assertThat(found)
                .as(moment + " of " + write + ", " + what())
                .isIn(
                        acknowledged
                                ? List.of(write.after())
                                : List.of(write.before(), write.after()));
        return found;
    }

    private void awaitMoment(NodeProcess node, long offsets) throws Exception {
        if (moment == Moment.ANY) {
            Thread.sleep(random.nextLong(2 * millisOfRows + 1));
            return;
        }
        try (Admin admin = admin(node)) {
            long wanted =
                    end(admin)
                            + switch (moment) {
                                case AMONG_CHUNKS -> 1 + random.nextLong(offsets / 2);
                                case BEFORE_ENTRY -> offsets - 1;
                                case AFTER_ENTRY, ANY -> offsets;
                            };
            while (!acknowledged && end(admin) < wanted) {
                Thread.sleep(WATCH_PAUSE_MS);
            }
        }
    }

    private void write(NodeProcess node, String sql) {
        try (Connection connection = node.connect().connection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            acknowledged = true;
        } catch (SQLException e) {
            note(e);
        }
    }

    private void read(NodeProcess node, Write write) {
        Set<String> possible = Set.of(write.before().toString(), write.after().toString());
        try (Sql sql = node.connect();
                Statement statement = sql.connection().createStatement()) {
            while (!over) {
                List<String> found = Sql.texts(statement.executeQuery(Content.QUERY));
                if (!possible.containsAll(found)) {
                    unexpected.add("a reader saw " + found + " beside " + possible);
                }
            }
        } catch (SQLException e) {
            note(e);
        }
    }

    private void note(SQLException e) {
        if (!String.valueOf(e.getSQLState()).startsWith("08")) {
            unexpected.add(e.getSQLState() + " " + e.getMessage());
        }
    }

    private static Admin admin(NodeProcess node) {
        return Admin.create(Map.of("bootstrap.servers", node.bootstrapServers()));
    }

    private static long end(Admin admin) throws InterruptedException, ExecutionException {
        TopicPartition log = new TopicPartition(new TopicNames(TestNode.DATABASE).log(), 0);
        return admin.listOffsets(Map.of(log, OffsetSpec.latest()))
                .partitionResult(log)
                .get()
                .offset();
    }
}
