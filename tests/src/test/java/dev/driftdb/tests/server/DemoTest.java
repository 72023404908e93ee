package dev.driftdb.tests.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.query.server.DriftDb;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class DemoTest {
    @Test
    void the_demo_tells_its_story_and_leaves_nothing_behind() throws IOException {
        List<Path> before = directories();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = DriftDb.run(new String[] {"demo"}, new PrintWriter(out), new PrintWriter(err));
        assertThat(out.toString())
                .contains("driftdb=> UPDATE accounts SET balance = 0;\nUPDATE 3\n")
                .contains(
                        "  1 | Ada   |  379.50\n  2 | Brian |  300.00\n  3 | Chidi |  320.50\n(3 rows)")
                .contains("  3 | Chidi |    0.00\n(3 rows)")
                .contains("| u  | 3 Chidi 0.00   | 3 Chidi 320.50\n(11 rows)")
                .contains("The end.")
                .doesNotContain("failed");
        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        assertThat(directories()).isSubsetOf(before);
    }

    private static List<Path> directories() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(path -> path.getFileName().toString().startsWith("driftdb-demo"))
                    .toList();
        }
    }
}
