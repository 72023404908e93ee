package dev.driftdb.tests.time;

import dev.driftdb.tests.support.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Random changes and definitions of three tables, and the queries that look at them. For one thread
 * at a time.
 */
final class RandomHistory {
    static final List<String> TABLES = List.of("as_of_a", "as_of_b", "as_of_c");

    /**
     * What was seen at an offset.
     *
     * @param answers what each query showed; an SQLSTATE where it failed
     */
    record Moment(long offset, Map<String, List<String>> answers) {}

    private final long seed;
    private final Random random;
    private final Map<String, List<String>> columns = new TreeMap<>();
    private final List<String> history = new ArrayList<>();
    private int moves;
    private int names;

    RandomHistory(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** Begins with none of the tables. */
    void begin(Sql sql) {
        for (String table : TABLES) {
            sql.run("DROP TABLE IF EXISTS " + table);
        }
    }

    static Moment moment(Sql sql) {
        return new Moment(
                Long.parseLong(sql.value("SHOW driftdb.offset")), answers(sql, queries("")));
    }

    /** The same query for each table, the clause after its name. */
    static Map<String, String> queries(String clause) {
        Map<String, String> queries = new TreeMap<>();
        for (String table : TABLES) {
            queries.put("all of " + table, "SELECT * FROM " + table + clause + " ORDER BY id");
            queries.put("key of " + table, "SELECT * FROM " + table + clause + " WHERE id = 7");
            queries.put(
                    "range of " + table,
                    "SELECT id, v FROM "
                            + table
                            + clause
                            + " WHERE v BETWEEN 10 AND 40 ORDER BY id");
            queries.put("sum of " + table, "SELECT count(*), sum(v) FROM " + table + clause);
        }
        queries.put(
                "join",
                "SELECT a.id, b.v FROM as_of_a"
                        + clause
                        + " a LEFT JOIN as_of_b"
                        + clause
                        + " b ON b.id = a.id ORDER BY a.id");
        return queries;
    }

    static Map<String, List<String>> answers(Sql sql, Map<String, String> queries) {
        Map<String, List<String>> answers = new TreeMap<>();
        queries.forEach((name, query) -> {
            try (var jdbc = sql.connection().createStatement();
                    var rows = jdbc.executeQuery(query)) {
                List<String> texts = new ArrayList<>();
                var columns = rows.getMetaData();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    texts.add(columns.getColumnLabel(i));
                }
                texts.addAll(Sql.texts(rows));
                answers.put(name, texts);
            } catch (java.sql.SQLException e) {
                answers.put(name, List.of("error " + e.getSQLState()));
            }
        });
        return answers;
    }

    /** One transaction; what it does to the columns is kept in {@link #columns}. */
    void step(Sql sql) {
        String table = TABLES.get(random.nextInt(TABLES.size()));
        List<String> extra = columns.get(table);
        if (extra == null) {
            run(sql, "CREATE TABLE " + table + " (id integer PRIMARY KEY, v integer)");
            columns.put(table, new ArrayList<>());
            return;
        }
        int choice = random.nextInt(100);
        if (choice < 35) {
            run(
                    sql,
                    "INSERT INTO "
                            + table
                            + " (id, v) VALUES "
                            + rows()
                            + " ON CONFLICT (id) DO UPDATE SET v = excluded.v + 1");
        } else if (choice < 55) {
            run(
                    sql,
                    "UPDATE "
                            + table
                            + " SET v = v + "
                            + random.nextInt(20)
                            + " WHERE id % 3 = "
                            + random.nextInt(3));
        } else if (choice < 68) {
            run(
                    sql,
                    "DELETE FROM "
                            + table
                            + " WHERE id BETWEEN "
                            + random.nextInt(20)
                            + " AND "
                            + random.nextInt(20));
        } else if (choice < 73) {
            // Each time elsewhere, or the same row moved twice would meet itself.
            moves++;
            run(
                    sql,
                    "UPDATE "
                            + table
                            + " SET id = id + "
                            + moves * 10_000
                            + " WHERE id = "
                            + random.nextInt(20));
        } else if (choice < 78) {
            sql.run("BEGIN");
            run(
                    sql,
                    "INSERT INTO "
                            + table
                            + " (id, v) SELECT g, g FROM generate_series(1000, 1010) g ON CONFLICT DO NOTHING");
            run(sql, "UPDATE " + table + " SET v = v * 2 WHERE id >= 1005");
            run(sql, "DELETE FROM " + table + " WHERE id > 1007 OR id < 3");
            sql.run("COMMIT");
        } else if (choice < 84) {
            String column = "c" + names++;
            String definition =
                    random.nextBoolean() ? " integer DEFAULT " + random.nextInt(100) : " text";
            run(sql, "ALTER TABLE " + table + " ADD COLUMN " + column + definition);
            extra.add(column);
        } else if (choice < 88 && !extra.isEmpty()) {
            run(
                    sql,
                    "ALTER TABLE "
                            + table
                            + " DROP COLUMN "
                            + extra.remove(random.nextInt(extra.size())));
        } else if (choice < 91 && !extra.isEmpty()) {
            String renamed = "r" + names++;
            int column = random.nextInt(extra.size());
            run(
                    sql,
                    "ALTER TABLE "
                            + table
                            + " RENAME COLUMN "
                            + extra.get(column)
                            + " TO "
                            + renamed);
            extra.set(column, renamed);
        } else if (choice < 94) {
            run(sql, "CREATE INDEX as_of_index" + names++ + " ON " + table + " (v)");
        } else if (choice < 96) {
            run(sql, "TRUNCATE " + table);
        } else if (choice < 99) {
            run(sql, "DROP TABLE " + table);
            columns.remove(table);
        } else {
            sql.run("BEGIN");
            run(sql, "DELETE FROM " + table);
            sql.run("ROLLBACK");
        }
    }

    private String rows() {
        List<String> rows = new ArrayList<>();
        int first = random.nextInt(20);
        for (int i = 0; i <= random.nextInt(4); i++) {
            rows.add("(" + (first + i) + ", " + random.nextInt(50) + ")");
        }
        return String.join(", ", rows);
    }

    private void run(Sql sql, String statement) {
        history.add(statement);
        try {
            sql.run(statement);
        } catch (AssertionError e) {
            throw new AssertionError(
                    "-Ddriftdb.seed=" + seed + " after " + String.join(";\n", history), e);
        }
    }
}
