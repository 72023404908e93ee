package dev.driftdb.tests.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** COPY in and out; expected texts are PostgreSQL's. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class CopyTest {
    private final Sql sql = TestNode.connect();

    @BeforeEach
    void table() {
        sql.run(
                "DROP TABLE IF EXISTS copied",
                "CREATE TABLE copied (id integer PRIMARY KEY, t text, n numeric, b boolean, d date, y bytea)");
    }

    @AfterEach
    void close() {
        sql.close();
    }

    private void special() {
        sql.run(
                "INSERT INTO copied VALUES (1, 'plain', 1.50, true, '2024-02-29', '\\x00ff')",
                "INSERT INTO copied VALUES (2, E'tab\\there\\nline\\r\\\\back', -0.001, false, NULL, '')",
                "INSERT INTO copied VALUES (3, '', NULL, NULL, NULL, NULL)",
                "INSERT INTO copied VALUES (4, NULL, NULL, NULL, NULL, NULL)",
                "INSERT INTO copied VALUES (5, 'quote \" comma , it''s', 0, true, '1999-12-31', '\\x2c')",
                "INSERT INTO copied VALUES (6, '\\N', 0, true, '1999-12-31', NULL)",
                "INSERT INTO copied VALUES (7, '\u00e4\u6f22\ud83d\ude00', 0, true, '1999-12-31', NULL)",
                "INSERT INTO copied VALUES (8, '\\.', 0, true, '1999-12-31', NULL)");
    }

    @Test
    void text_format_is_as_postgresql_writes_it() throws SQLException, IOException {
        special();
        assertThat(out("COPY copied TO STDOUT"))
                .isEqualTo(
                        """
                        1\tplain\t1.50\tt\t2024-02-29\t\\\\x00ff
                        2\ttab\\there\\nline\\r\\\\back\t-0.001\tf\t\\N\t\\\\x
                        3\t\t\\N\t\\N\t\\N\t\\N
                        4\t\\N\t\\N\t\\N\t\\N\t\\N
                        5\tquote " comma , it's\t0\tt\t1999-12-31\t\\\\x2c
                        6\t\\\\N\t0\tt\t1999-12-31\t\\N
                        7\t\u00e4\u6f22\ud83d\ude00\t0\tt\t1999-12-31\t\\N
                        8\t\\\\.\t0\tt\t1999-12-31\t\\N
                        """);
    }

    @Test
    void csv_format_is_as_postgresql_writes_it() throws SQLException, IOException {
        special();
        assertThat(out("COPY copied TO STDOUT (FORMAT csv, HEADER)"))
                .isEqualTo(
                        """
                        id,t,n,b,d,y
                        1,plain,1.50,t,2024-02-29,\\x00ff
                        2,"tab\there
                        line\r\\back",-0.001,f,,\\x
                        3,"",,,,
                        4,,,,,
                        5,"quote "" comma , it's",0,t,1999-12-31,\\x2c
                        6,\\N,0,t,1999-12-31,
                        7,\u00e4\u6f22\ud83d\ude00,0,t,1999-12-31,
                        8,\\.,0,t,1999-12-31,
                        """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "(FORMAT csv)",
                "(FORMAT csv, HEADER, DELIMITER ';', QUOTE '''', NULL 'nil')",
                "(DELIMITER '|', NULL 'nil')",
                "WITH CSV HEADER"
            })
    void what_goes_out_comes_in_again(String options) throws SQLException, IOException {
        special();
        List<String> before = sql.query("SELECT * FROM copied ORDER BY id");
        String text = out("COPY copied TO STDOUT " + options);
        sql.run("DELETE FROM copied");
        assertThat(in("COPY copied FROM STDIN " + options, text)).isEqualTo(8);
        assertThat(sql.query("SELECT * FROM copied ORDER BY id")).isEqualTo(before);
    }

    @Test
    void columns_may_be_named_and_a_query_copied_out() throws SQLException, IOException {
        assertThat(in("COPY copied (t, id) FROM STDIN", "a\t1\nb\t2\n")).isEqualTo(2);
        assertThat(out("COPY (SELECT t, id * 10 FROM copied ORDER BY id DESC) TO STDOUT"))
                .isEqualTo("b\t20\na\t10\n");
        assertThat(out("COPY copied (id) TO STDOUT")).isEqualTo("1\n2\n");
    }

    @Test
    void escapes_and_line_ends_of_the_text_format_are_read() throws SQLException, IOException {
        assertThat(
                        in(
                                "COPY copied (id, t) FROM STDIN",
                                "1\ta\\x41\\101\\b\n2\ttwo\\\nlines\n3\t\\N\n\\.\n"))
                .isEqualTo(3);
        assertThat(sql.query("SELECT t FROM copied ORDER BY id"))
                .containsExactly("aAA\b", "two\nlines", "NULL");
        assertThat(in("COPY copied (id, t) FROM STDIN", "4\tcr\r\n5\tlf\r\n")).isEqualTo(2);
        assertThat(sql.query("SELECT t FROM copied WHERE id > 3 ORDER BY id"))
                .containsExactly("cr", "lf");
    }

    @Test
    void many_rows_come_in_at_once_or_not_at_all() throws SQLException, IOException {
        StringBuilder rows = new StringBuilder();
        for (int id = 0; id < 20_000; id++) {
            rows.append(id).append("\trow ").append(id).append("\t1\tt\t\\N\t\\N\n");
        }
        assertThat(in("COPY copied FROM STDIN", rows.toString())).isEqualTo(20_000);
        assertThat(sql.value("SELECT count(*), sum(id), max(t) FROM copied"))
                .isEqualTo("20000|199990000|row 9999");
        sql.run("BEGIN", "DELETE FROM copied");
        assertThat(in("COPY copied FROM STDIN", rows.toString())).isEqualTo(20_000);
        sql.run("UPDATE copied SET n = 2 WHERE id < 10", "ROLLBACK");
        assertThat(sql.value("SELECT sum(n) FROM copied")).isEqualTo("20000");
    }

    @Test
    void copy_of_a_table_that_is_not_there_is_an_error() {
        assertThat(sql.state("COPY nothing TO STDOUT")).isEqualTo("42P01");
        assertThat(sql.state("COPY copied (nothing) TO STDOUT")).isEqualTo("42703");
        assertThat(sql.value("SELECT 1")).isEqualTo("1");
    }

    private CopyManager copy() throws SQLException {
        return sql.connection().unwrap(PGConnection.class).getCopyAPI();
    }

    private String out(String statement) throws SQLException, IOException {
        StringWriter text = new StringWriter();
        copy().copyOut(statement, text);
        return text.toString();
    }

    private long in(String statement, String text) throws SQLException, IOException {
        return copy().copyIn(statement, new StringReader(text));
    }
}
