package dev.driftdb.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Runs one prepared query that answers one number, and checks it. */
final class QueryReader implements Load.Worker {
    private final Connection connection;
    private final PreparedStatement select;
    private final long expected;

    QueryReader(Endpoint endpoint, String sql, long expected) throws SQLException {
        connection = endpoint.connect();
        select = connection.prepareStatement(sql);
        this.expected = expected;
    }

    @Override
    public void run() throws SQLException {
        try (ResultSet rows = select.executeQuery()) {
            if (!rows.next() || rows.getLong(1) != expected) {
                throw new IllegalStateException("a query that counts " + expected + " did not");
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
