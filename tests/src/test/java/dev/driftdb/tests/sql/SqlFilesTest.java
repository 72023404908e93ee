package dev.driftdb.tests.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.sql.SqlFile.Answer;
import dev.driftdb.tests.sql.SqlFile.Item;
import dev.driftdb.tests.support.ReferencePostgres;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.JDBCType;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs resources/sql/TOPIC/*.test, each file in a schema of its own.
 *
 * <ul>
 *   <li>{@code -Ddriftdb.reference} runs them on a {@link ReferencePostgres} instead, which is how
 *       every expected answer came about and is checked;
 *   <li>{@code -Ddriftdb.complete=true} writes what the reference answers into the files, never
 *       what DriftDB does;
 *   <li>{@code -Ddriftdb.query-mode=extended} prepares each statement instead of sending simple
 *       queries;
 *   <li>{@code -Ddriftdb.sql=joins} runs only files whose path contains the text.
 * </ul>
 */
@ExtendWith(TestNode.class)
final class SqlFilesTest {
    private static final @Nullable String REFERENCE = ReferencePostgres.url();
    private static final boolean COMPLETE =
            REFERENCE != null && Boolean.getBoolean("driftdb.complete");
    private static final Pattern ORDER_BY = Pattern.compile("(?i)order\\s+by");

    @TestFactory
    Stream<DynamicTest> files() throws IOException {
        Path root = Path.of("src/test/resources/sql");
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(path -> path.toString().endsWith(".test")).sorted().toList();
        }
        assertThat(files).isNotEmpty();
        String only = System.getProperty("driftdb.sql", "");
        return files.stream()
                .filter(path -> path.toString().contains(only))
                .map(path ->
                        DynamicTest.dynamicTest(root.relativize(path).toString(), () -> run(path)));
    }

    private static void run(Path path) throws IOException {
        SqlFile file = SqlFile.read(path);
        List<String> differences = new ArrayList<>();
        List<Item> completed = new ArrayList<>();
        try (Sessions sessions =
                new Sessions("t_" + path.getFileName().toString().replaceAll("\\W", "_"))) {
            for (Item item : file.items()) {
                if (!(item instanceof Item.Case test)
                        || !(test.onlyIf().isEmpty() || test.onlyIf().equals(system()))) {
                    completed.add(item);
                    continue;
                }
                Answer found = answer(sessions.get(test.connection()), test);
                completed.add(
                        new Item.Case(
                                test.line(),
                                test.comments(),
                                test.connection(),
                                test.onlyIf(),
                                test.sql(),
                                found));
                if (!found.equals(test.answer())) {
                    differences.add(
                            path
                                    + ":"
                                    + test.line()
                                    + "\n"
                                    + test.sql()
                                    + "\nexpected: "
                                    + shown(test.answer())
                                    + "\nfound:    "
                                    + shown(found)
                                    + sessions.lastError());
                }
            }
        }
        if (COMPLETE) {
            new SqlFile(path, completed).write();
        } else {
            assertThat(differences).as("answers that differ").isEmpty();
        }
    }

    private static String system() {
        return REFERENCE == null ? "driftdb" : "postgresql";
    }

    private static String shown(Answer answer) {
        return switch (answer) {
            case Answer.Unknown _ -> "not known yet";
            case Answer.Ok _ -> "ok";
            case Answer.Failure failure ->
                    "error "
                            + failure.sqlState()
                            + (failure.fields() == null
                                    ? ""
                                    : "\n" + String.join("\n", failure.fields()));
            case Answer.Rows rows -> rows.types() + "\n" + String.join("\n", rows.rows());
        };
    }

    private static Answer answer(Session session, Item.Case test) {
        try (Statement jdbc = session.sql.connection().createStatement()) {
            session.error = "";
            if (!jdbc.execute(test.sql())) {
                return new Answer.Ok();
            }
            boolean sorted =
                    test.answer() instanceof Answer.Rows rows
                            ? rows.sorted()
                            : !ORDER_BY.matcher(test.sql()).find();
            try (ResultSet rows = jdbc.getResultSet()) {
                return rows(rows, sorted);
            }
        } catch (SQLException e) {
            session.error = "  " + e.getMessage();
            boolean stateOnly =
                    test.answer() instanceof Answer.Failure expected && expected.fields() == null;
            return new Answer.Failure(
                    String.valueOf(e.getSQLState()), stateOnly ? null : ErrorFields.of(e));
        }
    }

    private static Answer rows(ResultSet results, boolean sorted) throws SQLException {
        ResultSetMetaData columns = results.getMetaData();
        List<String> types = new ArrayList<>();
        for (int column = 1; column <= columns.getColumnCount(); column++) {
            types.add(
                    JDBCType.valueOf(columns.getColumnType(column))
                            .getName()
                            .toLowerCase(Locale.ROOT));
        }
        List<String> rows = new ArrayList<>();
        while (results.next()) {
            List<String> row = new ArrayList<>();
            for (int column = 1; column <= types.size(); column++) {
                String value = results.getString(column);
                row.add(
                        value == null
                                ? "NULL"
                                : value.isEmpty() ? "(empty)" : value.replace("\n", "\\n"));
            }
            rows.add(String.join("|", row));
        }
        boolean sort = sorted && rows.size() > 1;
        if (sort) {
            rows.sort(null);
        }
        return new Answer.Rows(types, sort, rows);
    }

    private static final class Session {
        final Sql sql;
        String error = "";

        Session(Sql sql) {
            this.sql = sql;
        }
    }

    /** The connections of one file, all in its schema. */
    private static final class Sessions implements AutoCloseable {
        private final Map<String, Session> open = new HashMap<>();
        private final String schema;

        Sessions(String schema) {
            this.schema = schema;
            try (Sql sql = connect()) {
                sql.run("DROP SCHEMA IF EXISTS " + schema + " CASCADE", "CREATE SCHEMA " + schema);
            }
        }

        Session get(String name) {
            return open.computeIfAbsent(
                    name,
                    _ -> {
                        Sql sql = connect();
                        sql.run("SET search_path = " + schema);
                        return new Session(sql);
                    });
        }

        String lastError() {
            StringBuilder errors = new StringBuilder();
            open.values().forEach(session -> errors.append(session.error));
            return errors.toString();
        }

        private static Sql connect() {
            Properties properties = new Properties();
            properties.setProperty(
                    "preferQueryMode", System.getProperty("driftdb.query-mode", "simple"));
            properties.setProperty("options", "-c TimeZone=UTC -c client_min_messages=error");
            return REFERENCE == null
                    ? TestNode.connect(TestNode.DATABASE, properties)
                    : Sql.connect(REFERENCE, TestNode.DATABASE, properties);
        }

        @Override
        public void close() {
            open.values().forEach(session -> session.sql.close());
            try (Sql sql = connect()) {
                sql.run("DROP SCHEMA " + schema + " CASCADE");
            }
        }
    }
}
