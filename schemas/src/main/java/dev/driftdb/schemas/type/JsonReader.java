package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON text with PostgreSQL's messages. The token after the current one is always read
 * already, so a bad token is reported before a misplaced one.
 */
final class JsonReader {
    private enum Kind {
        OBJECT_START,
        OBJECT_END,
        ARRAY_START,
        ARRAY_END,
        COMMA,
        COLON,
        STRING,
        NUMBER,
        TRUE,
        FALSE,
        NULL,
        END
    }

    private final String typeName;
    private final String text;

    /** Whether escapes of strings are resolved: those of json need only look right. */
    private final boolean escapes;

    private Kind kind = Kind.END;
    private int start;
    private int at;
    private String string = "";
    private int depth;

    JsonReader(String typeName, String text, boolean escapes) {
        this.typeName = typeName;
        this.text = text;
        this.escapes = escapes;
    }

    /**
     * @throws SqlException 22P02, 22P05, 54001
     */
    Json read() {
        advance();
        Json value = value();
        if (kind != Kind.END) {
            throw unexpected("Expected end of input");
        }
        return value;
    }

    private SqlException invalid(String detail) {
        return new SqlException(
                        SqlState.INVALID_TEXT_REPRESENTATION,
                        "invalid input syntax for type " + typeName)
                .withDetail(detail);
    }

    private SqlException unexpected(String expected) {
        return kind == Kind.END
                ? invalid("The input string ended unexpectedly.")
                : invalid(expected + ", but found \"" + text.substring(start, at) + "\".");
    }

    private Json value() {
        if (depth == Json.DEPTH_MAX) {
            throw new SqlException(SqlState.STATEMENT_TOO_COMPLEX, "stack depth limit exceeded")
                    .withHint("JSON may be nested " + Json.DEPTH_MAX + " levels deep.");
        }
        return switch (kind) {
            case OBJECT_START -> {
                depth++;
                Json object = object();
                depth--;
                yield object;
            }
            case ARRAY_START -> {
                depth++;
                Json array = array();
                depth--;
                yield array;
            }
            case STRING -> last(new Json.Str(string));
            case NUMBER -> {
                String digits = text.substring(start, at);
                yield last(
                        new Json.Num(
                                escapes
                                        ? Numeric.of(NumberText.parseDecimal(digits)).decimal()
                                        : BigDecimal.ZERO));
            }
            case TRUE, FALSE -> last(new Json.Bool(kind == Kind.TRUE));
            case NULL -> last(new Json.Null());
            default -> throw unexpected("Expected JSON value");
        };
    }

    /** A value of one token, which is left behind. */
    private Json last(Json value) {
        advance();
        return value;
    }

    private Json object() {
        Map<String, Json> members = new LinkedHashMap<>();
        advance();
        if (kind == Kind.STRING) {
            member(members);
            while (kind == Kind.COMMA) {
                advance();
                if (kind != Kind.STRING) {
                    throw unexpected("Expected string");
                }
                member(members);
            }
        } else if (kind != Kind.OBJECT_END) {
            throw unexpected("Expected string or \"}\"");
        }
        if (kind != Kind.OBJECT_END) {
            throw unexpected("Expected \",\" or \"}\"");
        }
        advance();
        return Json.Obj.of(members);
    }

    private void member(Map<String, Json> members) {
        String name = string;
        advance();
        if (kind != Kind.COLON) {
            throw unexpected("Expected \":\"");
        }
        advance();
        members.put(name, value());
    }

    private Json array() {
        List<Json> items = new ArrayList<>();
        advance();
        if (kind != Kind.ARRAY_END) {
            items.add(value());
            while (kind == Kind.COMMA) {
                advance();
                items.add(value());
            }
        }
        if (kind != Kind.ARRAY_END) {
            throw unexpected("Expected \",\" or \"]\"");
        }
        advance();
        return new Json.Arr(items);
    }

    // ---- tokens ----

    private void advance() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        start = at;
        if (at == text.length()) {
            kind = Kind.END;
            return;
        }
        char c = text.charAt(at);
        Kind mark =
                switch (c) {
                    case '{' -> Kind.OBJECT_START;
                    case '}' -> Kind.OBJECT_END;
                    case '[' -> Kind.ARRAY_START;
                    case ']' -> Kind.ARRAY_END;
                    case ',' -> Kind.COMMA;
                    case ':' -> Kind.COLON;
                    default -> null;
                };
        if (mark != null) {
            at++;
            kind = mark;
        } else if (c == '"') {
            readString();
            kind = Kind.STRING;
        } else if (c == '-' || isDigit(c)) {
            readNumber();
            kind = Kind.NUMBER;
        } else {
            while (at < text.length() && isWordPart(text.charAt(at))) {
                at++;
            }
            kind = word();
        }
    }

    private Kind word() {
        if (at == start) {
            at++;
            throw badToken();
        }
        return switch (text.substring(start, at)) {
            case "true" -> Kind.TRUE;
            case "false" -> Kind.FALSE;
            case "null" -> Kind.NULL;
            default -> throw badToken();
        };
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWordPart(char c) {
        return isDigit(c)
                || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || c > 0x7F;
    }

    private SqlException badToken() {
        return invalid("Token \"" + text.substring(start, at) + "\" is invalid.");
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean digits() {
        int from = at;
        while (isDigit(peek())) {
            at++;
        }
        return at > from;
    }

    private void readNumber() {
        boolean valid = true;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            valid = digits();
        }
        if (peek() == '.') {
            at++;
            valid &= digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            valid &= digits();
        }
        while (at < text.length() && isWordPart(text.charAt(at))) {
            at++;
            valid = false;
        }
        if (!valid) {
            throw badToken();
        }
    }

    private void readString() {
        at++;
        // Most strings have no escapes: these are cut out of the text.
        int from = at;
        StringBuilder out = null;
        int high = -1;
        while (true) {
            if (at >= text.length()) {
                throw badToken();
            }
            char c = text.charAt(at);
            if (c == '"') {
                break;
            }
            if (c < ' ') {
                throw invalid(
                        String.format(
                                Locale.ROOT,
                                "Character with value 0x%02x must be escaped.",
                                (int) c));
            }
            if (c != '\\') {
                if (high >= 0) {
                    throw lowMissing();
                }
                if (out != null) {
                    out.append(c);
                }
                at++;
                continue;
            }
            if (out == null) {
                out = new StringBuilder(text.substring(from, at));
            }
            high = escape(out, high);
        }
        if (high >= 0) {
            throw lowMissing();
        }
        string = out == null ? text.substring(from, at) : out.toString();
        at++;
    }

    private SqlException lowMissing() {
        return invalid("Unicode low surrogate must follow a high surrogate.");
    }

    /** Returns the high surrogate that waits for its other half, -1 for none. */
    private int escape(StringBuilder out, int high) {
        at++;
        if (at >= text.length()) {
            throw badToken();
        }
        char c = text.charAt(at);
        if (c == 'u') {
            return unicode(out, high);
        }
        if (high >= 0) {
            throw lowMissing();
        }
        Character plain = plainEscape(c);
        if (plain == null) {
            int end = text.offsetByCodePoints(at, 1);
            throw invalid("Escape sequence \"\\" + text.substring(at, end) + "\" is invalid.");
        }
        out.append(plain.charValue());
        at++;
        return -1;
    }

    private static @Nullable Character plainEscape(char c) {
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> null;
        };
    }

    private int unicode(StringBuilder out, int high) {
        int code = 0;
        for (int i = 1; i <= 4; i++) {
            if (at + i >= text.length()) {
                at = text.length();
                throw badToken();
            }
            int digit = Character.digit(text.charAt(at + i), 16);
            if (digit < 0 || text.charAt(at + i) > 'f') {
                throw invalid("\"\\u\" must be followed by four hexadecimal digits.");
            }
            code = code * 16 + digit;
        }
        at += 5;
        if (!escapes) {
            out.append((char) code);
            return -1;
        }
        if (Character.isHighSurrogate((char) code)) {
            if (high >= 0) {
                throw invalid("Unicode high surrogate must not follow a high surrogate.");
            }
            return code;
        }
        if (Character.isLowSurrogate((char) code) != high >= 0) {
            throw lowMissing();
        }
        if (code == 0) {
            throw new SqlException(
                            SqlState.UNTRANSLATABLE_CHARACTER,
                            "unsupported Unicode escape sequence")
                    .withDetail("\\u0000 cannot be converted to text.");
        }
        if (high >= 0) {
            out.append((char) high);
        }
        out.append((char) code);
        return -1;
    }
}
