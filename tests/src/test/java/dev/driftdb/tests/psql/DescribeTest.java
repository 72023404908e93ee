package dev.driftdb.tests.psql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.PsqlRunner;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** psql's backslash commands; the expected texts are those of psql 15 on PostgreSQL 15. */
@ExtendWith(TestNode.class)
@Timeout(60)
final class DescribeTest {
    @BeforeAll
    static void tables() {
        try (Sql sql = TestNode.connect()) {
            sql.run(
                    "CREATE SCHEMA described",
                    "CREATE TABLE described.thing (id serial PRIMARY KEY, name varchar(10) NOT NULL,"
                            + " price numeric(8,2) DEFAULT 1.5, n integer CHECK (n > 0), UNIQUE (name))",
                    "CREATE INDEX thing_price ON described.thing (price)",
                    "CREATE VIEW described.cheap AS SELECT id FROM described.thing WHERE price < 2");
        }
    }

    @Test
    void d_of_a_table_shows_columns_indexes_and_constraints()
            throws IOException, InterruptedException {
        assertThat(psql("\\d described.thing"))
                .isEqualTo(
                        """
                                                               Table "described.thing"
                         Column |         Type          | Collation | Nullable |                   Default
                        --------+-----------------------+-----------+----------+---------------------------------------------
                         id     | integer               |           | not null | nextval('described.thing_id_seq'::regclass)
                         name   | character varying(10) |           | not null |
                         price  | numeric(8,2)          |           |          | 1.5
                         n      | integer               |           |          |
                        Indexes:
                            "thing_pkey" PRIMARY KEY, btree (id)
                            "thing_name_key" UNIQUE CONSTRAINT, btree (name)
                            "thing_price" btree (price)
                        Check constraints:
                            "thing_n_check" CHECK (n > 0)

                        """);
    }

    @Test
    void dt_lists_the_tables() throws IOException, InterruptedException {
        assertThat(psql("\\dt described.*"))
                .isEqualTo(
                        """
                                  List of relations
                          Schema   | Name  | Type  |  Owner
                        -----------+-------+-------+---------
                         described | thing | table | driftdb
                        (1 row)

                        """);
    }

    @Test
    void d_lists_all_relations() throws IOException, InterruptedException {
        assertThat(psql("SET search_path = described;\n\\d"))
                .isEqualTo(
                        """
                        SET
                                       List of relations
                          Schema   |     Name     |   Type   |  Owner
                        -----------+--------------+----------+---------
                         described | cheap        | view     | driftdb
                         described | thing        | table    | driftdb
                         described | thing_id_seq | sequence | driftdb
                        (3 rows)

                        """);
    }

    @Test
    void the_other_commands_answer_without_an_error() throws IOException, InterruptedException {
        for (String command :
                new String[] {
                    "\\l",
                    "\\du",
                    "\\dn",
                    "\\di described.*",
                    "\\dv described.*",
                    "\\ds described.*",
                    "\\df abs",
                    "\\dT",
                    "\\d described.cheap",
                    "\\dp",
                    "\\conninfo",
                    "\\dt+"
                }) {
            assertThat(psql(command)).as(command).doesNotContain("ERROR").isNotBlank();
        }
        assertThat(psql("\\l")).contains("driftdb");
        assertThat(psql("\\du")).contains("driftdb");
    }

    /** Trailing blanks of lines say nothing. */
    private static String psql(String commands) throws IOException, InterruptedException {
        return PsqlRunner.run(TestNode.DATABASE, commands + "\n").replaceAll("(?m) +$", "");
    }
}
