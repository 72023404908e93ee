package dev.driftdb.query.server;

import dev.driftdb.schemas.log.TopicNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * A node on a throw-away directory and a short story on it, told by what clients see: SQL over the
 * wire, Avro over Kafka. Every answer that the story needs is checked.
 */
final class Demo {
    /** Inserts 3, transfer 2, regretted 3, undone 3. */
    private static final int CHANGES = 11;

    private static final String TOTAL = "SELECT sum(balance) FROM accounts";

    private final PrintWriter out;

    Demo(PrintWriter out) {
        this.out = out;
    }

    /** The exit code. */
    int play() throws IOException {
        say("Starting DriftDB and its Kafka in a directory that goes when the demo ends.");
        try (ThrowAwayNode place = new ThrowAwayNode();
                // As psql does: each statement as it is typed.
                Connection connection =
                        place.connect(
                                Map.of("preferQueryMode", "simple", "ApplicationName", "demo"))) {
            Node node = place.node();
            say("SQL on port %d, Kafka on %s.", node.port(), node.bootstrapServers());
            story(connection, node);
        } catch (SQLException | IllegalStateException | StartException e) {
            out.println("The demo failed: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            out.println("The demo was interrupted.");
            return 1;
        } finally {
            out.flush();
        }
        say("The end. To go on by yourself: ./driftdb start");
        out.flush();
        return 0;
    }

    private void story(Connection connection, Node node)
            throws SQLException, IOException, InterruptedException {
        say("A table, and some rows.");
        run(
                connection,
                """
                CREATE TABLE accounts (
                    id      int PRIMARY KEY,
                    owner   text NOT NULL,
                    balance numeric(10,2) NOT NULL CHECK (balance >= 0)
                )\
                """);
        run(
                connection,
                "INSERT INTO accounts VALUES (1, 'Ada', 500), (2, 'Brian', 300), (3, 'Chidi', 200)");
        say("A transaction moves money.");
        run(connection, "BEGIN");
        run(connection, "UPDATE accounts SET balance = balance - 120.50 WHERE id = 1");
        run(connection, "UPDATE accounts SET balance = balance + 120.50 WHERE id = 3");
        run(connection, "COMMIT");
        run(connection, "SELECT * FROM accounts ORDER BY id");
        expect(connection, TOTAL, "1000.00");

        say("An UPDATE without its WHERE, regretted at once.");
        String before = value(connection, "SELECT driftdb.current_offset()");
        run(connection, "UPDATE accounts SET balance = 0");
        run(connection, "SELECT * FROM accounts ORDER BY id");
        expect(connection, TOTAL, "0.00");

        say("The log holds every commit; the bad one came after offset %s.", before);
        run(
                connection,
                "SELECT _offset, tag, change_count, origin FROM driftdb.log\n"
                        + "WHERE _offset >= "
                        + before
                        + " AND tag <> '' ORDER BY _offset");
        say("So the rows as they were are still there.");
        String past = "accounts FOR SYSTEM_TIME AS OF OFFSET " + before;
        run(connection, "SELECT * FROM " + past + " ORDER BY id");
        expect(connection, "SELECT sum(balance) FROM " + past, "1000.00");

        say("Undone with plain SQL: today's rows get the balances of then.");
        run(
                connection,
                "UPDATE accounts SET balance = past.balance\nFROM (SELECT id, balance FROM "
                        + past
                        + ") past\nWHERE accounts.id = past.id");
        run(connection, "SELECT * FROM accounts ORDER BY id");
        expect(connection, TOTAL, "1000.00");
        say("Nothing was lost on the way: every version of the first account.");
        run(
                connection,
                "SELECT balance, _op, _offset_from, _offset_to\n"
                        + "FROM accounts FOR SYSTEM_TIME ALL WHERE id = 1 ORDER BY _offset_from");
        changelog(node);
    }

    private void changelog(Node node) throws IOException, InterruptedException {
        String topic = new TopicNames(ThrowAwayNode.DATABASE).changelog("public", "accounts");
        String schemas = "http://" + ThrowAwayNode.HOST + ":" + node.httpPort() + "/schemas/ids/";
        say(
                "Other services read the same changes from Kafka topic\n-- %s,\n-- as Avro with schemas from %sN.",
                topic, schemas);
        List<GenericRecord> changes =
                new DemoConsumer(node.bootstrapServers(), schemas).read(topic, CHANGES);
        PsqlTable table =
                new PsqlTable(
                        List.of("offset", "op", "before", "after"),
                        List.of(true, false, false, false));
        for (GenericRecord change : changes) {
            GenericRecord source = (GenericRecord) change.get("source");
            table.add(
                    List.of(
                            String.valueOf(source.get("offset")),
                            String.valueOf(change.get("op")),
                            account(change.get("before")),
                            account(change.get("after"))));
        }
        table.print(out);
        out.println();
        String last = account(changes.getLast().get("after"));
        if (!last.equals("3 Chidi 320.50")) {
            throw new IllegalStateException("the last published change is " + last);
        }
    }

    private static String account(@Nullable Object row) {
        if (!(row instanceof GenericRecord account)) {
            return "";
        }
        Schema schema = account.getSchema().getField("balance").schema();
        int scale = schema.isUnion() ? scale(schema.getTypes().getLast()) : scale(schema);
        ByteBuffer unscaled = ((ByteBuffer) account.get("balance")).duplicate();
        byte[] bytes = new byte[unscaled.remaining()];
        unscaled.get(bytes);
        return account.get("id")
                + " "
                + account.get("owner")
                + " "
                + new BigDecimal(new BigInteger(bytes), scale);
    }

    private static int scale(Schema schema) {
        return ((LogicalTypes.Decimal) schema.getLogicalType()).getScale();
    }

    // ---- telling ----

    private void say(String text, Object... values) {
        out.println("-- " + text.formatted(values));
        out.println();
    }

    /** Prints a statement and what it answers. */
    private void run(Connection connection, String sql) throws SQLException {
        out.println(
                ThrowAwayNode.DATABASE
                        + "=> "
                        + sql.replace("\n", "\n" + ThrowAwayNode.DATABASE + "-> ")
                        + ";");
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet results = statement.getResultSet()) {
                    PsqlTable.of(results).print(out);
                }
            } else {
                out.println(tag(sql, statement.getUpdateCount()));
            }
        }
        out.println();
    }

    private static String tag(String sql, int count) {
        String first = sql.split("\\s", 2)[0];
        return switch (first) {
            case "INSERT" -> "INSERT 0 " + count;
            case "UPDATE" -> "UPDATE " + count;
            case "CREATE" -> "CREATE TABLE";
            default -> first;
        };
    }

    private static String value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet results = statement.executeQuery(query)) {
            if (!results.next()) {
                throw new IllegalStateException("no row from: " + query);
            }
            return String.valueOf(results.getString(1));
        }
    }

    private static void expect(Connection connection, String query, String expected)
            throws SQLException {
        String value = value(connection, query);
        if (!value.equals(expected)) {
            throw new IllegalStateException(query + " gives " + value + " instead of " + expected);
        }
    }
}
