package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What is wrong is answered clearly, and harms nobody: not the server, nor another session, nor the
 * data.
 */
@ExtendWith(TestNode.class)
@Timeout(90)
final class BadInputTest {
    private static final int MIB = 1 << 20;

    private Sql bystander = TestNode.connect();
    private Sql client = TestNode.connect();

    @BeforeEach
    void table() {
        bystander.run(
                "DROP TABLE IF EXISTS bad_input",
                "CREATE TABLE bad_input (id integer PRIMARY KEY, v text)",
                "INSERT INTO bad_input VALUES (1, 'one'), (2, 'two')",
                "BEGIN",
                "INSERT INTO bad_input VALUES (3, 'of the bystander')");
    }

    @AfterEach
    void unharmed() {
        assertThat(bystander.query("SELECT * FROM bad_input ORDER BY id"))
                .containsExactly("1|one", "2|two", "3|of the bystander");
        bystander.run("COMMIT");
        try (Sql other = TestNode.connect()) {
            assertThat(other.query("SELECT * FROM bad_input ORDER BY id"))
                    .containsExactly("1|one", "2|two", "3|of the bystander");
        }
        client.close();
        bystander.close();
    }

    @Test
    void text_that_is_no_sql_is_a_syntax_error_at_its_place() {
        assertError("SELEC 1", "42601", 1);
        assertError("SELECT 1 FROM WHERE", "42601", 15);
        assertError("SELECT (1 + 2", "42601", 14);
        assertError("INSERT INTO bad_input VALUES (9, 'x'", "42601", 37);
        assertError("DELETE FROM bad_input WHERE", "42601", 28);
        assertError("DELETE FROM bad_input garbage here", "42601", 31);
        assertError("UPDATE bad_input SET v = 'x' WHERE id = = 1", "42601", 41);
        assertError("\u00e4\u00f6 SELECT", "42601", 1);
    }

    @Test
    void an_unknown_name_is_named_at_its_place() {
        assertError("SELECT nothing FROM bad_input", "42703", 8);
        assertError("SELECT * FROM nothing", "42P01", 15);
        assertError("SELECT '\u00e4\u00f6', nothing(1)", "42883", 14);
        assertError("SELECT x.id FROM bad_input", "42P01", 8);
        assertError("SELECT 1::nothing", "42704", 11);
        assertThat(client.state("INSERT INTO bad_input (nothing) VALUES (1)")).isEqualTo("42703");
        assertError("UPDATE bad_input SET nothing = 1", "42703", 22);
        assertError("DELETE FROM bad_input WHERE nothing = 1", "42703", 29);
    }

    @Test
    void a_wrong_type_is_refused() {
        assertError("INSERT INTO bad_input VALUES ('x', 'y')", "22P02", 31);
        assertError("SELECT id + true FROM bad_input", "42883", 11);
        assertError("SELECT * FROM bad_input WHERE v", "42804", 31);
        assertError("UPDATE bad_input SET id = now()", "42804", 27);
        assertThat(client.state("INSERT INTO bad_input VALUES (2147483648, 'y')"))
                .isEqualTo("22003");
        assertThat(client.state("SELECT 'x'::integer")).isEqualTo("22P02");
    }

    @Test
    void a_statement_of_20_mb_is_refused_and_one_of_10_mb_is_answered() {
        SQLException refused = client.error("SELECT length('" + "x".repeat(20 * MIB) + "')");
        assertThat(refused.getSQLState()).isEqualTo("54000");
        assertThat(refused.getMessage()).contains("statement is too long");
        assertThat(client.value("SELECT length('" + "x".repeat(10 * MIB) + "')"))
                .isEqualTo(String.valueOf(10 * MIB));
        assertThat(client.state("SELECT " + "1 + ".repeat(2 * MIB))).matches("42601|54001|54000");
        assertThat(client.value("SELECT 1")).isEqualTo("1");
    }

    @Test
    void a_statement_nested_beyond_measure_is_refused() {
        String deep = "(".repeat(100_000) + "1" + ")".repeat(100_000);
        assertThat(client.state("SELECT " + deep)).isEqualTo("54001");
        assertThat(client.value("SELECT 1")).isEqualTo("1");
    }

    @Test
    void a_message_above_the_limit_ends_the_connection_only() {
        String literal = "x".repeat(65 * MIB);
        SQLException refused = client.error("SELECT length('" + literal + "')");
        assertThat(refused.getSQLState()).isIn("08P01", "08006", "54000");
        try (Sql next = TestNode.connect()) {
            assertThat(next.value("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void garbage_on_the_port_closes_that_connection_only() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            byte[] garbage = new byte[64 + random.nextInt(4096)];
            random.nextBytes(garbage);
            garbage[0] |= (byte) 0x80; // a length that cannot be meant
            try (RawClient raw = new RawClient()) {
                raw.send(garbage);
                assertThat(raw.closedByServer()).as("seed " + seed).isTrue();
            }
        }
        try (RawClient http = new RawClient()) {
            http.send(
                    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(http.closedByServer()).isTrue();
        }
    }

    @Test
    void garbage_after_the_start_closes_that_connection_only() throws IOException {
        try (RawClient raw = new RawClient().startUp()) {
            raw.send(new byte[] {(byte) 0xff, 0, 0, 0, 4, 1, 2, 3});
            assertThat(raw.closedByServer()).isTrue();
        }
        try (RawClient raw = new RawClient().startUp()) {
            raw.send(ByteBuffer.allocate(5).put((byte) 'Q').putInt(-1).array());
            assertThat(raw.closedByServer()).isTrue();
        }
    }

    @Test
    void a_message_without_its_end_is_an_error() throws IOException {
        try (RawClient raw = new RawClient().startUp()) {
            raw.message('Q', "SELECT 1".getBytes(StandardCharsets.UTF_8));
            assertThat(raw.readUntil('E')).contains("C08P01");
        }
    }

    /** Raw, as pgjdbc refuses such a text itself. */
    @Test
    void a_string_without_its_end_is_a_syntax_error_at_its_place() throws IOException {
        try (RawClient raw = new RawClient().startUp()) {
            raw.query("SELECT 'open");
            assertThat(raw.readUntil('E'))
                    .contains("C42601")
                    .contains("P8")
                    .contains("unterminated quoted string");
        }
    }

    @Test
    void bytes_that_are_no_utf8_are_refused() throws IOException {
        try (RawClient raw = new RawClient().startUp()) {
            raw.message(
                    'Q',
                    new byte[] {'S', 'E', 'L', 'E', 'C', 'T', ' ', '\'', (byte) 0xff, '\'', 0});
            assertThat(raw.readUntil('E')).contains("C22021");
        }
    }

    @Test
    void a_client_that_vanishes_leaves_no_lock_and_no_change() throws IOException {
        RawClient raw = new RawClient().startUp();
        raw.query(
                "BEGIN; UPDATE bad_input SET v = 'lost' WHERE id = 1; INSERT INTO bad_input VALUES (4, 'lost')");
        raw.readUntil('Z');
        client.run("SET lock_timeout = '20s'");
        raw.vanish();
        // Waits until the server has noticed, which ends the other's lock.
        assertThat(client.update("UPDATE bad_input SET v = v WHERE id = 1")).isEqualTo(1);
        assertThat(client.query("SELECT id FROM bad_input WHERE v = 'lost'")).isEmpty();
    }

    @Test
    void a_client_that_vanishes_in_a_statement_does_not_harm() throws IOException {
        RawClient raw = new RawClient().startUp();
        raw.query("SELECT * FROM generate_series(1, 100000000)");
        raw.readUntil('D');
        raw.vanish();
        RawClient half = new RawClient().startUp();
        half.send(
                ByteBuffer.allocate(10)
                        .put((byte) 'Q')
                        .putInt(1000)
                        .put("SELEC".getBytes(StandardCharsets.UTF_8))
                        .array());
        half.vanish();
        assertThat(client.value("SELECT count(*) FROM bad_input")).isEqualTo("2");
    }

    @Test
    void a_row_above_8_mib_is_refused() {
        assertThat(client.state("INSERT INTO bad_input VALUES (5, repeat('x', 9000000))"))
                .isEqualTo("54000");
        assertThat(client.state("UPDATE bad_input SET v = repeat('x', 9000000) WHERE id = 2"))
                .isEqualTo("54000");
    }

    @Test
    void a_row_just_below_8_mib_is_kept() {
        client.run("CREATE TABLE large_row (id integer PRIMARY KEY, v text)");
        client.run("INSERT INTO large_row VALUES (1, repeat('x', 8000000))");
        assertThat(client.value("SELECT length(v) FROM large_row")).isEqualTo("8000000");
        client.run("DROP TABLE large_row");
    }

    @Test
    void an_error_inside_copy_leaves_nothing_of_it() throws SQLException, IOException {
        var copy = client.connection().unwrap(PGConnection.class).getCopyAPI();
        String[] wrong = {
            "10\tten\nx\televen\n", "10\tten\n11\n", "10\tten\n11\ta\tb\n", "10\tten\n1\tdouble\n"
        };
        String[] states = {"22P02", "22P04", "22P04", "23505"};
        for (int i = 0; i < wrong.length; i++) {
            assertThat(copyError(copy, wrong[i])).as(wrong[i]).isEqualTo(states[i]);
            assertThat(client.value("SELECT count(*) FROM bad_input WHERE id >= 10"))
                    .isEqualTo("0");
        }
        var canceled = copy.copyIn("COPY bad_input FROM STDIN");
        byte[] line = "12\ttwelve\n".getBytes(StandardCharsets.UTF_8);
        canceled.writeToCopy(line, 0, line.length);
        canceled.cancelCopy();
        assertThat(client.value("SELECT count(*) FROM bad_input WHERE id >= 10")).isEqualTo("0");
    }

    private static String copyError(org.postgresql.copy.CopyManager copy, String data)
            throws IOException {
        try (InputStream in = new ByteArrayInputStream(data.getBytes(StandardCharsets.UTF_8))) {
            copy.copyIn("COPY bad_input FROM STDIN", in);
            return "none";
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    private void assertError(String sql, String state, int position) {
        SQLException error = client.error(sql);
        assertThat(error.getSQLState()).as(sql).isEqualTo(state);
        ServerErrorMessage message = ((PSQLException) error).getServerErrorMessage();
        assertThat(message == null ? 0 : message.getPosition()).as(sql).isEqualTo(position);
    }
}
