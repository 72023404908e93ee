package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * PostgreSQL's advanced regular expressions on top of java.util.regex. The two agree in most; the
 * escapes and bracket classes that differ are rewritten. One real difference stays: where several
 * alternatives match, PostgreSQL takes the longest and this the first.
 */
final class Regex {
    private Regex() {}

    /**
     * @param flags PostgreSQL's option letters; g is the callers' and ignored here
     */
    static Pattern compile(String regex, String flags) {
        int options = Pattern.DOTALL | Pattern.UNICODE_CASE;
        boolean literal = false;
        for (int i = 0; i < flags.length(); i++) {
            char flag = flags.charAt(i);
            switch (flag) {
                case 'i' -> options |= Pattern.CASE_INSENSITIVE;
                case 'c' -> options &= ~Pattern.CASE_INSENSITIVE;
                case 'n', 'm' -> options = (options | Pattern.MULTILINE) & ~Pattern.DOTALL;
                case 'p' -> options &= ~Pattern.DOTALL;
                case 'w' -> options |= Pattern.MULTILINE;
                case 's' -> options = (options | Pattern.DOTALL) & ~Pattern.MULTILINE;
                case 'x' -> options |= Pattern.COMMENTS;
                case 'q' -> literal = true;
                case 't', 'e', 'g' -> {
                    // The defaults, and what callers look at.
                }
                default ->
                        throw SqlErrors.invalidParameter(
                                "invalid regular expression option: \"" + flag + "\"");
            }
        }
        String source = regex;
        if (source.startsWith("***=")) {
            literal = true;
            source = source.substring(4);
        } else if (source.startsWith("***:")) {
            source = source.substring(4);
        }
        if (!literal && source.startsWith("(?") && source.indexOf(')') > 2) {
            // Options at the start, (?i), as PostgreSQL letters.
            String letters = source.substring(2, source.indexOf(')'));
            if (letters.chars().allMatch(c -> "bceimnpqstwx".indexOf(c) >= 0)) {
                return compile(source.substring(letters.length() + 3), flags + letters);
            }
        }
        try {
            return Pattern.compile(
                    literal ? Pattern.quote(source) : translate(source),
                    options | Pattern.UNIX_LINES);
        } catch (PatternSyntaxException e) {
            throw new SqlException(
                    SqlState.INVALID_REGULAR_EXPRESSION,
                    "invalid regular expression: " + e.getDescription());
        }
    }

    private static String translate(String regex) {
        StringBuilder out = new StringBuilder(regex.length() + 16);
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '\\' && i + 1 < regex.length()) {
                i = escape(regex, i + 1, out);
            } else if (c == '[') {
                i = bracket(regex, i, out);
            } else if ((c == '+' || c == '{')
                    && i > 0
                    && "*+?}".indexOf(regex.charAt(i - 1)) >= 0
                    && !(i > 1 && regex.charAt(i - 2) == '\\')) {
                // "a++" would be possessive in Java and is an error in PostgreSQL.
                throw new SqlException(
                        SqlState.INVALID_REGULAR_EXPRESSION,
                        "invalid regular expression: quantifier operand invalid");
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** The escape whose letter is at {@code at}; returns the last index used. */
    private static int escape(String regex, int at, StringBuilder out) {
        char c = regex.charAt(at);
        switch (c) {
            case 'm' -> out.append("\\b(?=\\w)");
            case 'M' -> out.append("\\b(?<=\\w)");
            case 'y' -> out.append("\\b");
            case 'Y' -> out.append("\\B");
            case 'A' -> out.append("\\A");
            case 'Z' -> out.append("\\z");
            case 'a' -> out.append("\\x07");
            case 'b' -> out.append("\\x08");
            case 'B' -> out.append("\\\\");
            case 'e' -> out.append("\\x1B");
            case 'v' -> out.append("\\x0B");
            case 'w' -> out.append("[\\p{L}\\p{N}_]");
            case 'W' -> out.append("[^\\p{L}\\p{N}_]");
            case 'd', 'D', 's', 'S', 'f', 'n', 'r', 't' -> out.append('\\').append(c);
            case 'u' -> {
                out.append("\\u");
            }
            case 'x' -> {
                int end = at + 1;
                while (end < regex.length()
                        && end < at + 9
                        && Character.digit(regex.charAt(end), 16) >= 0) {
                    end++;
                }
                out.append("\\x{").append(regex, at + 1, end).append('}');
                return end - 1;
            }
            default -> {
                if (c >= '1' && c <= '9') {
                    out.append('\\').append(c);
                } else if (Character.isLetterOrDigit(c)) {
                    throw new SqlException(
                            SqlState.INVALID_REGULAR_EXPRESSION,
                            "invalid regular expression: invalid escape \\ sequence");
                } else {
                    out.append('\\').append(c);
                }
            }
        }
        return at;
    }

    /** A bracket expression from its [ on; returns the index of its ]. */
    private static int bracket(String regex, int start, StringBuilder out) {
        if (regex.startsWith("[[:<:]]", start)) {
            out.append("\\b(?=\\w)");
            return start + 6;
        }
        if (regex.startsWith("[[:>:]]", start)) {
            out.append("\\b(?<=\\w)");
            return start + 6;
        }
        int i = start + 1;
        out.append('[');
        if (i < regex.length() && regex.charAt(i) == '^') {
            out.append('^');
            i++;
        }
        boolean first = true;
        for (; i < regex.length(); i++, first = false) {
            char c = regex.charAt(i);
            if (c == ']' && !first) {
                out.append(']');
                return i;
            }
            if (c == '[' && i + 1 < regex.length() && ":.=".indexOf(regex.charAt(i + 1)) >= 0) {
                char kind = regex.charAt(i + 1);
                int end = regex.indexOf(kind + "]", i + 2);
                if (end < 0) {
                    break;
                }
                String name = regex.substring(i + 2, end);
                out.append(kind == ':' ? namedClass(name) : Pattern.quote(name));
                i = end + 1;
            } else if (c == '\\' && i + 1 < regex.length()) {
                char next = regex.charAt(++i);
                if (next == 'w') {
                    out.append("\\p{L}\\p{N}_");
                } else if (next == 'b') {
                    out.append("\\x08");
                } else {
                    out.append('\\').append(next);
                }
            } else if ("[&~^]".indexOf(c) >= 0) {
                // Java gives these a meaning inside brackets.
                out.append('\\').append(c);
            } else {
                out.append(c);
            }
        }
        throw new SqlException(
                SqlState.INVALID_REGULAR_EXPRESSION,
                "invalid regular expression: brackets [] not balanced");
    }

    private static String namedClass(String name) {
        return switch (name) {
            case "alpha" -> "\\p{IsAlphabetic}";
            case "digit" -> "0-9";
            case "alnum" -> "\\p{IsAlphabetic}0-9";
            case "upper" -> "\\p{Lu}";
            case "lower" -> "\\p{Ll}";
            case "space" -> "\\s\\x0B";
            case "blank" -> " \\t";
            case "punct" -> "\\p{Punct}";
            case "print" -> "\\p{Print}";
            case "graph" -> "\\p{Graph}";
            case "cntrl" -> "\\p{Cntrl}";
            case "xdigit" -> "0-9A-Fa-f";
            case "word" -> "\\p{L}\\p{N}_";
            default ->
                    throw new SqlException(
                            SqlState.INVALID_REGULAR_EXPRESSION,
                            "invalid regular expression: invalid character class");
        };
    }

    /** A matcher that looks whether the statement was cancelled while it backtracks. */
    static Matcher matcher(Pattern pattern, String text, EvalContext context) {
        return pattern.matcher(new CancelableText(text, context));
    }

    /**
     * Text whose characters cost a cancel check now and then: a pattern that backtracks for ever
     * reads characters for ever.
     */
    private static final class CancelableText implements CharSequence {
        private static final int READS_PER_CHECK = 1 << 12;

        private final CharSequence text;
        private final EvalContext context;
        private int reads;

        CancelableText(CharSequence text, EvalContext context) {
            this.text = text;
            this.context = context;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if ((++reads & (READS_PER_CHECK - 1)) == 0) {
                context.checkCanceled();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
