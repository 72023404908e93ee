package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots by statement, and driftdb.snapshots. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class CheckpointTest {
    private final Sql sql = TestNode.connect();

    @AfterEach
    void close() {
        sql.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CHECKPOINT",
                "CHECKPOINT TABLE checked",
                "SNAPSHOT",
                "SNAPSHOT checked",
                "SNAPSHOT TABLE checked"
            })
    void a_checkpoint_stores_a_snapshot_that_is_listed(String statement) {
        sql.run("DROP TABLE IF EXISTS checked", "CREATE TABLE checked (id int PRIMARY KEY)");
        String offset = sql.value("SHOW driftdb.offset");
        sql.run(statement);
        assertThat(
                        sql.value(
                                "SELECT _offset >= "
                                        + offset
                                        + " AND size > 0 AND verified AND taken >= _time"
                                        + " AND horizon <= _offset AND location <> ''"
                                        + " FROM driftdb.snapshots ORDER BY _offset DESC LIMIT 1"))
                .isEqualTo("t");
    }

    @Test
    void a_checkpoint_of_a_table_that_is_not_there_is_refused() {
        assertThat(sql.state("CHECKPOINT TABLE no_such_table")).isEqualTo("42P01");
        assertThat(sql.state("SNAPSHOT no_such_table")).isEqualTo("42P01");
    }

    @Test
    void a_checkpoint_may_be_taken_within_a_transaction_and_shows_only_what_is_committed() {
        sql.run("DROP TABLE IF EXISTS checked", "CREATE TABLE checked (id int PRIMARY KEY)");
        String before = sql.value("SHOW driftdb.offset");
        sql.run("BEGIN", "INSERT INTO checked VALUES (1)", "CHECKPOINT", "COMMIT");
        assertThat(Long.parseLong(sql.value("SELECT max(_offset) FROM driftdb.snapshots")))
                .isGreaterThanOrEqualTo(Long.parseLong(before));
        assertThat(sql.value("SELECT count(*) FROM checked")).isEqualTo("1");
    }
}
