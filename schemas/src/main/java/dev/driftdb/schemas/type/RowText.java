package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Literals of rows: {@code (1,"a b",)}, where nothing between two commas is NULL. */
final class RowText {
    private final SqlType type;
    private final String text;
    private final FormatSettings settings;
    private int at;

    private RowText(SqlType type, String text, FormatSettings settings) {
        this.type = type;
        this.text = text;
        this.settings = settings;
    }

    static SqlRow parse(SqlType type, String text, FormatSettings settings) {
        if (!(type.definition() instanceof UserType.Composite composite)) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "input of anonymous composite types is not implemented");
        }
        return new RowText(type, text, settings).read(composite);
    }

    private SqlRow read(UserType.Composite composite) {
        skipSpace();
        if (peek() != '(') {
            throw malformed("Missing left parenthesis.");
        }
        at++;
        List<UserType.Attribute> attributes = composite.visible();
        List<@Nullable Object> values = new ArrayList<>(attributes.size());
        for (UserType.Attribute attribute : attributes) {
            if (!values.isEmpty()) {
                if (peek() != ',') {
                    throw malformed("Too few columns.");
                }
                at++;
            }
            String field = field();
            values.add(field == null ? null : TextFormat.parse(attribute.type(), field, settings));
        }
        if (peek() != ')') {
            throw malformed("Too many columns.");
        }
        at++;
        skipSpace();
        if (at != text.length()) {
            throw malformed("Junk after right parenthesis.");
        }
        return composite.row(values);
    }

    private @Nullable String field() {
        if (peek() == ',' || peek() == ')') {
            return null;
        }
        StringBuilder out = new StringBuilder();
        boolean quoted = false;
        while (quoted || (peek() != ',' && peek() != ')')) {
            if (at >= text.length()) {
                throw malformed("Unexpected end of input.");
            }
            char c = text.charAt(at++);
            if (c == '\\') {
                if (at >= text.length()) {
                    throw malformed("Unexpected end of input.");
                }
                out.append(text.charAt(at++));
            } else if (c == '"') {
                if (quoted && peek() == '"') {
                    out.append('"');
                    at++;
                } else {
                    quoted = !quoted;
                }
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipSpace() {
        while (at < text.length() && TextFormat.isSpace(text.charAt(at))) {
            at++;
        }
    }

    private SqlException malformed(String detail) {
        return new SqlException(
                        SqlState.INVALID_TEXT_REPRESENTATION,
                        "malformed record literal: \"" + text + "\"")
                .withDetail(detail);
    }
}
