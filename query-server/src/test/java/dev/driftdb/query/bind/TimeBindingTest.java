package dev.driftdb.query.bind;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Points in time. */
class TimeBindingTest {
    @Test
    void a_table_is_read_at_the_offset_of_its_clause() {
        assertThat(Shop.plan("SELECT * FROM users FOR SYSTEM_TIME AS OF OFFSET 120 WHERE id = 1"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 email
                          Filter (#0 = 1:int4)
                            Scan users @120\
                        """);
    }

    @Test
    void a_table_does_not_exist_before_it_was_made() {
        assertThat(Shop.error("SELECT * FROM users FOR SYSTEM_TIME AS OF OFFSET 50"))
                .isEqualTo("42P01 relation \"users\" does not exist at 15");
    }

    @Test
    void versions_have_pseudo_columns() {
        assertThat(Shop.plan("SELECT id, _op, _offset_to FROM users FOR SYSTEM_TIME ALL"))
                .isEqualTo(
                        """
                        Project #0 id, #7 _op, #4 _offset_to
                          Scan users @horizon..9223372036854775807 +pseudo\
                        """);
    }

    @Test
    void a_plain_scan_tells_when_its_rows_were_written() {
        assertThat(Shop.plan("SELECT id, _offset_from FROM users WHERE id = 1"))
                .isEqualTo(
                        """
                        Project #0 id, #3 _offset_from
                          Filter (#0 = 1:int4)
                            Scan users +pseudo\
                        """);
    }

    @Test
    void a_plain_scan_has_no_other_pseudo_columns() {
        assertThat(Shop.error("SELECT _op FROM users"))
                .isEqualTo("42703 column \"_op\" does not exist at 8");
    }

    @Test
    void a_whole_statement_reads_at_one_offset() {
        assertThat(Shop.plan("SELECT * FROM users AS OF SYSTEM TIME '-10s'"))
                .isEqualTo(
                        """
                        Project #0 id, #1 name, #2 email
                          Scan users @150\
                        """);
    }
}
