package dev.driftdb.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongUnaryOperator;

/** Reads one value by a random key with a prepared statement and checks it. */
final class PointReader implements Load.Worker {
    private final Connection connection;
    private final PreparedStatement select;
    private final long keyCount;
    private final LongUnaryOperator expected;

    /**
     * @param sql with the key as its only parameter
     * @param keyCount keys are 0 to this, exclusive
     * @param expected the value of a key
     */
    PointReader(Endpoint endpoint, String sql, long keyCount, LongUnaryOperator expected)
            throws SQLException {
        connection = endpoint.connect();
        select = connection.prepareStatement(sql);
        this.keyCount = keyCount;
        this.expected = expected;
    }

    @Override
    public void run() throws SQLException {
        long key = ThreadLocalRandom.current().nextLong(keyCount);
        select.setLong(1, key);
        try (ResultSet rows = select.executeQuery()) {
            if (!rows.next() || rows.getLong(1) != expected.applyAsLong(key) || rows.next()) {
                throw new IllegalStateException("a wrong answer for key " + key);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
