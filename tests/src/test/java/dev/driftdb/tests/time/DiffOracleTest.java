package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random transactions; then driftdb.diff of random pairs of offsets against two reads as of then.
 */
@ExtendWith(TestNode.class)
@Timeout(150)
final class DiffOracleTest {
    private final Sql sql = TestNode.connect();
    private final List<String> offsets = new ArrayList<>();

    @AfterEach
    void close() {
        sql.close();
    }

    private void commit(String... statements) {
        for (String statement : statements) {
            sql.run(statement);
            offsets.add(sql.value("SHOW driftdb.offset"));
        }
    }

    @Test
    void a_diff_is_what_two_reads_show() {
        long seed = Long.getLong("driftdb.seed", System.nanoTime());
        Random random = new Random(seed);
        sql.run("DROP TABLE IF EXISTS diff_r");
        commit(
                "CREATE TABLE diff_r (a int, b text, v int, w numeric, PRIMARY KEY (b, a))",
                "INSERT INTO diff_r SELECT i, 'k' || i % 3, i, i / 2.0 FROM generate_series(1, 30) i");
        for (int i = 0; i < 200; i++) {
            commit(change(random));
        }
        for (int i = 0; i < 200; i++) {
            int from = random.nextInt(1, offsets.size());
            int to = random.nextInt(1, offsets.size());
            String text =
                    "SELECT * FROM driftdb.diff('diff_r', %s, %s)"
                            .formatted(offsets.get(from), offsets.get(to));
            assertThat(sql.query(text))
                    .as(text + ", -Ddriftdb.seed=" + seed)
                    .isEqualTo(difference(rows(from), rows(to)));
        }
    }

    private static String change(Random random) {
        int a = random.nextInt(1, 40);
        return switch (random.nextInt(9)) {
            case 0, 1 ->
                    ("INSERT INTO diff_r VALUES (%d, 'k%d', %d, %d / 4.0)"
                                    + " ON CONFLICT (b, a) DO UPDATE SET v = excluded.v")
                            .formatted(a, a % 3, random.nextInt(5), a);
            case 2 -> "UPDATE diff_r SET v = NULL WHERE a = " + a;
            case 3 -> "UPDATE diff_r SET v = v %% 3, w = w * 2 WHERE a %% 7 = %d".formatted(a % 7);
            case 4 -> "UPDATE diff_r SET a = a + 100 WHERE a = " + a + " AND " + isFree("+");
            case 5 -> "UPDATE diff_r SET a = a - 100 WHERE a > 100 AND " + isFree("-");
            case 6 -> "DELETE FROM diff_r WHERE a %% 11 = %d".formatted(a % 11);
            case 7 -> random.nextInt(10) == 0 ? "TRUNCATE diff_r" : "UPDATE diff_r SET v = v";
            default ->
                    ("INSERT INTO diff_r SELECT i, 'k' || i %% 3, i, NULL"
                                    + " FROM generate_series(%d, %d) i ON CONFLICT DO NOTHING")
                            .formatted(a, a + 5);
        };
    }

    /** Whether nobody has the key that a row is to get. */
    private static String isFree(String sign) {
        return "NOT EXISTS (SELECT 1 FROM diff_r o WHERE o.b = diff_r.b AND o.a = diff_r.a "
                + sign
                + " 100)";
    }

    private Map<String, List<String>> rows(int offset) {
        Map<String, List<String>> rows = new TreeMap<>();
        for (String row :
                sql.query(
                        "SELECT b, lpad(a::text, 4, '0'), a, v, w FROM diff_r AS OF OFFSET "
                                + offsets.get(offset))) {
            String[] parts = row.split("\\|");
            rows.put(parts[0] + parts[1], List.of(parts[0], parts[2], parts[3], parts[4]));
        }
        return rows;
    }

    private static List<String> difference(
            Map<String, List<String>> from, Map<String, List<String>> to) {
        TreeMap<String, List<String>> keys = new TreeMap<>(from);
        keys.putAll(to);
        List<String> differences = new ArrayList<>();
        List<String> none = List.of("", "", "NULL", "NULL");
        for (Map.Entry<String, List<String>> entry : keys.entrySet()) {
            List<String> before = from.get(entry.getKey());
            List<String> after = to.get(entry.getKey());
            if (before == null || !before.equals(after)) {
                List<String> old = before == null ? none : before;
                List<String> now = after == null ? none : after;
                differences.add(
                        String.join(
                                "|",
                                entry.getValue().get(0),
                                entry.getValue().get(1),
                                before == null ? "insert" : after == null ? "delete" : "update",
                                old.get(2),
                                now.get(2),
                                old.get(3),
                                now.get(3)));
            }
        }
        return differences;
    }
}
