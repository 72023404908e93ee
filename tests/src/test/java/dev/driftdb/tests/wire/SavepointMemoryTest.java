package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a transaction takes back to a savepoint, it holds no more. */
@ExtendWith(TestNode.class)
@Timeout(120)
final class SavepointMemoryTest {
    /** Together more than a transaction may hold, and more than this JVM could. */
    private static final int ROUNDS = 140;

    private static final String EIGHT_MEGABYTES =
            "INSERT INTO taken_back SELECT g, repeat('x', 1048576) FROM generate_series(1, 8) g";

    @Test
    void rows_taken_back_do_not_count() {
        try (Sql sql = TestNode.connect()) {
            sql.run(
                    "DROP TABLE IF EXISTS taken_back",
                    "CREATE TABLE taken_back (id integer PRIMARY KEY, v text)",
                    "CREATE INDEX ON taken_back (left(v, 10))",
                    "BEGIN",
                    "SAVEPOINT a");
            for (int round = 0; round < ROUNDS; round++) {
                sql.run(EIGHT_MEGABYTES, "ROLLBACK TO a");
            }
            assertThat(sql.value("SELECT count(*) FROM taken_back")).isEqualTo("0");
            sql.run("INSERT INTO taken_back VALUES (1, 'kept')", "COMMIT");
            assertThat(sql.query("SELECT * FROM taken_back")).containsExactly("1|kept");
            sql.run("DROP TABLE taken_back");
        }
    }
}
