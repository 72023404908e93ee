package dev.driftdb.tests.support;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A session of pgjdbc whose answers are text: one string a row, columns parted by {@code |}. One
 * thread.
 */
public final class Sql implements AutoCloseable {
    private final Connection connection;

    public Sql(Connection connection) {
        this.connection = connection;
    }

    /**
     * @param server the URL without its database, with a slash at the end
     * @throws IllegalStateException if the server refuses
     */
    public static Sql connect(String server, String database, Properties properties) {
        Properties all = new Properties();
        all.setProperty("user", "driftdb");
        all.putAll(properties);
        try {
            return new Sql(
                    DriverManager.getConnection(
                            server + URLEncoder.encode(database, StandardCharsets.UTF_8), all));
        } catch (SQLException e) {
            throw new IllegalStateException("cannot connect to " + server + database, e);
        }
    }

    public Connection connection() {
        return connection;
    }

    /** Runs statements that must succeed; results are read and dropped. */
    public void run(String... statements) {
        for (String statement : statements) {
            try (Statement jdbc = connection.createStatement()) {
                jdbc.execute(statement);
            } catch (SQLException e) {
                throw new AssertionError(
                        e.getSQLState() + " " + e.getMessage() + " in: " + shortened(statement), e);
            }
        }
    }

    /** The number of rows that the statement changed. */
    public int update(String statement) {
        try (Statement jdbc = connection.createStatement()) {
            return jdbc.executeUpdate(statement);
        } catch (SQLException e) {
            throw new AssertionError(
                    e.getSQLState() + " " + e.getMessage() + " in: " + shortened(statement), e);
        }
    }

    /** The rows; NULL is written as NULL. */
    public List<String> query(String query) {
        try (Statement jdbc = connection.createStatement();
                ResultSet rows = jdbc.executeQuery(query)) {
            return texts(rows);
        } catch (SQLException e) {
            throw new AssertionError(
                    e.getSQLState() + " " + e.getMessage() + " in: " + shortened(query), e);
        }
    }

    /** The only value of the only row. */
    public String value(String query) {
        List<String> rows = query(query);
        if (rows.size() != 1) {
            throw new AssertionError(rows.size() + " rows from: " + shortened(query));
        }
        return rows.getFirst();
    }

    /** The error that the statement must end in. */
    public SQLException error(String statement) {
        try (Statement jdbc = connection.createStatement()) {
            jdbc.execute(statement);
        } catch (SQLException e) {
            return e;
        }
        throw new AssertionError("no error from: " + shortened(statement));
    }

    /** Of an error of the server: SQLSTATE, constraint, and detail or else hint. */
    public static String violation(SQLException error) {
        ServerErrorMessage message =
                error instanceof PSQLException failed ? failed.getServerErrorMessage() : null;
        if (message == null) {
            throw new AssertionError("no error of the server", error);
        }
        return error.getSQLState()
                + " "
                + message.getConstraint()
                + " "
                + (message.getDetail() == null ? message.getHint() : message.getDetail());
    }

    /** The SQLSTATE that the statement must end in. */
    public String state(String statement) {
        return String.valueOf(error(statement).getSQLState());
    }

    public static List<String> texts(ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        List<String> texts = new ArrayList<>();
        while (rows.next()) {
            List<String> row = new ArrayList<>();
            for (int column = 1; column <= columns; column++) {
                String value = rows.getString(column);
                row.add(value == null ? "NULL" : value);
            }
            texts.add(String.join("|", row));
        }
        return texts;
    }

    private static String shortened(String statement) {
        return statement.length() <= 500 ? statement : statement.substring(0, 500) + "...";
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
