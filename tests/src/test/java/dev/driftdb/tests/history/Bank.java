package dev.driftdb.tests.history;

import dev.driftdb.tests.history.RecordedTransaction.End;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Money moves between accounts and none is made: the total is the same in every statement, and in
 * all statements of a transaction with one view together. Safe for any thread.
 */
final class Bank implements Client.Workload {
    private static final int ACCOUNTS = 12;
    private static final int BALANCE = 1_000;
    static final long TOTAL = (long) ACCOUNTS * BALANCE;

    private final AtomicInteger transactions = new AtomicInteger();
    private final AtomicInteger transfers = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger unknown = new AtomicInteger();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE account (id integer PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0))");
            statement.execute(
                    "INSERT INTO account SELECT g, "
                            + BALANCE
                            + " FROM generate_series(1, "
                            + ACCOUNTS
                            + ") g");
        }
    }

    @Override
    public void run(Connection connection, Level level, Random random, List<Step> steps)
            throws SQLException {
        switch (random.nextInt(4)) {
            case 0 -> readAtOnce(connection);
            case 1 -> {
                if (level.hasOneView()) {
                    readOneByOne(connection);
                } else {
                    readAtOnce(connection);
                }
            }
            default -> transfer(connection, level, random);
        }
    }

    private void readAtOnce(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT sum(balance) FROM account")) {
            rows.next();
            check(rows.getLong(1), "one statement");
        }
    }

    private void readOneByOne(Connection connection) throws SQLException {
        long total = 0;
        for (int account = 1; account <= ACCOUNTS; account++) {
            total += balance(connection, account, "");
        }
        check(total, "one view");
    }

    private void check(long total, String how) {
        reads.incrementAndGet();
        if (total != TOTAL) {
            wrong.add(total + " in " + how);
        }
    }

    private static long balance(Connection connection, int account, String lock)
            throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT balance FROM account WHERE id = ?" + lock)) {
            select.setInt(1, account);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private static void transfer(Connection connection, Level level, Random random)
            throws SQLException {
        int from = 1 + random.nextInt(ACCOUNTS);
        int to = 1 + random.nextInt(ACCOUNTS);
        int amount = 1 + random.nextInt(100);
        if (from == to) {
            return;
        }
        if (random.nextBoolean()) {
            // Computed by the client.
            String lock = level.hasOneView() ? "" : " FOR UPDATE";
            long left = balance(connection, from, lock) - amount;
            if (left < 0) {
                return;
            }
            long there = balance(connection, to, lock) + amount;
            String set = "UPDATE account SET balance = ? WHERE id = ?";
            change(connection, set, left, from);
            change(connection, set, there, to);
        } else {
            change(connection, "UPDATE account SET balance = balance + ? WHERE id = ?", amount, to);
            try (PreparedStatement take =
                    connection.prepareStatement(
                            "UPDATE account SET balance = balance - ? WHERE id = ? AND balance >= ?")) {
                take.setLong(1, amount);
                take.setInt(2, from);
                take.setLong(3, amount);
                if (take.executeUpdate() == 0) {
                    change(
                            connection,
                            "UPDATE account SET balance = balance - ? WHERE id = ?",
                            amount,
                            to);
                }
            }
        }
    }

    private static void change(Connection connection, String update, long value, int account)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(update)) {
            statement.setLong(1, value);
            statement.setInt(2, account);
            statement.executeUpdate();
        }
    }

    @Override
    public void record(
            int server, Level level, boolean linearizable, Client.Span span, List<Step> steps) {
        transactions.incrementAndGet();
        if (span.end() == End.UNKNOWN) {
            unknown.incrementAndGet();
        } else if (span.end() == End.COMMITTED) {
            transfers.incrementAndGet();
        }
    }

    List<String> wrong() {
        return List.copyOf(wrong);
    }

    String figures() {
        return transactions
                + " transactions ("
                + transfers
                + " committed, "
                + unknown
                + " of unknown outcome), "
                + reads
                + " readings of the total";
    }
}
