package dev.driftdb.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void quantiles_are_times_that_were_measured() {
        Timings timings = new Timings(LongStream.rangeClosed(1, 100).toArray(), 2);
        assertThat(timings.quantile(0)).isEqualTo(1);
        assertThat(timings.median()).isEqualTo(50);
        assertThat(timings.quantile(0.99)).isEqualTo(99);
        assertThat(timings.quantile(1)).isEqualTo(100);
        assertThat(timings.perSecond()).isEqualTo(50);
    }

    @Test
    void rounds_count_as_one_load() {
        Timings rounds =
                Timings.of(
                        List.of(
                                new Timings(new long[] {3, 1}, 1),
                                new Timings(new long[0], 1),
                                new Timings(new long[] {2, 4}, 2)));
        assertThat(rounds.quantile(1)).isEqualTo(4);
        assertThat(rounds.perSecond()).isEqualTo(1);
    }

    @Test
    void nothing_measured_is_no_figure() {
        assertThatThrownBy(() -> new Timings(new long[0], 1).median())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void the_first_failure_of_a_worker_ends_the_load() {
        Load.WorkerFactory failing =
                () ->
                        () -> {
                            throw new IllegalStateException("wrong answer");
                        };
        assertThatThrownBy(() -> Load.run(2, Duration.ofMinutes(1), Duration.ofMinutes(1), failing))
                .hasMessage("wrong answer");
    }

    @Test
    void the_table_judges_what_has_a_target() {
        FigureTable table = new FigureTable(true);
        table.addPeer("floor", "1 ms");
        table.add("commit", "3 ms", "1 ms", 3, Target.atMost(2.5));
        table.addJudged("scan", "600,000 rows/s", 600_000, " rows/s", Target.atLeast(500_000));
        assertThat(printed(table))
                .isEqualTo(
                        """
                        benchmark | DriftDB        | floor or peer | ratio | target            | met
                        ----------|----------------|---------------|-------|-------------------|----
                        floor     | -              | 1 ms          | -     | -                 | -
                        commit    | 3 ms           | 1 ms          | 3.00  | <= 2.50           | no
                        scan      | 600,000 rows/s | -             | -     | >= 500,000 rows/s | yes
                        """);
    }

    @Test
    void the_table_of_a_tiny_run_judges_nothing() {
        FigureTable table = new FigureTable(false);
        table.add("commit", "3 ms", "1 ms", 3, Target.atMost(2.5));
        assertThat(printed(table)).endsWith("| <= 2.50 | -\n");
    }

    @Test
    void scanned_values_are_each_number_once() {
        int rows = 10_000;
        assertThat(
                        LongStream.range(0, rows)
                                .map(id -> ScanBenchmark.scattered(id, rows))
                                .distinct())
                .hasSize(rows)
                .allMatch(value -> value >= 0 && value < rows);
    }

    private static String printed(FigureTable table) {
        StringWriter text = new StringWriter();
        table.print(new PrintWriter(text));
        return text.toString().replace(System.lineSeparator(), "\n");
    }
}
