package dev.driftdb.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.function.LongFunction;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * A server of PostgreSQL's protocol on this machine, DriftDB or its peer. Safe for any thread.
 *
 * @param product what answers, for the table
 * @param database that sessions connect to
 */
record Endpoint(String product, int port, String database) {
    static final String HOST = "127.0.0.1";
    static final String USER = "driftdb";
    static final String DATABASE = "driftdb";

    /** Rows of one transaction of a bulk load. */
    private static final int COPY_ROWS = 50_000;

    /** Bytes that are sent to COPY at a time. */
    private static final int COPY_BYTES = 64 * 1024;

    /** A session in autocommit whose statements are prepared on the server at their first use. */
    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("prepareThreshold", "1");
        return DriverManager.getConnection(
                "jdbc:postgresql://" + HOST + ":" + port + "/" + database, properties);
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row. */
    long queryLong(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /**
     * COPY of rows 0 to count - 1 into a table, in transactions of {@value #COPY_ROWS} rows.
     *
     * @param line the row of a number in COPY's text format, without its newline
     */
    void copyIn(String table, long count, LongFunction<String> line)
            throws SQLException, IOException {
        try (Connection connection = connect()) {
            PGConnection copying = connection.unwrap(PGConnection.class);
            for (long first = 0; first < count; first += COPY_ROWS) {
                CopyIn copy = copying.getCopyAPI().copyIn("COPY " + table + " FROM STDIN");
                long end = Math.min(count, first + COPY_ROWS);
                StringBuilder text = new StringBuilder();
                for (long row = first; row < end; row++) {
                    text.append(line.apply(row)).append('\n');
                    if (text.length() >= COPY_BYTES || row == end - 1) {
                        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
                        copy.writeToCopy(bytes, 0, bytes.length);
                        text.setLength(0);
                    }
                }
                copy.endCopy();
            }
        }
    }

    /**
     * @throws IllegalStateException if the query does not give this number
     */
    void expect(String sql, long expected) throws SQLException {
        long found = queryLong(sql);
        if (found != expected) {
            throw new IllegalStateException(
                    product + " answered " + found + " and not " + expected + " to: " + sql);
        }
    }
}
