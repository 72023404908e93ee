package dev.driftdb.tests.random;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.ReferencePostgres;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random tables, queries and changes give the same types, rows and SQLSTATEs in DriftDB and in
 * PostgreSQL; where a query says in which order, the same order. {@code
 * -Ddriftdb.random.statements} says how many statements, {@code -Ddriftdb.seed} which.
 *
 * <p>One difference is no fault: 1.0 and 1.00 are equal, and which of them comes first or stands
 * for both after DISTINCT, a set operation or GROUP BY is up to the plan. Such answers are counted.
 */
@ExtendWith(TestNode.class)
final class DifferentialTest {
    private static final int STATEMENTS = Integer.getInteger("driftdb.random.statements", 1_500);
    private static final int STATEMENTS_A_SCHEMA = 150;
    private static final int DIFFERENCES_SHOWN = 20;
    private static final Path REPORT = Path.of("target/random-differences.txt");

    private static final Pattern ONE_OF_EQUALS =
            Pattern.compile(
                    "DISTINCT|UNION|INTERSECT|EXCEPT|GROUP BY|PARTITION BY|ORDER BY|min\\(|max\\(");
    private static final Pattern ORDERED = Pattern.compile(" ORDER BY 1\\b");
    private static final Pattern TRAILING_ZEROS = Pattern.compile("(\\.\\d*?)0+(?=\\||$)");

    /** What a statement answers: the types and rows, or the SQLSTATE. */
    private record Answer(String types, List<String> rows, String message) {
        boolean sameAs(Answer other) {
            return types.equals(other.types) && rows.equals(other.rows);
        }

        /** Whether only the scale of numerics differs. */
        boolean equals(Answer other, boolean ordered) {
            return types.equals(other.types)
                    && values(rows, ordered).equals(values(other.rows, ordered));
        }

        private static List<String> values(List<String> rows, boolean ordered) {
            Stream<String> values =
                    rows.stream()
                            .map(row -> TRAILING_ZEROS.matcher(row).replaceAll("$1"))
                            .map(row -> row.replaceAll("\\.(?=\\||$)", ""));
            return (ordered ? values : values.sorted()).toList();
        }

        String shown() {
            List<String> first = rows.subList(0, Math.min(rows.size(), 30));
            return types + " " + message + "\n      " + String.join("\n      ", first);
        }
    }

    @Test
    void answersAsPostgres() throws IOException {
        long seed = Long.getLong("driftdb.seed", 1);
        System.out.println("random statements: -Ddriftdb.seed=" + seed);
        Properties simple = new Properties();
        simple.setProperty("preferQueryMode", "simple");
        List<String> differences = new ArrayList<>();
        int errors = 0;
        int scales = 0;
        try (Sql driftdb = TestNode.connect(TestNode.DATABASE, simple);
                Sql postgres = Sql.connect(ReferencePostgres.url(), TestNode.DATABASE, simple)) {
            for (int done = 0; done < STATEMENTS; done += STATEMENTS_A_SCHEMA) {
                Choice choice = new Choice(seed + done);
                RandomTables tables = RandomTables.make(choice);
                for (Sql sql : List.of(driftdb, postgres)) {
                    sql.run(
                            "DROP SCHEMA IF EXISTS random_tables CASCADE",
                            "CREATE SCHEMA random_tables",
                            "SET search_path = random_tables");
                    tables.definitions().forEach(sql::run);
                }
                // Plans with statistics and without, in memory and by way of files.
                if (choice.percent(50)) {
                    driftdb.run("ANALYZE");
                }
                driftdb.run("SET work_mem = " + choice.of("'64kB'", "DEFAULT"));
                RandomQueries queries = new RandomQueries(choice, tables);
                List<String> script = new ArrayList<>(tables.definitions());
                for (int i = 0; i < STATEMENTS_A_SCHEMA; i++) {
                    boolean change = choice.percent(10);
                    String sql = change ? queries.change() : queries.query();
                    Answer expected = answer(postgres, sql);
                    Answer found = answer(driftdb, sql);
                    errors += expected.types.startsWith("error") ? 1 : 0;
                    boolean same = found.sameAs(expected);
                    if (!same
                            && ONE_OF_EQUALS.matcher(sql).find()
                            && found.equals(expected, ORDERED.matcher(sql).find())) {
                        scales++;
                        same = true;
                    }
                    if (!same) {
                        differences.add(
                                "-- seed "
                                        + (seed + done)
                                        + (differences.isEmpty()
                                                ? "\n" + String.join(";\n", script) + ";"
                                                : "")
                                        + "\n"
                                        + sql
                                        + "\n  PostgreSQL: "
                                        + expected.shown()
                                        + "\n  DriftDB:    "
                                        + found.shown());
                    }
                    if (change) {
                        script.add(sql);
                        if (!same) {
                            break; // the tables are no longer the same
                        }
                    }
                }
            }
            for (Sql sql : List.of(driftdb, postgres)) {
                sql.run("DROP SCHEMA IF EXISTS random_tables CASCADE");
            }
        }
        System.out.println(
                STATEMENTS
                        + " statements, "
                        + errors
                        + " of them errors in PostgreSQL, "
                        + scales
                        + " with another of several equal numerics, "
                        + differences.size()
                        + " differences");
        Files.write(REPORT, differences);
        assertThat(differences.subList(0, Math.min(differences.size(), DIFFERENCES_SHOWN)))
                .as("answers that differ, -Ddriftdb.seed=%d, all in %s", seed, REPORT)
                .isEmpty();
    }

    private static Answer answer(Sql sql, String text) {
        try (Statement statement = sql.connection().createStatement()) {
            if (!statement.execute(text)) {
                return new Answer("changed " + statement.getUpdateCount(), List.of(), "");
            }
            try (ResultSet result = statement.getResultSet()) {
                ResultSetMetaData columns = result.getMetaData();
                StringBuilder types = new StringBuilder();
                for (int column = 1; column <= columns.getColumnCount(); column++) {
                    types.append(columns.getColumnLabel(column))
                            .append(' ')
                            .append(columns.getColumnTypeName(column))
                            .append(", ");
                }
                List<String> rows = Sql.texts(result);
                if (!ORDERED.matcher(text).find()) {
                    rows.sort(null);
                }
                return new Answer(types.toString(), rows, "");
            }
        } catch (SQLException e) {
            return new Answer(
                    "error " + e.getSQLState(), List.of(), String.valueOf(e.getMessage()));
        }
    }
}
