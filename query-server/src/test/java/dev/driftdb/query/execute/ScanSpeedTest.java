package dev.driftdb.query.execute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How fast rows pass a filtered scan and a point read, without a store below. */
final class ScanSpeedTest {
    private static final Logger LOG = LoggerFactory.getLogger(ScanSpeedTest.class);
    private static final int ROWS = 200_000;
    private static final int ROUNDS = 8;

    @Test
    void a_filtered_scan_answers_the_right_rows_and_says_how_fast() {
        MemoryDatabase db =
                new MemoryDatabase()
                        .table("t", List.of("id int4", "k int8", "a text", "b text"), "id");
        if (!(db.catalog().findRelation(SchemaDef.PUBLIC, "t") instanceof TableDef table)) {
            throw new AssertionError("no table");
        }
        for (long i = 0; i < ROWS; i++) {
            db.stored().load(table, new Object[] {i, i % 100, "some text", "more text " + i});
        }
        ExecutablePlan plan = db.plan("SELECT id, b FROM t WHERE k = 7");
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long rows = 0;
            try (ExecutablePlan.Execution run = plan.open(db)) {
                while (run.next() != null) {
                    rows++;
                }
            }
            best = Math.max(best, ROWS * 1e9 / (System.nanoTime() - start));
            assertThat(rows).isEqualTo(ROWS / 100);
        }
        LOG.info("filtered scan: {} rows/s", Math.round(best));
        ExecutablePlan point = db.plan("SELECT b FROM t WHERE id = 4711");
        double bestPoint = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < ROWS; i++) {
                try (ExecutablePlan.Execution run = point.open(db)) {
                    if (run.next() == null) {
                        throw new AssertionError("no row");
                    }
                }
            }
            bestPoint = Math.max(bestPoint, ROWS * 1e9 / (System.nanoTime() - start));
        }
        LOG.info("point reads: {}/s", Math.round(bestPoint));
    }
}
