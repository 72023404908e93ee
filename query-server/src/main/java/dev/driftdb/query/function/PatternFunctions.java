package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.BPCHAR;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.NAME;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TEXT_ARRAY;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.7 Pattern Matching: LIKE, SIMILAR TO, regular expressions. */
final class PatternFunctions {
    private PatternFunctions() {}

    static void define(Definitions d) {
        like(d, "like", false);
        like(d, "ilike", true);
        d.define("similar_to", BOOL, TEXT, TEXT).specialize((_, _) -> similar(false));
        d.define("similar_to", BOOL, TEXT, TEXT, TEXT).specialize((_, _) -> similar(true));
        for (SqlType left : List.of(TEXT, NAME, BPCHAR)) {
            match(d, "~", left, "", true);
            match(d, "!~", left, "", false);
            match(d, "~*", left, "i", true);
            match(d, "!~*", left, "i", false);
        }
        functions(d);
        rows(d);
    }

    /** Keeps the last pattern compiled: it is a constant in almost every query. */
    private static final class Cached<P> {
        @FunctionalInterface
        interface Compiler<P> {
            P compile(String pattern, String option);
        }

        private record Entry<P>(String pattern, String option, P compiled) {}

        private final Compiler<P> compiler;
        // Racing threads at worst compile twice: an entry is immutable.
        private volatile @Nullable Entry<P> last;

        Cached(Compiler<P> compiler) {
            this.compiler = compiler;
        }

        P of(String pattern, String option) {
            Entry<P> entry = last;
            if (entry == null || !entry.pattern.equals(pattern) || !entry.option.equals(option)) {
                entry = new Entry<>(pattern, option, compiler.compile(pattern, option));
                last = entry;
            }
            return entry.compiled;
        }
    }

    private static Cached<Pattern> regexes() {
        return new Cached<>(Regex::compile);
    }

    private static String text(@Nullable Object[] arguments, int index) {
        return (String) Objects.requireNonNull(arguments[index]);
    }

    private static String textOr(@Nullable Object[] arguments, int index, String otherwise) {
        return index < arguments.length ? text(arguments, index) : otherwise;
    }

    private static int intAt(@Nullable Object[] arguments, int index) {
        return (int) (long) (Long) Objects.requireNonNull(arguments[index]);
    }

    private static void like(Definitions d, String name, boolean ignoreCase) {
        d.define(name, BOOL, TEXT, TEXT)
                .specialize((_, _) -> {
                    Cached<LikePattern> cached = likes(ignoreCase);
                    return (Body.Binary) (s, p) -> cached.of((String) p, "\\").matches((String) s);
                });
        d.define("not" + name, BOOL, TEXT, TEXT)
                .specialize((_, _) -> {
                    Cached<LikePattern> cached = likes(ignoreCase);
                    return (Body.Binary) (s, p) -> !cached.of((String) p, "\\").matches((String) s);
                });
        d.define(name, BOOL, TEXT, TEXT, TEXT)
                .specialize((_, _) -> {
                    Cached<LikePattern> cached = likes(ignoreCase);
                    return (Body.Nary)
                            (a, _) -> cached.of(text(a, 1), text(a, 2)).matches(text(a, 0));
                });
        String symbol = ignoreCase ? "~~*" : "~~";
        d.operator(symbol, TEXT, TEXT, d.scalars.get(d.scalars.size() - 3));
        d.operator("!" + symbol, TEXT, TEXT, d.scalars.get(d.scalars.size() - 2));
    }

    private static Cached<LikePattern> likes(boolean ignoreCase) {
        return new Cached<>((p, escape) -> LikePattern.compile(p, escape, ignoreCase));
    }

    private static Body similar(boolean withEscape) {
        Cached<Pattern> cached =
                new Cached<>((p, escape) -> Regex.compile(similarToRegex(p, escape), ""));
        return (Body.Nary)
                (a, context) ->
                        Regex.matcher(
                                        cached.of(text(a, 1), withEscape ? text(a, 2) : "\\"),
                                        text(a, 0),
                                        context)
                                .matches();
    }

    /** % and _ as in LIKE, the rest as in a regular expression, the whole text to match. */
    private static String similarToRegex(String pattern, String escape) {
        if (escape.length() > 1) {
            throw new SqlException(SqlState.INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                    .withHint("Escape string must be empty or one character.");
        }
        StringBuilder out = new StringBuilder("(?:");
        boolean brackets = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (!escape.isEmpty() && c == escape.charAt(0) && i + 1 < pattern.length()) {
                char next = pattern.charAt(++i);
                out.append(Character.isLetterOrDigit(next) ? "" : "\\").append(next);
            } else if (brackets) {
                brackets = c != ']';
                out.append(c == '\\' ? "\\\\" : String.valueOf(c));
            } else {
                switch (c) {
                    case '%' -> out.append(".*");
                    case '_' -> out.append('.');
                    case '(' -> out.append("(?:");
                    case '.', '^', '$', '\\' -> out.append('\\').append(c);
                    case '[' -> {
                        brackets = true;
                        out.append(c);
                    }
                    default -> out.append(c);
                }
            }
        }
        return out.append(')').toString();
    }

    private static void match(
            Definitions d, String symbol, SqlType left, String flags, boolean wanted) {
        String name = "regex" + (wanted ? "eq" : "ne") + (flags.isEmpty() ? "" : "ic");
        d.define(name, BOOL, left, TEXT)
                .specialize((_, _) -> {
                    Cached<Pattern> cached = regexes();
                    return (Body.Nary)
                            (a, context) ->
                                    Regex.matcher(cached.of(text(a, 1), flags), text(a, 0), context)
                                                    .find()
                                            == wanted;
                });
        d.operator(symbol, left, TEXT, d.scalars.getLast());
    }

    private static void functions(Definitions d) {
        d.define("substring", TEXT, TEXT, TEXT)
                .specialize((_, _) -> {
                    Cached<Pattern> cached = regexes();
                    return (Body.Nary)
                            (a, context) -> {
                                Matcher m =
                                        Regex.matcher(
                                                cached.of(text(a, 1), ""), text(a, 0), context);
                                return !m.find()
                                        ? null
                                        : m.groupCount() > 0 ? m.group(1) : m.group();
                            };
                });
        d.define("regexp_like", BOOL, TEXT, TEXT, TEXT)
                .defaults(1)
                .specialize((_, _) -> {
                    Cached<Pattern> cached = regexes();
                    return (Body.Nary)
                            (a, context) ->
                                    Regex.matcher(
                                                    cached.of(
                                                            text(a, 1),
                                                            noGlobal(a, 2, "regexp_like")),
                                                    text(a, 0),
                                                    context)
                                            .find();
                });
        d.define("regexp_match", TEXT_ARRAY, TEXT, TEXT, TEXT)
                .defaults(1)
                .specialize((_, _) -> {
                    Cached<Pattern> cached = regexes();
                    return (Body.Nary)
                            (a, context) -> {
                                Matcher m =
                                        Regex.matcher(
                                                cached.of(
                                                        text(a, 1), noGlobal(a, 2, "regexp_match")),
                                                text(a, 0),
                                                context);
                                return m.find() ? groups(m) : null;
                            };
                });
        d.define("regexp_count", INT4, TEXT, TEXT, INT4, TEXT)
                .defaults(2)
                .specialize((_, _) -> {
                    Cached<Pattern> cached = regexes();
                    return (Body.Nary)
                            (a, context) -> {
                                Matcher m =
                                        Regex.matcher(
                                                cached.of(text(a, 1), textOr(a, 3, "")),
                                                text(a, 0),
                                                context);
                                int from = a.length > 2 ? intAt(a, 2) - 1 : 0;
                                long count = 0;
                                for (boolean found = m.find(Math.min(from, text(a, 0).length()));
                                        found;
                                        found = m.find()) {
                                    count++;
                                }
                                return count;
                            };
                });
        d.define("regexp_replace", TEXT, TEXT, TEXT, TEXT, TEXT)
                .defaults(1)
                .specialize((_, _) -> {
                    Cached<Pattern> cached = regexes();
                    return (Body.Nary)
                            (a, context) ->
                                    replace(
                                            cached.of(text(a, 1), textOr(a, 3, "")),
                                            text(a, 0),
                                            text(a, 2),
                                            textOr(a, 3, "").contains("g"),
                                            context);
                });
        d.define("regexp_split_to_array", TEXT_ARRAY, TEXT, TEXT, TEXT)
                .defaults(1)
                .specialize((_, _) -> {
                    Cached<Pattern> cached = regexes();
                    return (Body.Nary)
                            (a, context) ->
                                    SqlArray.of(
                                            TEXT,
                                            split(
                                                    cached.of(text(a, 1), textOr(a, 2, "")),
                                                    text(a, 0),
                                                    context));
                });
    }

    private static String noGlobal(@Nullable Object[] arguments, int index, String name) {
        String flags = textOr(arguments, index, "");
        if (flags.contains("g")) {
            throw SqlErrors.invalidParameter(name + "() does not support the \"global\" option");
        }
        return flags;
    }

    private static SqlArray groups(Matcher m) {
        List<@Nullable Object> values = new ArrayList<>();
        if (m.groupCount() == 0) {
            values.add(m.group());
        }
        for (int i = 1; i <= m.groupCount(); i++) {
            values.add(m.group(i));
        }
        return SqlArray.of(TEXT, values);
    }

    private static String replace(
            Pattern pattern, String text, String with, boolean all, EvalContext context) {
        Matcher m = Regex.matcher(pattern, text, context);
        StringBuilder out = new StringBuilder();
        int done = 0;
        while (m.find()) {
            out.append(text, done, m.start());
            appendReplacement(out, with, m);
            done = m.end();
            if (!all) {
                break;
            }
        }
        return out.append(text, done, text.length()).toString();
    }

    /** \1 to \9 are the groups, \& the whole match, \\ a backslash. */
    private static void appendReplacement(StringBuilder out, String with, Matcher m) {
        for (int i = 0; i < with.length(); i++) {
            char c = with.charAt(i);
            if (c != '\\' || i + 1 == with.length()) {
                out.append(c);
                continue;
            }
            char next = with.charAt(++i);
            if (next == '&') {
                out.append(m.group());
            } else if (next >= '1' && next <= '9') {
                String group = next - '0' <= m.groupCount() ? m.group(next - '0') : null;
                out.append(group == null ? "" : group);
            } else if (next == '\\') {
                out.append('\\');
            } else {
                out.append('\\').append(next);
            }
        }
    }

    private static List<String> split(Pattern pattern, String text, EvalContext context) {
        List<String> parts = new ArrayList<>();
        Matcher m = Regex.matcher(pattern, text, context);
        int done = 0;
        while (m.find()) {
            // An empty match at either end, or right after a match, splits nothing.
            if (m.end() == m.start() && (m.start() == done || m.start() == text.length())) {
                continue;
            }
            parts.add(text.substring(done, m.start()));
            done = m.end();
        }
        parts.add(text.substring(done));
        return parts;
    }

    private static void rows(Definitions d) {
        d.table(
                "regexp_matches",
                List.of("regexp_matches"),
                List.of(TEXT_ARRAY),
                1,
                (a, context) -> {
                    String flags = textOr(a, 2, "");
                    Matcher m =
                            Regex.matcher(Regex.compile(text(a, 1), flags), text(a, 0), context);
                    List<@Nullable Object[]> rows = new ArrayList<>();
                    while (m.find()) {
                        rows.add(new Object[] {groups(m)});
                        if (!flags.contains("g")) {
                            break;
                        }
                    }
                    return rows.iterator();
                },
                TEXT,
                TEXT,
                TEXT);
        d.table(
                "regexp_split_to_table",
                List.of("regexp_split_to_table"),
                List.of(TEXT),
                1,
                (a, context) -> {
                    List<@Nullable Object[]> rows = new ArrayList<>();
                    Pattern pattern = Regex.compile(text(a, 1), textOr(a, 2, ""));
                    for (String part : split(pattern, text(a, 0), context)) {
                        rows.add(new Object[] {part});
                    }
                    return rows.iterator();
                },
                TEXT,
                TEXT,
                TEXT);
    }
}
