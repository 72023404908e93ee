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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs resources/sql/TOPIC/*.test on DriftDB, as simple or as prepared statements, and on the
 * {@link ReferencePostgres}, from which every expected answer came; each file in a schema of its
 * own.
 *
 * <ul>
 *   <li>{@code -Ddriftdb.sql=joins} runs only files whose path contains the text;
 *   <li>{@code -Ddriftdb.sql.on=driftdb}, {@code prepared} or {@code postgresql} runs them there
 *       only, {@code all} on all three; prepared statements are run when asked for;
 *   <li>{@code -Ddriftdb.complete=true} writes what PostgreSQL answers into the files, never what
 *       DriftDB does.
 * </ul>
 */
@ExtendWith(TestNode.class)
final class SqlFilesTest {
    private static final Path ROOT = Path.of("src/test/resources/sql");
    private static final String ONLY_FILES = System.getProperty("driftdb.sql", "");
    private static final String ONLY_ON = System.getProperty("driftdb.sql.on", "");
    private static final boolean COMPLETE = Boolean.getBoolean("driftdb.complete");
    private static final Pattern ORDER_BY = Pattern.compile("(?i)order\\s+by");

    /** What the files are run on. */
    private enum Server {
        DRIFTDB("driftdb", "simple"),
        PREPARED("driftdb", "extended"),
        POSTGRESQL("postgresql", "simple");

        /** What {@code onlyif} calls it. */
        final String system;

        final String queryMode;

        Server(String system, String queryMode) {
            this.system = system;
            this.queryMode = queryMode;
        }

        Sql connect() {
            Properties properties = new Properties();
            properties.setProperty("preferQueryMode", queryMode);
            properties.setProperty("options", "-c TimeZone=UTC -c client_min_messages=error");
            return this == POSTGRESQL
                    ? Sql.connect(ReferencePostgres.url(), TestNode.DATABASE, properties)
                    : TestNode.connect(TestNode.DATABASE, properties);
        }
    }

    @TestFactory
    Stream<DynamicTest> driftdb() throws IOException {
        return files(Server.DRIFTDB);
    }

    @TestFactory
    Stream<DynamicTest> prepared() throws IOException {
        return files(Server.PREPARED);
    }

    @TestFactory
    Stream<DynamicTest> postgresql() throws IOException {
        return files(Server.POSTGRESQL);
    }

    private static Stream<DynamicTest> files(Server server) throws IOException {
        String name = server.name().toLowerCase(Locale.ROOT);
        boolean asked =
                switch (ONLY_ON) {
                    case "" -> server != Server.PREPARED;
                    case "all" -> true;
                    default -> ONLY_ON.equals(name);
                };
        if (!asked || (COMPLETE && server != Server.POSTGRESQL)) {
            return Stream.of();
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(ROOT)) {
            files =
                    walk.filter(path -> path.toString().endsWith(".test"))
                            .filter(path -> path.toString().contains(ONLY_FILES))
                            .sorted()
                            .toList();
        }
        assertThat(files).isNotEmpty();
        print(name, files);
        return files.stream()
                .map(path ->
                        DynamicTest.dynamicTest(
                                ROOT.relativize(path).toString(), () -> run(server, path)));
    }

    private static void print(String name, List<Path> files) throws IOException {
        int statements = 0;
        int queries = 0;
        for (Path path : files) {
            for (Item item : SqlFile.read(path).items()) {
                if (item instanceof Item.Case test) {
                    statements++;
                    queries += test.answer() instanceof Answer.Rows ? 1 : 0;
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "SQL files on %s: %,d files, %,d statements, %,d of them queries with checked rows%n",
                name,
                files.size(),
                statements,
                queries);
    }

    private static void run(Server server, Path path) throws IOException {
        SqlFile file = SqlFile.read(path);
        List<String> differences = new ArrayList<>();
        List<Item> completed = new ArrayList<>();
        try (Sessions sessions =
                new Sessions(server, "t_" + path.getFileName().toString().replaceAll("\\W", "_"))) {
            for (Item item : file.items()) {
                if (!(item instanceof Item.Case test)
                        || !(test.onlyIf().isEmpty() || test.onlyIf().equals(server.system))) {
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
        private final Server server;
        private final String schema;

        Sessions(Server server, String schema) {
            this.server = server;
            this.schema = schema;
            try (Sql sql = server.connect()) {
                sql.run("DROP SCHEMA IF EXISTS " + schema + " CASCADE", "CREATE SCHEMA " + schema);
            }
        }

        Session get(String name) {
            return open.computeIfAbsent(
                    name,
                    _ -> {
                        Sql sql = server.connect();
                        sql.run("SET search_path = " + schema);
                        return new Session(sql);
                    });
        }

        String lastError() {
            StringBuilder errors = new StringBuilder();
            open.values().forEach(session -> errors.append(session.error));
            return errors.toString();
        }

        @Override
        public void close() {
            open.values().forEach(session -> session.sql.close());
            try (Sql sql = server.connect()) {
                sql.run("DROP SCHEMA " + schema + " CASCADE");
            }
        }
    }
}
