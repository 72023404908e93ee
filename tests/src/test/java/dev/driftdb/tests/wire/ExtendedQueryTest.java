package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.math.BigDecimal;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The extended query protocol as pgjdbc uses it. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class ExtendedQueryTest {
    private final Sql sql = connect(5);

    /**
     * @param threshold runs after which pgjdbc prepares on the server; -1: at once, and values in
     *     binary
     */
    private static Sql connect(int threshold) {
        Properties properties = new Properties();
        properties.setProperty("prepareThreshold", String.valueOf(threshold));
        return TestNode.connect(TestNode.DATABASE, properties);
    }

    @BeforeEach
    void table() {
        sql.run(
                "DROP TABLE IF EXISTS extended",
                "CREATE TABLE extended (id integer PRIMARY KEY, s smallint, b bigint, n numeric, r real, f float8,"
                        + " o boolean, t text, v varchar(20), c char(3), y bytea, d date, h time, ts timestamp,"
                        + " tz timestamptz, u uuid, j jsonb)");
    }

    @AfterEach
    void close() {
        sql.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 5, 0})
    void values_of_every_type_come_back_as_they_were_sent(int threshold) throws SQLException {
        UUID uuid = UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
        OffsetDateTime moment =
                OffsetDateTime.of(2024, 2, 29, 10, 11, 12, 123_456_000, ZoneOffset.UTC);
        try (Sql session = connect(threshold);
                PreparedStatement insert =
                        session.connection()
                                .prepareStatement(
                                        "INSERT INTO extended VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb)")) {
            for (int id = 1; id <= 8; id++) {
                insert.setInt(1, id);
                insert.setShort(2, (short) -id);
                insert.setLong(3, Long.MIN_VALUE + id);
                insert.setBigDecimal(4, new BigDecimal("-12345678901234567890.000123"));
                insert.setFloat(5, 1.5f);
                insert.setDouble(6, Math.PI);
                insert.setBoolean(7, id % 2 == 0);
                insert.setString(8, "\u00e4 \ud83d\ude00 " + id);
                insert.setString(9, "var");
                insert.setString(10, "c");
                insert.setBytes(11, new byte[] {0, 1, (byte) 0xff});
                insert.setObject(12, LocalDate.of(1969, 12, 31));
                insert.setObject(13, LocalTime.of(23, 59, 59, 999_999_000));
                insert.setObject(14, LocalDateTime.of(1900, 1, 1, 0, 0, 0, 1000));
                insert.setObject(15, moment);
                insert.setObject(16, uuid);
                insert.setString(17, "{\"a\": [1, null]}");
                assertThat(insert.executeUpdate()).isEqualTo(1);
            }
            try (PreparedStatement select =
                    session.connection().prepareStatement("SELECT * FROM extended WHERE id = ?")) {
                for (int id = 1; id <= 8; id++) {
                    select.setInt(1, id);
                    try (ResultSet row = select.executeQuery()) {
                        assertThat(row.next()).isTrue();
                        assertThat(row.getInt(1)).isEqualTo(id);
                        assertThat(row.getShort(2)).isEqualTo((short) -id);
                        assertThat(row.getLong(3)).isEqualTo(Long.MIN_VALUE + id);
                        assertThat(row.getBigDecimal(4))
                                .isEqualTo(new BigDecimal("-12345678901234567890.000123"));
                        assertThat(row.getFloat(5)).isEqualTo(1.5f);
                        assertThat(row.getDouble(6)).isEqualTo(Math.PI);
                        assertThat(row.getBoolean(7)).isEqualTo(id % 2 == 0);
                        assertThat(row.getString(8)).isEqualTo("\u00e4 \ud83d\ude00 " + id);
                        assertThat(row.getString(9)).isEqualTo("var");
                        assertThat(row.getString(10)).isEqualTo("c  ");
                        assertThat(row.getBytes(11)).containsExactly(0, 1, 0xff);
                        assertThat(row.getObject(12, LocalDate.class))
                                .isEqualTo(LocalDate.of(1969, 12, 31));
                        assertThat(row.getObject(13, LocalTime.class))
                                .isEqualTo(LocalTime.of(23, 59, 59, 999_999_000));
                        assertThat(row.getObject(14, LocalDateTime.class))
                                .isEqualTo(LocalDateTime.of(1900, 1, 1, 0, 0, 0, 1000));
                        assertThat(row.getObject(15, OffsetDateTime.class).toInstant())
                                .isEqualTo(moment.toInstant());
                        assertThat(row.getObject(16, UUID.class)).isEqualTo(uuid);
                        assertThat(row.getString(17)).isEqualTo("{\"a\": [1, null]}");
                        assertThat(row.next()).isFalse();
                    }
                }
            }
        }
    }

    @Test
    void rows_without_columns_are_described_as_rows() throws SQLException {
        try (Statement statement = sql.connection().createStatement()) {
            assertThat(statement.execute("SELECT")).isTrue();
            try (ResultSet rows = statement.getResultSet()) {
                assertThat(rows.getMetaData().getColumnCount()).isZero();
                assertThat(rows.next()).isTrue();
                assertThat(rows.next()).isFalse();
            }
        }
    }

    @Test
    void null_parameters_of_every_type_are_null() throws SQLException {
        try (PreparedStatement insert =
                sql.connection()
                        .prepareStatement(
                                "INSERT INTO extended (id, s, n, t, d, u) VALUES (?, ?, ?, ?, ?, ?)")) {
            insert.setInt(1, 1);
            insert.setNull(2, Types.SMALLINT);
            insert.setNull(3, Types.NUMERIC);
            insert.setNull(4, Types.VARCHAR);
            insert.setNull(5, Types.DATE);
            insert.setNull(6, Types.OTHER);
            insert.executeUpdate();
        }
        assertThat(sql.query("SELECT s, n, t, d, u FROM extended"))
                .containsExactly("NULL|NULL|NULL|NULL|NULL");
    }

    @Test
    void a_batch_inserts_all_rows() throws SQLException {
        try (PreparedStatement insert =
                sql.connection().prepareStatement("INSERT INTO extended (id, t) VALUES (?, ?)")) {
            for (int id = 0; id < 500; id++) {
                insert.setInt(1, id);
                insert.setString(2, "row " + id);
                insert.addBatch();
            }
            assertThat(insert.executeBatch()).hasSize(500).containsOnly(1);
        }
        assertThat(sql.value("SELECT count(*), sum(id) FROM extended")).isEqualTo("500|124750");
    }

    @Test
    void a_batch_with_an_error_leaves_nothing() throws SQLException {
        Connection connection = sql.connection();
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO extended (id) VALUES (?)")) {
            for (int id : new int[] {1, 2, 2, 3}) {
                insert.setInt(1, id);
                insert.addBatch();
            }
            assertThatThrownBy(insert::executeBatch)
                    .isInstanceOfSatisfying(
                            BatchUpdateException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("23505"));
        }
        connection.rollback();
        connection.setAutoCommit(true);
        assertThat(sql.value("SELECT count(*) FROM extended")).isEqualTo("0");
    }

    @Test
    void generated_keys_are_returned() throws SQLException {
        sql.run(
                "DROP TABLE IF EXISTS generated",
                "CREATE TABLE generated (id serial PRIMARY KEY, t text)");
        try (PreparedStatement insert =
                sql.connection()
                        .prepareStatement(
                                "INSERT INTO generated (t) VALUES (?)",
                                Statement.RETURN_GENERATED_KEYS)) {
            for (int expected = 1; expected <= 7; expected++) {
                insert.setString(1, "x");
                insert.executeUpdate();
                try (ResultSet keys = insert.getGeneratedKeys()) {
                    assertThat(keys.next()).isTrue();
                    assertThat(keys.getInt("id")).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void a_prepared_statement_sees_a_changed_table() throws SQLException {
        sql.run("INSERT INTO extended (id, t) VALUES (1, 'a')");
        try (PreparedStatement count =
                        sql.connection()
                                .prepareStatement("SELECT count(*) FROM extended WHERE t = ?");
                PreparedStatement insert =
                        sql.connection()
                                .prepareStatement("INSERT INTO extended (id, t) VALUES (?, ?)")) {
            for (int run = 0; run < 8; run++) {
                insert.setInt(1, 100 + run);
                insert.setString(2, "p");
                assertThat(insert.executeUpdate()).isEqualTo(1);
                assertThat(one(count, "a")).isEqualTo(1);
            }
            sql.run("ALTER TABLE extended ADD COLUMN extra integer NOT NULL DEFAULT 9");
            insert.setInt(1, 200);
            insert.setString(2, "a");
            assertThat(insert.executeUpdate()).isEqualTo(1);
            assertThat(one(count, "a")).isEqualTo(2);
            assertThat(sql.value("SELECT extra FROM extended WHERE id = 200")).isEqualTo("9");
            try (Sql other = TestNode.connect()) {
                other.run("ALTER TABLE extended DROP COLUMN extra", "CREATE INDEX ON extended (t)");
            }
            insert.setInt(1, 201);
            assertThat(insert.executeUpdate()).isEqualTo(1);
            assertThat(one(count, "a")).isEqualTo(3);
            sql.run("ALTER TABLE extended DROP COLUMN t");
            assertThatThrownBy(() -> one(count, "a"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("42703"));
        }
    }

    private static int one(PreparedStatement statement, String parameter) throws SQLException {
        statement.setString(1, parameter);
        try (ResultSet rows = statement.executeQuery()) {
            assertThat(rows.next()).isTrue();
            return rows.getInt(1);
        }
    }

    /** As PostgreSQL: pgjdbc knows the error, and prepares anew where nothing else was done. */
    @Test
    void a_prepared_select_of_all_columns_never_answers_columns_that_were_not_described()
            throws SQLException {
        sql.run(
                "DROP TABLE IF EXISTS starred",
                "CREATE TABLE starred (a integer)",
                "INSERT INTO starred VALUES (1)");
        try (Sql other = TestNode.connect();
                PreparedStatement all =
                        sql.connection().prepareStatement("SELECT * FROM starred")) {
            for (int run = 0; run < 8; run++) {
                assertThat(rows(all)).containsExactly("1");
            }
            other.run("ALTER TABLE starred ADD COLUMN b text DEFAULT 'new'");
            assertThat(rows(all)).containsExactly("1|new");
            for (int run = 0; run < 8; run++) {
                assertThat(rows(all)).containsExactly("1|new");
            }
            other.run("ALTER TABLE starred DROP COLUMN b");
            sql.run("BEGIN");
            assertThatThrownBy(() -> rows(all))
                    .hasMessageContaining("cached plan must not change result type")
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("0A000"));
            sql.run("ROLLBACK");
        }
    }

    private static List<String> rows(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            return Sql.texts(rows);
        }
    }

    @Test
    void a_parameter_keeps_the_type_that_it_was_prepared_with() throws SQLException {
        sql.run(
                "DROP TABLE IF EXISTS retyped",
                "CREATE TABLE retyped (a integer)",
                "INSERT INTO retyped VALUES (1)");
        Properties binary = new Properties();
        binary.setProperty("prepareThreshold", "-1");
        try (Sql other = TestNode.connect(TestNode.DATABASE, binary);
                PreparedStatement found =
                        other.connection()
                                .prepareStatement("SELECT count(*) FROM retyped WHERE a = ?")) {
            found.setInt(1, 1);
            assertThat(rows(found)).containsExactly("1");
            sql.run("ALTER TABLE retyped ALTER COLUMN a TYPE bigint");
            other.run("SELECT 1");
            assertThat(rows(found)).containsExactly("1");
            sql.run("ALTER TABLE retyped ALTER COLUMN a TYPE text USING a::text");
            assertThatThrownBy(() -> rows(found))
                    .hasMessageContaining("operator does not exist: text = integer");
        }
    }

    @Test
    void rows_are_fetched_in_portions() throws SQLException {
        sql.run("INSERT INTO extended (id) SELECT g FROM generate_series(1, 1000) g");
        Connection connection = sql.connection();
        connection.setAutoCommit(false);
        List<Integer> ids = new ArrayList<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id FROM extended ORDER BY id")) {
            select.setFetchSize(7);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getInt(1));
                    if (ids.size() == 100) {
                        // The portal's rows are those of its start.
                        sql.run("DELETE FROM extended WHERE id > 500");
                    }
                }
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        assertThat(ids).hasSize(1000).isSorted();
        assertThat(sql.value("SELECT count(*) FROM extended")).isEqualTo("500");
    }

    @Test
    void an_error_does_not_disturb_the_next_statement() throws SQLException {
        try (PreparedStatement wrong = sql.connection().prepareStatement("SELECT 1 / ?::integer")) {
            for (int run = 0; run < 7; run++) {
                wrong.setInt(1, 0);
                assertThatThrownBy(wrong::executeQuery)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("22012"));
                wrong.setInt(1, 1);
                try (ResultSet row = wrong.executeQuery()) {
                    assertThat(row.next()).isTrue();
                }
            }
        }
    }

    @Test
    void arrays_are_parameters() throws SQLException {
        sql.run("INSERT INTO extended (id) SELECT g FROM generate_series(1, 10) g");
        try (PreparedStatement any =
                sql.connection()
                        .prepareStatement("SELECT count(*) FROM extended WHERE id = ANY (?)")) {
            for (int run = 0; run < 7; run++) {
                any.setArray(1, sql.connection().createArrayOf("int4", new Integer[] {1, 5, 99}));
                try (ResultSet row = any.executeQuery()) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getInt(1)).isEqualTo(2);
                }
            }
        }
    }

    @Test
    void metadata_of_the_driver_is_answered() throws SQLException {
        try (ResultSet keys =
                sql.connection().getMetaData().getPrimaryKeys(null, "public", "extended")) {
            assertThat(keys.next()).isTrue();
            assertThat(keys.getString("COLUMN_NAME")).isEqualTo("id");
        }
        try (ResultSet tables =
                sql.connection()
                        .getMetaData()
                        .getTables(null, null, "extended", new String[] {"TABLE"})) {
            assertThat(tables.next()).isTrue();
        }
    }

    @Test
    void the_simple_protocol_has_no_parameters() {
        Properties properties = new Properties();
        properties.setProperty("preferQueryMode", "simple");
        try (Sql simple = TestNode.connect(TestNode.DATABASE, properties)) {
            assertThat(simple.state("SELECT * FROM extended WHERE id = $1")).isEqualTo("42P02");
            assertThat(simple.state("EXPLAIN SELECT * FROM extended WHERE id = $1"))
                    .isEqualTo("42P02");
        }
    }
}
