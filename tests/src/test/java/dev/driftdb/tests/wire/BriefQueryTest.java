package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Queries that are expected to be brief run where their messages arrive, but some are not. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class BriefQueryTest {
    /** More rows than a brief query may read. */
    private static final int MANY = 5_000;

    private static final int RARE = 1_000;

    private final Sql sql = connect("extended");

    private static Sql connect(String mode) {
        Properties properties = new Properties();
        properties.setProperty("prepareThreshold", "1");
        properties.setProperty("preferQueryMode", mode);
        return TestNode.connect(TestNode.DATABASE, properties);
    }

    @BeforeEach
    void table() {
        sql.run(
                "DROP TABLE IF EXISTS skewed",
                "CREATE TABLE skewed (id integer PRIMARY KEY, k integer)",
                "CREATE INDEX ON skewed (k)",
                "INSERT INTO skewed SELECT i, i FROM generate_series(0, " + (RARE - 1) + ") i",
                "ANALYZE skewed",
                "INSERT INTO skewed SELECT i, -1 FROM generate_series("
                        + RARE
                        + ", "
                        + (RARE + MANY - 1)
                        + ") i");
    }

    @AfterEach
    void close() {
        sql.close();
    }

    private static List<Long> all(PreparedStatement select, int key) throws SQLException {
        select.setInt(1, key);
        List<Long> found = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(rows.getLong(1));
            }
        }
        return found;
    }

    private static void expectEachOnce(Sql session, int fetchSize) throws SQLException {
        try (PreparedStatement select =
                session.connection()
                        .prepareStatement("SELECT id FROM skewed WHERE k = ? ORDER BY k")) {
            select.setFetchSize(fetchSize);
            for (int key = 0; key < 20; key++) {
                assertThat(all(select, key)).containsExactly((long) key);
            }
            assertThat(all(select, -1))
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.range(RARE, RARE + MANY).boxed().toList());
            assertThat(all(select, 7)).containsExactly(7L);
        }
    }

    @Test
    void one_that_finds_many_rows_answers_each_once() throws SQLException {
        expectEachOnce(sql, 0);
        try (Sql simple = connect("simple")) {
            expectEachOnce(simple, 0);
        }
    }

    @Test
    void one_that_finds_many_rows_is_fetched_in_parts() throws SQLException {
        sql.connection().setAutoCommit(false);
        expectEachOnce(sql, 300);
        sql.connection().commit();
    }

    @Test
    void one_that_fails_leaves_the_session_as_it_was() throws SQLException {
        try (PreparedStatement select =
                sql.connection().prepareStatement("SELECT 1 / k FROM skewed WHERE k = ?")) {
            for (int round = 0; round < 10; round++) {
                assertThat(all(select, 1)).containsExactly(1L);
                select.setInt(1, 0);
                assertThatThrownBy(select::executeQuery).hasMessageContaining("division by zero");
            }
        }
    }

    @Test
    void what_joins_and_aggregates_a_few_rows_sees_the_transactions_own_changes()
            throws SQLException {
        sql.connection().setAutoCommit(false);
        try (PreparedStatement count =
                sql.connection()
                        .prepareStatement(
                                "SELECT count(*) FROM skewed a JOIN skewed b ON b.id = a.k + 1"
                                        + " WHERE a.k = ?")) {
            assertThat(all(count, 5)).containsExactly(1L);
            assertThat(all(count, 5)).containsExactly(1L);
            sql.run("INSERT INTO skewed VALUES (-5, 5)");
            assertThat(all(count, 5)).containsExactly(2L);
            sql.connection().rollback();
            assertThat(all(count, 5)).containsExactly(1L);
        }
    }
}
