package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.query.server.Node;
import dev.driftdb.tests.support.Sql;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table whose definition changes on two servers while rows come, change and are read on both: no
 * row is misread, none is lost. {@code -Ddriftdb.fault.seconds=N} runs longer.
 */
@Timeout(600)
final class DefinitionRaceTest {
    private static final int SECONDS = Integer.getInteger("driftdb.fault.seconds", 5);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

    /** A definition or a row that came first, in its several forms. */
    private static final Set<String> LOST_RACES =
            Set.of(
                    "40001", "40P01", "42P01", "42703", "42P07", "42701", "42704", "42804", "0A000",
                    "42601", "XX002", "55P03", "42P16");

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Set<Integer> acknowledged = new ConcurrentSkipListSet<>();
    private final Set<String> races = new ConcurrentSkipListSet<>();
    private final AtomicInteger definitions = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();

    private interface Turn {
        void run(Statement statement, Random random, int number) throws SQLException;
    }

    @Test
    void definitions_and_rows_that_race_are_never_misread(@TempDir Path directory)
            throws Exception {
        try (EmbeddedKafka broker =
                new EmbeddedKafka(directory.resolve("broker"), 0, (what, cause) -> {})) {
            broker.start();
            try (Node first = start(directory.resolve("first"), broker);
                    Node second = start(directory.resolve("second"), broker)) {
                try (Sql sql = Nodes.connect(first)) {
                    sql.run(
                            "CREATE TABLE t (id integer PRIMARY KEY, a integer, b text)",
                            "CREATE TABLE again (id integer, first_form integer)");
                }
                List<Thread> threads = new ArrayList<>();
                int client = 0;
                for (Node node : List.of(first, second)) {
                    threads.add(session(node, client++, this::insert));
                    threads.add(session(node, client++, this::update));
                    threads.add(session(node, client++, this::read));
                    threads.add(session(node, client++, this::define));
                    threads.add(session(node, client++, this::replace));
                }
                Thread.sleep(Duration.ofSeconds(SECONDS));
                ended.set(true);
                for (Thread thread : threads) {
                    thread.join();
                }
                checkEnd(first, second);
            }
        }
        System.out.println(
                acknowledged.size()
                        + " rows, "
                        + definitions
                        + " definitions, "
                        + reads
                        + " readings, races lost as "
                        + races
                        + ", -Ddriftdb.seed="
                        + seed);
    }

    private static Node start(Path data, EmbeddedKafka broker) {
        return Nodes.start(data, broker.bootstrapServers(), COMMIT_TIMEOUT);
    }

    private Thread session(Node node, int client, Turn turn) {
        Random random = new Random(seed + client);
        return Thread.ofPlatform()
                .start(() -> {
                    try (Sql sql = Nodes.connect(node);
                            Statement statement = sql.connection().createStatement()) {
                        for (int number = client * 1_000_000; !ended.get(); number++) {
                            one(statement, random, number, turn);
                        }
                    } catch (SQLException | RuntimeException e) {
                        wrong.add(e.toString());
                    }
                });
    }

    private void one(Statement statement, Random random, int number, Turn turn) {
        try {
            turn.run(statement, random, number);
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (LOST_RACES.contains(state)) {
                races.add(state);
            } else {
                wrong.add(state + " " + e.getMessage());
            }
        }
    }

    private void insert(Statement statement, Random random, int id) throws SQLException {
        statement.execute(
                "INSERT INTO t (id, a, b) VALUES (" + id + ", " + 2 * id + ", 'b" + id + "')");
        acknowledged.add(id);
    }

    private void update(Statement statement, Random random, int number) throws SQLException {
        statement.execute("UPDATE t SET b = 'b' || id WHERE id % 50 = " + random.nextInt(50));
    }

    /** Each column has what its name and the row's id say, whichever columns there are. */
    private void read(Statement statement, Random random, int number) throws SQLException {
        String query =
                random.nextBoolean()
                        ? "SELECT * FROM t"
                        : "SELECT * FROM t WHERE b = 'b" + random.nextInt(200) + "'";
        try (ResultSet rows = statement.executeQuery(query)) {
            ResultSetMetaData columns = rows.getMetaData();
            while (rows.next()) {
                int id = rows.getInt("id");
                for (int column = 1; column <= columns.getColumnCount(); column++) {
                    String name = columns.getColumnName(column);
                    String value = rows.getString(column);
                    if (!fits(name, id, value)) {
                        wrong.add(name + " of row " + id + " is " + value);
                    }
                }
            }
        }
        try (ResultSet rows = statement.executeQuery("SELECT * FROM again")) {
            String second = rows.getMetaData().getColumnName(2);
            while (rows.next()) {
                String expected =
                        second.equals("first_form")
                                ? "1"
                                : second.equals("second_form") ? "two" : "";
                if (!expected.equals(rows.getString(2))) {
                    wrong.add(second + " is " + rows.getString(2));
                }
            }
        }
        reads.incrementAndGet();
    }

    private static boolean fits(
            String column, int id, @org.jspecify.annotations.Nullable String v) {
        return switch (column) {
            case "id" -> Integer.toString(id).equals(v);
            case "a" -> Integer.toString(2 * id).equals(v);
            case "b" -> ("b" + id).equals(v);
            // Added with a default; a later column of the same name has another.
            case "c" -> "7".equals(v) || "seven".equals(v);
            case "d" -> v == null;
            default -> false;
        };
    }

    private void define(Statement statement, Random random, int number) throws SQLException {
        String definition =
                switch (random.nextInt(9)) {
                    case 0 -> "ALTER TABLE t ADD COLUMN c integer DEFAULT 7";
                    case 1 -> "ALTER TABLE t ADD COLUMN c text DEFAULT 'seven'";
                    case 2 -> "ALTER TABLE t DROP COLUMN IF EXISTS c";
                    case 3 -> "ALTER TABLE t ADD COLUMN d text";
                    case 4 -> "ALTER TABLE t DROP COLUMN IF EXISTS d";
                    case 5 -> "ALTER TABLE t ALTER COLUMN a TYPE bigint";
                    case 6 -> "ALTER TABLE t ALTER COLUMN a TYPE text USING a::text";
                    case 7 -> "ALTER TABLE t ALTER COLUMN a TYPE integer USING a::integer";
                    default ->
                            random.nextBoolean()
                                    ? "CREATE INDEX t_b ON t (b)"
                                    : "DROP INDEX IF EXISTS t_b";
                };
        statement.execute(definition);
        definitions.incrementAndGet();
        pause(random);
    }

    /** A table is dropped and made with other columns under its name. */
    private void replace(Statement statement, Random random, int number) throws SQLException {
        boolean first = random.nextBoolean();
        statement.execute("DROP TABLE IF EXISTS again");
        statement.execute(
                first
                        ? "CREATE TABLE again (id integer, first_form integer)"
                        : "CREATE TABLE again (id integer, second_form text)");
        statement.execute(
                first
                        ? "INSERT INTO again (id, first_form) VALUES (1, 1)"
                        : "INSERT INTO again (id, second_form) VALUES (1, 'two')");
        definitions.addAndGet(2);
        pause(random);
    }

    private static void pause(Random random) {
        try {
            Thread.sleep(random.nextInt(100));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkEnd(Node first, Node second) {
        String how = "-Ddriftdb.seed=" + seed;
        assertThat(wrong.stream().distinct().limit(20)).as(how).isEmpty();
        try (Sql sql = Nodes.connect(first);
                Sql other = Nodes.connect(second)) {
            sql.run("SET driftdb.read_consistency = linearizable");
            Set<Integer> found = new TreeSet<>();
            sql.query("SELECT id FROM t WHERE a::text = (2 * id)::text AND b = 'b' || id")
                    .forEach(id -> found.add(Integer.valueOf(id)));
            assertThat(found).as("rows acknowledged and unchanged, " + how).isEqualTo(acknowledged);
            sql.run("DROP INDEX IF EXISTS t_b", "CREATE INDEX t_b ON t (b)");
            for (int id : found.stream().limit(20).toList()) {
                assertThat(sql.query("SELECT id FROM t WHERE b = 'b" + id + "'"))
                        .as("by the index, " + how)
                        .containsExactly(Integer.toString(id));
            }
            String offset = sql.value("SELECT driftdb.current_offset()");
            other.run("SET driftdb.read_consistency = linearizable");
            assertThat(other.value("SELECT driftdb.state_hash(" + offset + ")"))
                    .as(how)
                    .isEqualTo(sql.value("SELECT driftdb.state_hash(" + offset + ")"));
        }
    }
}
