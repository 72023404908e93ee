package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A compiled LIKE pattern. Patterns of plain text with at most a % at either end become string
 * searches; the others are matched segment by segment, in linear time for each segment. Immutable.
 */
final class LikePattern {
    /** Stands for _ in a segment: one character, whichever. Not a Unicode character. */
    private static final int ANY_ONE = -1;

    /** Stands for a lone escape character at the end of the pattern. */
    private static final int ESCAPE_AT_END = -2;

    private enum Kind {
        EXACT,
        PREFIX,
        SUFFIX,
        CONTAINS,
        SEGMENTS
    }

    private final Kind kind;
    private final String literal;
    private final boolean ignoreCase;
    private final List<int[]> segments;
    private final boolean openStart;
    private final boolean openEnd;

    private LikePattern(
            Kind kind,
            String literal,
            boolean ignoreCase,
            List<int[]> segments,
            boolean openStart,
            boolean openEnd) {
        this.kind = kind;
        this.literal = literal;
        this.ignoreCase = ignoreCase;
        this.segments = segments;
        this.openStart = openStart;
        this.openEnd = openEnd;
    }

    /**
     * @param escape the escape character as text, empty for none
     */
    static LikePattern compile(String pattern, String escape, boolean ignoreCase) {
        if (escape.codePointCount(0, escape.length()) > 1) {
            throw new SqlException(SqlState.INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                    .withHint("Escape string must be empty or one character.");
        }
        int escapeChar = escape.isEmpty() ? -2 : escape.codePointAt(0);
        List<int[]> segments = new ArrayList<>();
        List<Integer> current = new ArrayList<>();
        int[] chars = pattern.codePoints().toArray();
        boolean openStart = false;
        boolean openEnd = false;
        for (int i = 0; i < chars.length; i++) {
            int c = chars[i];
            openEnd = false;
            if (c == escapeChar) {
                if (++i == chars.length) {
                    // An error, but only for a text that matches so far.
                    current.add(ESCAPE_AT_END);
                    break;
                }
                current.add(fold(chars[i], ignoreCase));
            } else if (c == '%') {
                if (current.isEmpty() && segments.isEmpty()) {
                    openStart = true;
                }
                flush(current, segments);
                openEnd = true;
            } else {
                current.add(c == '_' ? ANY_ONE : fold(c, ignoreCase));
            }
        }
        flush(current, segments);
        return of(segments, openStart, openEnd, ignoreCase);
    }

    private static void flush(List<Integer> current, List<int[]> segments) {
        if (!current.isEmpty()) {
            segments.add(current.stream().mapToInt(Integer::intValue).toArray());
            current.clear();
        }
    }

    private static LikePattern of(
            List<int[]> segments, boolean openStart, boolean openEnd, boolean ignoreCase) {
        boolean simple = segments.size() <= 1;
        String literal = "";
        for (int[] segment : segments) {
            for (int c : segment) {
                simple &= c >= 0;
            }
            literal = simple ? new String(segment, 0, segment.length) : "";
        }
        Kind kind;
        if (!simple) {
            kind = Kind.SEGMENTS;
        } else if (openStart && openEnd) {
            kind = Kind.CONTAINS;
        } else if (openStart) {
            kind = Kind.SUFFIX;
        } else {
            kind = openEnd ? Kind.PREFIX : Kind.EXACT;
        }
        return new LikePattern(kind, literal, ignoreCase, segments, openStart, openEnd);
    }

    private static int fold(int c, boolean ignoreCase) {
        return ignoreCase ? Character.toLowerCase(c) : c;
    }

    boolean matches(String text) {
        String s = ignoreCase ? foldText(text) : text;
        return switch (kind) {
            case EXACT -> s.equals(literal);
            case PREFIX -> s.startsWith(literal);
            case SUFFIX -> s.endsWith(literal);
            case CONTAINS -> s.contains(literal);
            case SEGMENTS -> matchSegments(s.codePoints().toArray());
        };
    }

    private static String foldText(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.length() == text.length()
                ? lower
                : text.codePoints()
                        .map(Character::toLowerCase)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString();
    }

    private boolean matchSegments(int[] text) {
        int at = 0;
        int first = 0;
        int last = segments.size();
        int end = text.length;
        if (!openStart) {
            int[] head = segments.getFirst();
            if (!matchesAt(text, end, 0, head)) {
                return false;
            }
            at = head.length;
            first = 1;
        }
        if (!openEnd) {
            if (first == last) {
                return at == end;
            }
            int[] tail = segments.getLast();
            if (end - tail.length < at || !matchesAt(text, end, end - tail.length, tail)) {
                return false;
            }
            end -= tail.length;
            last--;
        }
        // Between %s the leftmost match of each segment is always good enough.
        for (int i = first; i < last; i++) {
            int[] segment = segments.get(i);
            while (!matchesAt(text, end, at, segment)) {
                if (++at + segment.length > end) {
                    return false;
                }
            }
            at += segment.length;
        }
        return true;
    }

    private static SqlException endsInEscape() {
        return new SqlException(
                SqlState.INVALID_ESCAPE_SEQUENCE,
                "LIKE pattern must not end with escape character");
    }

    private static boolean matchesAt(int[] text, int end, int at, int[] segment) {
        if (at + segment.length > end) {
            return false;
        }
        for (int i = 0; i < segment.length; i++) {
            if (segment[i] == ESCAPE_AT_END) {
                throw endsInEscape();
            }
            if (segment[i] != ANY_ONE && segment[i] != text[at + i]) {
                return false;
            }
        }
        return true;
    }
}
