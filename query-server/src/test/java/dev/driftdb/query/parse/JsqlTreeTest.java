package dev.driftdb.query.parse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JsqlTreeTest {
    @Test
    void idle_parsers_hold_no_trees_but_their_last_ones() {
        SqlParser parser = new SqlParser();
        for (int i = 0; i < 2_000; i++) {
            parser.parse("SELECT a, b FROM t WHERE c = " + i + " ORDER BY a");
        }
        assertThat(JsqlTree.nodesHeld()).isLessThan(1_000);
    }
}
