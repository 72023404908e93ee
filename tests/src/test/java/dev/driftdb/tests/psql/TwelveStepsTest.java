package dev.driftdb.tests.psql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.support.PsqlRunner;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A session of twelve steps shows what it shows on PostgreSQL, errors included. The expected text
 * was made with PostgreSQL 15 on an empty database: {@code psql -X < twelve-steps.sql >
 * twelve-steps.expected 2>&1}.
 */
@ExtendWith(TestNode.class)
@Timeout(60)
final class TwelveStepsTest {
    @Test
    void twelve_steps_show_what_postgresql_shows() throws IOException, InterruptedException {
        Path resources = Path.of("src/test/resources/psql");
        String script = Files.readString(resources.resolve("twelve-steps.sql"));
        assertThat(PsqlRunner.run(TestNode.DATABASE, script))
                .isEqualTo(Files.readString(resources.resolve("twelve-steps.expected")));
    }
}
