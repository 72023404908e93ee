package dev.driftdb.tests.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import dev.driftdb.tests.time.RandomHistory.Moment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random changes and definitions; after each commit plain SELECTs are remembered with the commit's
 * offset. Later every way to read that offset must show exactly what was seen then.
 */
@ExtendWith(TestNode.class)
@Timeout(150)
final class AsOfOracleTest {
    private static final int OFFSETS = 200;

    private final long seed = Long.getLong("driftdb.seed", System.nanoTime());
    private final RandomHistory history = new RandomHistory(seed);

    @Test
    void every_offset_reads_as_it_was() {
        List<Moment> moments = new ArrayList<>();
        try (Sql sql = TestNode.connect()) {
            history.begin(sql);
            long last = -1;
            while (moments.size() < OFFSETS) {
                history.step(sql);
                Moment moment = RandomHistory.moment(sql);
                if (moment.offset() != last) {
                    moments.add(moment);
                    last = moment.offset();
                }
            }
        }
        for (Moment moment : moments) {
            check(moment);
        }
    }

    private void check(Moment moment) {
        String n = String.valueOf(moment.offset());
        String what = "offset %s, -Ddriftdb.seed=%d".formatted(n, seed);
        try (Sql sql = TestNode.connect()) {
            assertThat(
                            RandomHistory.answers(
                                    sql,
                                    RandomHistory.queries(" FOR SYSTEM_TIME AS OF OFFSET " + n)))
                    .as("FOR SYSTEM_TIME AS OF, " + what)
                    .isEqualTo(moment.answers());
            sql.run("SET driftdb.as_of = '" + n + "'");
            assertThat(RandomHistory.answers(sql, RandomHistory.queries("")))
                    .as("driftdb.as_of, " + what)
                    .isEqualTo(moment.answers());
        }
        try (Sql sql = TestNode.connect(TestNode.DATABASE + "@" + n)) {
            assertThat(RandomHistory.answers(sql, RandomHistory.queries("")))
                    .as("driftdb@" + n + ", " + what)
                    .isEqualTo(moment.answers());
        }
    }
}
