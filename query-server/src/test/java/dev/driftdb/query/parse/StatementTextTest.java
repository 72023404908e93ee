package dev.driftdb.query.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of {@code statements.txt}: a line of SQL, then a line with its tree. */
final class StatementTextTest {
    private static final SqlParser PARSER = new SqlParser();

    static Stream<Arguments> statements() throws IOException {
        try (InputStream in = StatementTextTest.class.getResourceAsStream("statements.txt")) {
            List<String> lines =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.isBlank() && !line.startsWith("#"))
                            .toList();
            return Stream.iterate(0, i -> i < lines.size(), i -> i + 2)
                    .map(i -> Arguments.of(lines.get(i), lines.get(i + 1).strip()));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("statements")
    void every_statement_has_its_tree(String sql, String tree) {
        // Twice: the second time with the parser's tables of the first.
        for (int i = 0; i < 2; i++) {
            List<ParsedStatement> parsed = PARSER.parse(sql);
            assertThat(parsed).hasSize(1);
            assertThat(AstText.of(parsed.getFirst().statement())).isEqualTo(tree);
        }
    }
}
