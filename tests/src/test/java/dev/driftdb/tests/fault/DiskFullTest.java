package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.NodeProcess;
import dev.driftdb.tests.support.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that takes no more: the node says so, stops, and has lost nothing when there is room. The
 * limit is one on the size of the process's files, which every Linux has.
 */
@Timeout(300)
final class DiskFullTest {
    private static final int ROOM_BYTES = 300_000;
    private static final Duration END_MAX = Duration.ofSeconds(60);

    @Test
    void a_full_disk_stops_the_node_and_loses_nothing(@TempDir Path data) throws Exception {
        Set<Integer> acknowledged = new TreeSet<>();
        try (NodeProcess node = NodeProcess.start(data, "--commit-timeout-s", "5")) {
            try (Sql sql = node.connect();
                    Statement statement = sql.connection().createStatement()) {
                sql.run("CREATE TABLE t (id integer PRIMARY KEY, v text)");
                Assumptions.assumeTrue(
                        limited(node.pid(), largestLog(data) + ROOM_BYTES),
                        "skipped: prlimit is not there");
                for (int id = 0; id < 10_000; id++) {
                    statement.execute("INSERT INTO t VALUES (" + id + ", repeat('x', 1000))");
                    acknowledged.add(id);
                }
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isIn("08007", "53000", "57P01", "08006", "53100");
            }
            int exit = node.awaitExit(END_MAX);
            assertThat(exit).isNotZero();
            assertThat(String.join("\n", node.output()))
                    .contains("driftdb: stopping because")
                    .containsAnyOf("File too large", "No space left on device");
        }
        assertThat(acknowledged).hasSizeBetween(10, 9_999);
        try (NodeProcess node = NodeProcess.start(data);
                Sql sql = node.connect()) {
            Set<Integer> found = new TreeSet<>();
            sql.query("SELECT id FROM t WHERE length(v) = 1000")
                    .forEach(id -> found.add(Integer.valueOf(id)));
            assertThat(found).containsAll(acknowledged);
            assertThat(found.size()).isLessThanOrEqualTo(acknowledged.size() + 1);
            sql.run("INSERT INTO t VALUES (-1, 'goes on')");
            node.stop();
        }
    }

    /** From now on no file of the process may grow beyond this. */
    private static boolean limited(long pid, long bytes) throws InterruptedException {
        try {
            return new ProcessBuilder("prlimit", "--pid", Long.toString(pid), "--fsize=" + bytes)
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static long largestLog(Path data) throws IOException {
        long largest = 0;
        try (Stream<Path> walk = Files.walk(data.resolve("kafka"))) {
            for (Path file : walk.filter(path -> path.toString().endsWith(".log")).toList()) {
                largest = Math.max(largest, Files.size(file));
            }
        }
        return largest;
    }
}
