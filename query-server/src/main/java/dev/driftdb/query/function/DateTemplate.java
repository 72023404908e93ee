package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Reads templates of to_char, to_date and to_timestamp for dates and times. */
final class DateTemplate {
    /** Templates kept read; beyond, all are read anew. */
    private static final int KEPT_MAX = 200;

    private static final Map<String, List<Node>> KEPT = new ConcurrentHashMap<>();

    /** Longer patterns before those they start with. */
    private static final List<String> PATTERNS =
            List.of(
                    "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "Day",
                    "Dy", "D", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "FX", "HH24", "HH12", "HH",
                    "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J", "MI", "MM", "MONTH", "MON",
                    "MS", "Month", "Mon", "OF", "P.M.", "PM", "Q", "RM", "SSSSS", "SSSS", "SS",
                    "TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y", "a.d.",
                    "a.m.", "ad", "am", "b.c.", "bc", "cc", "day", "ddd", "dd", "dy", "d", "ff1",
                    "ff2", "ff3", "ff4", "ff5", "ff6", "fx", "hh24", "hh12", "hh", "iddd", "id",
                    "iw", "iyyy", "iyy", "iy", "i", "j", "mi", "mm", "month", "mon", "ms", "of",
                    "p.m.", "pm", "q", "rm", "sssss", "ssss", "ss", "tzh", "tzm", "tz", "us", "ww",
                    "w", "y,yyy", "yyyy", "yyy", "yy", "y");

    /** Patterns whose case says how the text is written. */
    private static final Set<String> CASED =
            Set.of(
                    "AD", "A.D.", "BC", "B.C.", "AM", "A.M.", "PM", "P.M.", "MONTH", "MON", "DAY",
                    "DY", "RM", "TZ");

    private static final Set<String> NO_DIGITS =
            Set.of(
                    "AD", "A.D.", "BC", "B.C.", "AM", "A.M.", "PM", "P.M.", "MONTH", "MON", "DAY",
                    "DY", "RM", "TZ", "TZH", "OF", "FX");

    private static final Map<String, List<String>> BY_FIRST = new HashMap<>();

    static {
        for (String pattern : PATTERNS) {
            BY_FIRST.computeIfAbsent(pattern.substring(0, 1), _ -> new ArrayList<>()).add(pattern);
        }
    }

    enum Kind {
        PATTERN,
        SEPARATOR,
        SPACE,
        TEXT
    }

    /**
     * One part of a template.
     *
     * @param name as written, for messages
     * @param pattern in upper case
     * @param text of a part that is no pattern: one character
     * @param plain FM: no padding, no fixed width
     * @param translated TM: names without padding
     * @param ordinal th or TH behind the pattern, else empty
     */
    record Node(
            Kind kind,
            String name,
            String pattern,
            String text,
            boolean plain,
            boolean translated,
            String ordinal) {
        boolean isDigits() {
            return kind == Kind.PATTERN
                    ? !NO_DIGITS.contains(pattern)
                    : text.length() == 1 && Character.isDigit(text.charAt(0));
        }

        /** Lower case, upper case, or with a capital, as the pattern is written. */
        String cased(String upper) {
            if (!CASED.contains(pattern)) {
                return upper;
            }
            char first = name.charAt(0);
            if (Character.isLowerCase(first)) {
                return upper.toLowerCase(java.util.Locale.ROOT);
            }
            return name.length() > 1 && Character.isLowerCase(name.charAt(1))
                    ? upper.charAt(0) + upper.substring(1).toLowerCase(java.util.Locale.ROOT)
                    : upper;
        }
    }

    private DateTemplate() {}

    static List<Node> read(String template) {
        List<Node> known = KEPT.get(template);
        if (known == null) {
            known = read(template, false);
            if (KEPT.size() < KEPT_MAX) {
                KEPT.put(template, known);
            }
        }
        return known;
    }

    static boolean isSeparator(char c) {
        return c > ' '
                && c < 0x7F
                && !(c >= 'A' && c <= 'Z')
                && !(c >= 'a' && c <= 'z')
                && !(c >= '0' && c <= '9');
    }

    /**
     * @param strict as the SQL standard has it: few separators
     * @throws SqlException 22007
     */
    static List<Node> read(String template, boolean strict) {
        List<Node> nodes = new ArrayList<>();
        int at = 0;
        while (at < template.length()) {
            boolean plain = template.startsWith("FM", at) || template.startsWith("fm", at);
            boolean translated = template.startsWith("TM", at) || template.startsWith("tm", at);
            if (plain || translated) {
                at += 2;
            }
            if (at >= template.length()) {
                break;
            }
            String name = patternAt(template, at);
            if (name != null) {
                at += name.length();
                String ordinal = "";
                if (template.startsWith("TH", at) || template.startsWith("th", at)) {
                    ordinal = template.substring(at, at + 2);
                    at += 2;
                } else if (template.startsWith("SP", at)) {
                    at += 2;
                }
                nodes.add(
                        new Node(
                                Kind.PATTERN,
                                name,
                                name.toUpperCase(java.util.Locale.ROOT),
                                "",
                                plain,
                                translated,
                                ordinal));
                continue;
            }
            char c = template.charAt(at);
            if (c == '"') {
                at = quoted(template, at + 1, nodes);
                continue;
            }
            if (strict && "-./,':; ".indexOf(c) < 0) {
                throw new SqlException(
                        SqlState.INVALID_DATETIME_FORMAT,
                        "invalid datetime format separator: \"" + c + "\"");
            }
            if (!strict && template.startsWith("\\\"", at)) {
                at++;
                c = '"';
            }
            int length = Character.charCount(template.codePointAt(at));
            Kind kind =
                    strict
                            ? c == ' ' ? Kind.SPACE : Kind.SEPARATOR
                            : isSeparator(c) ? Kind.SEPARATOR : isSpace(c) ? Kind.SPACE : Kind.TEXT;
            nodes.add(text(kind, template.substring(at, at + length)));
            at += length;
        }
        return List.copyOf(nodes);
    }

    static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static Node text(Kind kind, String text) {
        return new Node(kind, "", "", text, false, false, "");
    }

    private static int quoted(String template, int from, List<Node> nodes) {
        int at = from;
        while (at < template.length()) {
            if (template.charAt(at) == '"') {
                return at + 1;
            }
            if (template.charAt(at) == '\\' && at + 1 < template.length()) {
                at++;
            }
            int length = Character.charCount(template.codePointAt(at));
            nodes.add(text(Kind.TEXT, template.substring(at, at + length)));
            at += length;
        }
        return at;
    }

    private static @Nullable String patternAt(String template, int at) {
        for (String pattern : BY_FIRST.getOrDefault(template.substring(at, at + 1), List.of())) {
            if (template.startsWith(pattern, at)) {
                return pattern;
            }
        }
        return null;
    }
}
