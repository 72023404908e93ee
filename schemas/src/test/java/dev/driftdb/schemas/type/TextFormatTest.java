package dev.driftdb.schemas.type;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.schemas.error.SqlException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Every line of types/input-output.txt gives what PostgreSQL 15 gave. */
class TextFormatTest {
    @Test
    void input_and_output_are_as_in_postgres() throws IOException {
        List<String> wrong = new ArrayList<>();
        try (InputStream in = getClass().getResourceAsStream("/types/input-output.txt")) {
            String file =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            for (String line : file.split("\n")) {
                if (!line.startsWith("#")) {
                    check(line, wrong);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static void check(String line, List<String> wrong) {
        String[] parts = line.split("\t", -1);
        String expected = parts[3];
        String actual;
        try {
            SqlType type = type(parts[0]);
            Object value = TextFormat.parse(type, unescape(parts[1]), FormatSettings.UTC);
            actual = escape(TextFormat.format(type, value, FormatSettings.UTC));
        } catch (SqlException e) {
            actual = "!" + e.state().code();
        } catch (RuntimeException e) {
            actual = e.toString();
        }
        if (!actual.equals(expected)) {
            wrong.add(line + "\n     but was: " + actual + "\n");
        }
    }

    private static SqlType type(String name) {
        String plain = name.replace("\"", "").replace("[]", "");
        SqlType type = Objects.requireNonNull(Types.findByName(plain), name);
        return name.endsWith("[]") ? Types.arrayOf(type) : type;
    }

    static String unescape(String s) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '\\') {
                char next = s.charAt(++i);
                out.append(next == 'n' ? '\n' : next == 't' ? '\t' : next);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String escape(String s) {
        return s.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
    }
}
