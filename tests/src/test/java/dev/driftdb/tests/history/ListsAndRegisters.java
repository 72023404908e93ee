package dev.driftdb.tests.history;

import dev.driftdb.tests.history.RecordedTransaction.End;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Transactions that add to lists and replace registers, computed by the server or by the client. A
 * few keys are in use at a time, so that transactions meet, and are left after a while, so that
 * lists stay short. Safe for any thread.
 */
final class ListsAndRegisters implements Client.Workload {
    private static final int KEYS = 6;

    /** After so many values written, the next key takes the place of one in use. */
    private static final int VALUES_PER_KEY = 60;

    private static final int STEPS_MAX = 5;

    private final AtomicInteger nextValue = new AtomicInteger(1);
    private final AtomicInteger nextId = new AtomicInteger();
    private final Queue<RecordedTransaction> transactions = new ConcurrentLinkedQueue<>();

    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE lists (key integer PRIMARY KEY, list integer[] NOT NULL)");
            statement.execute(
                    "CREATE TABLE registers (key integer PRIMARY KEY, value integer NOT NULL)");
            statement.execute("CREATE UNIQUE INDEX ON registers (value)");
        }
    }

    @Override
    public void run(Connection connection, Level level, Random random, List<Step> steps)
            throws SQLException {
        int count = 1 + random.nextInt(STEPS_MAX);
        for (int i = 0; i < count; i++) {
            int key = nextValue.get() / VALUES_PER_KEY + random.nextInt(KEYS);
            switch (random.nextInt(8)) {
                case 0, 1 -> append(connection, key, steps);
                case 2 -> replaceList(connection, level, key, steps);
                case 3 -> readLists(connection, key, level.hasOneView() ? 4 : 1, steps);
                case 4 -> readList(connection, key, false, steps);
                case 5 -> readRegister(connection, key, random.nextInt(4) == 0, steps);
                case 6 -> {
                    readRegister(connection, key, random.nextBoolean(), steps);
                    writeRegister(connection, key, steps);
                }
                default -> writeRegister(connection, key, steps);
            }
        }
    }

    @Override
    public void record(
            int server, Level level, boolean linearizable, Client.Span span, List<Step> steps) {
        transactions.add(
                new RecordedTransaction(
                        nextId.getAndIncrement(),
                        server,
                        level,
                        linearizable,
                        span.begunNanos(),
                        span.endedNanos(),
                        span.end(),
                        span.answer(),
                        steps));
    }

    /** Computed by the server. */
    private void append(Connection connection, int key, List<Step> steps) throws SQLException {
        int value = nextValue.getAndIncrement();
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE lists SET list = list || ? WHERE key = ?")) {
            update.setInt(1, value);
            update.setInt(2, key);
            if (update.executeUpdate() == 0) {
                insertList(connection, key, value);
            }
        }
        steps.add(new Step.Append(key, value));
    }

    private static void insertList(Connection connection, int key, int value) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO lists VALUES (?, ARRAY[?::integer]) ON CONFLICT (key)"
                                + " DO UPDATE SET list = lists.list || excluded.list")) {
            insert.setInt(1, key);
            insert.setInt(2, value);
            insert.executeUpdate();
        }
    }

    /** Computed by the client from what it has read; at READ COMMITTED under a lock. */
    private void replaceList(Connection connection, Level level, int key, List<Step> steps)
            throws SQLException {
        List<Integer> values = readList(connection, key, !level.hasOneView(), steps);
        if (values.isEmpty()) {
            append(connection, key, steps);
            return;
        }
        int value = nextValue.getAndIncrement();
        List<Integer> longer = new ArrayList<>(values);
        longer.add(value);
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE lists SET list = ? WHERE key = ?")) {
            update.setArray(1, connection.createArrayOf("int4", longer.toArray()));
            update.setInt(2, key);
            update.executeUpdate();
        }
        steps.add(new Step.Append(key, value));
    }

    private static List<Integer> readList(
            Connection connection, int key, boolean locked, List<Step> steps) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT list FROM lists WHERE key = ?" + (locked ? " FOR UPDATE" : ""))) {
            select.setInt(1, key);
            try (ResultSet rows = select.executeQuery()) {
                List<Integer> values = rows.next() ? list(rows, 1) : List.of();
                steps.add(new Step.ReadList(key, values, locked));
                return values;
            }
        }
    }

    /** A range of keys by one statement, those without a row too. */
    private static void readLists(Connection connection, int first, int count, List<Step> steps)
            throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT key, list FROM lists WHERE key BETWEEN ? AND ?")) {
            select.setInt(1, first);
            select.setInt(2, first + count - 1);
            Map<Integer, List<Integer>> found = new TreeMap<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getInt(1), list(rows, 2));
                }
            }
            for (int key = first; key < first + count; key++) {
                steps.add(new Step.ReadList(key, found.getOrDefault(key, List.of()), false));
            }
        }
    }

    private static List<Integer> list(ResultSet rows, int column) throws SQLException {
        List<Integer> values = new ArrayList<>();
        for (Object value : (Object[]) rows.getArray(column).getArray()) {
            values.add((Integer) value);
        }
        return values;
    }

    private static void readRegister(
            Connection connection, int key, boolean locked, List<Step> steps) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT value FROM registers WHERE key = ?"
                                + (locked ? " FOR UPDATE" : ""))) {
            select.setInt(1, key);
            try (ResultSet rows = select.executeQuery()) {
                boolean found = rows.next();
                // What is not there cannot be locked.
                steps.add(new Step.ReadRegister(key, found ? rows.getInt(1) : 0, locked && found));
            }
        }
    }

    private void writeRegister(Connection connection, int key, List<Step> steps)
            throws SQLException {
        int value = nextValue.getAndIncrement();
        try (PreparedStatement upsert =
                connection.prepareStatement(
                        "INSERT INTO registers VALUES (?, ?) ON CONFLICT (key)"
                                + " DO UPDATE SET value = excluded.value")) {
            upsert.setInt(1, key);
            upsert.setInt(2, value);
            upsert.executeUpdate();
        }
        steps.add(new Step.WriteRegister(key, value));
    }

    /** All that was recorded, and everything read once more by a session that sees it all. */
    History history(Connection linearizable) throws SQLException {
        List<Step> steps = new ArrayList<>();
        long begun = System.nanoTime();
        int keys = nextValue.get() / VALUES_PER_KEY + KEYS + 1;
        readLists(linearizable, 0, keys, steps);
        for (int key = 0; key < keys; key++) {
            readRegister(linearizable, key, false, steps);
        }
        RecordedTransaction last =
                new RecordedTransaction(
                        nextId.getAndIncrement(),
                        0,
                        Level.SERIALIZABLE,
                        true,
                        begun,
                        System.nanoTime(),
                        End.COMMITTED,
                        "",
                        steps);
        return new History(List.copyOf(transactions), last);
    }
}
