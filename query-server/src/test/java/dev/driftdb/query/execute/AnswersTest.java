package dev.driftdb.query.execute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * Queries of {@code answers.txt} with what PostgreSQL 15 answers them: aggregates, functions that
 * answer rows, catalog functions, rows as JSON, forms of FROM.
 */
final class AnswersTest {
    private record Case(String sql, String answer) {}

    private static List<Case> cases() throws IOException {
        try (InputStream in = AnswersTest.class.getResourceAsStream("answers.txt")) {
            String text =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            List<Case> cases = new ArrayList<>();
            for (String part : text.split("(?m)^SQL ", -1)) {
                int end = part.indexOf('\n');
                if (end > 0) {
                    cases.add(
                            new Case(
                                    part.substring(0, end),
                                    part.substring(end + 1).stripTrailing()));
                }
            }
            return cases;
        }
    }

    @Test
    void queries_answer_what_postgresql_answers() throws IOException {
        MemoryDatabase db =
                new MemoryDatabase()
                        .table("t", List.of("id int4", "a int4", "b text"), "id")
                        .index("t", "t_a", false, "a")
                        .sequence("s");
        db.run("INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y\"z'), (3, NULL, NULL)");
        List<Case> cases = cases();
        assertThat(cases).hasSizeGreaterThan(50);
        SoftAssertions all = new SoftAssertions();
        for (Case one : cases) {
            String answer;
            try {
                answer = String.join("\n", db.query(one.sql())).stripTrailing();
            } catch (RuntimeException e) {
                answer = e.toString();
            }
            all.assertThat(answer).as(one.sql()).isEqualTo(one.answer());
        }
        all.assertAll();
    }
}
