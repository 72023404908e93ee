package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.BPCHAR;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.NAME;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TEXT_ARRAY;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.query.regex.Regex;
import dev.driftdb.query.regex.RegexSearch;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.7.2 and 9.7.3: SIMILAR TO, regular expressions. */
final class PatternFunctions {
    private PatternFunctions() {}

    static void define(Definitions d) {
        LikeFunctions.define(d);
        d.fn(
                "similar_to_escape",
                TEXT,
                TEXT,
                (String pattern) -> SimilarText.toRegex(pattern, "\\"));
        d.fn("similar_to_escape", TEXT, TEXT, TEXT, SimilarText::toRegex);
        d.define("similar_escape", TEXT, TEXT, TEXT)
                .nullable()
                .eval((a, _) ->
                        a[0] == null
                                ? null
                                : SimilarText.toRegex(
                                        text(a, 0), a[1] == null ? "\\" : text(a, 1)));
        operators(d, "text", TEXT);
        operators(d, "name", NAME);
        operators(d, "bpchar", BPCHAR);
        substring(d);
        tests(d);
        parts(d);
        replace(d);
        rows(d);
    }

    private static String text(@Nullable Object[] arguments, int index) {
        return (String) Objects.requireNonNull(arguments[index]);
    }

    private static String textOr(@Nullable Object[] arguments, int index, String otherwise) {
        return index < arguments.length ? text(arguments, index) : otherwise;
    }

    /** A parameter that must be at least this, and its value where it is left out. */
    private static int intOr(
            @Nullable Object[] arguments, int index, String name, int least, int otherwise) {
        if (index >= arguments.length) {
            return otherwise;
        }
        int value = (int) (long) (Long) Objects.requireNonNull(arguments[index]);
        if (value < least) {
            throw SqlErrors.invalidParameter(
                    "invalid value for parameter \"" + name + "\": " + value);
        }
        return value;
    }

    private static void operators(Definitions d, String prefix, SqlType left) {
        match(d, prefix + "regexeq", "~", left, "", true);
        match(d, prefix + "regexne", "!~", left, "", false);
        match(d, prefix + "icregexeq", "~*", left, "i", true);
        match(d, prefix + "icregexne", "!~*", left, "i", false);
    }

    private static void match(
            Definitions d, String name, String symbol, SqlType left, String flags, boolean wanted) {
        d.define(name, BOOL, left, TEXT)
                .specialize((_, _) -> {
                    Cached<Regex> cached = new Cached<>(Regex::compile);
                    return (Body.Nary)
                            (a, context) ->
                                    cached.of(text(a, 1), flags).find(text(a, 0), context)
                                            == wanted;
                });
        d.operator(symbol, left, TEXT, d.scalars.getLast());
    }

    /** What a function does with its compiled pattern, which is its second argument. */
    @FunctionalInterface
    private interface Use {
        @Nullable Object apply(Regex regex, @Nullable Object[] arguments, EvalContext context);
    }

    /**
     * @param flags the index of the argument with the option letters
     * @param global whether the option g is allowed
     */
    private static Body using(String name, int flags, boolean global, Use use) {
        Cached<Regex> cached = new Cached<>(Regex::compile);
        return (Body.Nary)
                (a, context) -> {
                    String letters = textOr(a, flags, "");
                    Regex regex = cached.of(text(a, 1), letters);
                    if (!global && letters.contains("g")) {
                        throw noGlobal(name);
                    }
                    return use.apply(regex, a, context);
                };
    }

    private static SqlException noGlobal(String name) {
        SqlException refused =
                SqlErrors.invalidParameter(name + "() does not support the \"global\" option");
        return name.equals("regexp_match")
                ? refused.withHint("Use the regexp_matches function instead.")
                : refused;
    }

    private static void substring(Definitions d) {
        d.define("substring", TEXT, TEXT, TEXT)
                .specialize((_, _) -> using("substring", 2, true, PatternFunctions::firstPart));
        d.define("substring", TEXT, TEXT, TEXT, TEXT)
                .specialize((_, _) -> {
                    Cached<Regex> cached =
                            new Cached<>((p, escape) ->
                                    Regex.compile(SimilarText.toRegex(p, escape), ""));
                    return (Body.Nary)
                            (a, context) ->
                                    firstPart(cached.of(text(a, 1), text(a, 2)), a, context);
                });
    }

    private static @Nullable Object firstPart(
            Regex regex, @Nullable Object[] a, EvalContext context) {
        RegexSearch search = regex.search(text(a, 0), context);
        return search.find(0) ? search.group(regex.groups() > 0 ? 1 : 0) : null;
    }

    private static void tests(Definitions d) {
        for (int arguments = 2; arguments <= 3; arguments++) {
            overload(d, "regexp_like", BOOL, arguments, TEXT, TEXT, TEXT)
                    .specialize((_, _) ->
                            using(
                                    "regexp_like",
                                    2,
                                    false,
                                    (regex, a, context) -> regex.find(text(a, 0), context)));
        }
        for (int arguments = 2; arguments <= 4; arguments++) {
            overload(d, "regexp_count", INT4, arguments, TEXT, TEXT, INT4, TEXT)
                    .specialize((_, _) -> using("regexp_count", 3, false, PatternFunctions::count));
        }
        for (int arguments = 2; arguments <= 7; arguments++) {
            overload(d, "regexp_instr", INT4, arguments, TEXT, TEXT, INT4, INT4, INT4, TEXT, INT4)
                    .specialize((_, _) -> using("regexp_instr", 5, false, PatternFunctions::place));
        }
    }

    /** The first so many arguments: PostgreSQL has one function for each number of them. */
    private static Definitions.Builder overload(
            Definitions d, String name, SqlType result, int count, SqlType... arguments) {
        return d.define(name, result, java.util.Arrays.copyOf(arguments, count));
    }

    private static Object count(Regex regex, @Nullable Object[] a, EvalContext context) {
        int start = intOr(a, 2, "start", 1, 1);
        long[] count = {0};
        RegexText.matches(
                regex.search(text(a, 0), context),
                start - 1,
                _ -> {
                    count[0]++;
                    return true;
                });
        return count[0];
    }

    /** Finds the nth match; false if there are fewer. */
    private static boolean nth(RegexSearch search, int start, int n) {
        int[] left = {n};
        RegexText.matches(search, start - 1, _ -> --left[0] > 0);
        return left[0] == 0;
    }

    private static Object place(Regex regex, @Nullable Object[] a, EvalContext context) {
        int start = intOr(a, 2, "start", 1, 1);
        int n = intOr(a, 3, "n", 1, 1);
        int after = intOr(a, 4, "endoption", 0, 0);
        if (after > 1) {
            throw SqlErrors.invalidParameter("invalid value for parameter \"endoption\": " + after);
        }
        int group = intOr(a, 6, "subexpr", 0, 0);
        RegexSearch search = regex.search(text(a, 0), context);
        if (group > regex.groups() || !nth(search, start, n)) {
            return 0L;
        }
        return (after == 1 ? search.end(group) : search.start(group)) + 1L;
    }

    private static void parts(Definitions d) {
        for (int arguments = 2; arguments <= 6; arguments++) {
            overload(d, "regexp_substr", TEXT, arguments, TEXT, TEXT, INT4, INT4, TEXT, INT4)
                    .specialize((_, _) -> using("regexp_substr", 4, false, PatternFunctions::part));
        }
        for (int arguments = 2; arguments <= 3; arguments++) {
            overload(d, "regexp_match", TEXT_ARRAY, arguments, TEXT, TEXT, TEXT)
                    .specialize((_, _) ->
                            using(
                                    "regexp_match",
                                    2,
                                    false,
                                    (regex, a, context) -> {
                                        RegexSearch search = regex.search(text(a, 0), context);
                                        return search.find(0)
                                                ? SqlArray.of(TEXT, RegexText.groups(regex, search))
                                                : null;
                                    }));
            overload(d, "regexp_split_to_array", TEXT_ARRAY, arguments, TEXT, TEXT, TEXT)
                    .specialize((_, _) ->
                            using(
                                    "regexp_split_to_array",
                                    2,
                                    false,
                                    (regex, a, context) ->
                                            SqlArray.of(
                                                    TEXT,
                                                    RegexText.split(
                                                            regex.search(text(a, 0), context)))));
        }
    }

    private static @Nullable Object part(Regex regex, @Nullable Object[] a, EvalContext context) {
        int start = intOr(a, 2, "start", 1, 1);
        int n = intOr(a, 3, "n", 1, 1);
        int group = intOr(a, 5, "subexpr", 0, 0);
        RegexSearch search = regex.search(text(a, 0), context);
        return group > regex.groups() || !nth(search, start, n) ? null : search.group(group);
    }

    private static void replace(Definitions d) {
        for (int arguments = 3; arguments <= 4; arguments++) {
            overload(d, "regexp_replace", TEXT, arguments, TEXT, TEXT, TEXT, TEXT)
                    .specialize((_, _) -> {
                        Body body =
                                using(
                                        "regexp_replace",
                                        3,
                                        true,
                                        (regex, a, context) ->
                                                replaced(
                                                        regex,
                                                        a,
                                                        1,
                                                        textOr(a, 3, "").contains("g") ? 0 : 1,
                                                        context));
                        return (Body.Nary)
                                (a, context) -> {
                                    refuseStart(textOr(a, 3, ""));
                                    return ((Body.Nary) body).apply(a, context);
                                };
                    });
        }
        for (int arguments = 4; arguments <= 6; arguments++) {
            overload(d, "regexp_replace", TEXT, arguments, TEXT, TEXT, TEXT, INT4, INT4, TEXT)
                    .specialize((_, _) ->
                            using(
                                    "regexp_replace",
                                    5,
                                    true,
                                    (regex, a, context) -> {
                                        int start = intOr(a, 3, "start", 1, 1);
                                        int n = intOr(a, 4, "n", 0, 1);
                                        return replaced(regex, a, start, n, context);
                                    }));
        }
    }

    private static void refuseStart(String flags) {
        if (!flags.isEmpty() && flags.charAt(0) >= '0' && flags.charAt(0) <= '9') {
            throw SqlErrors.invalidParameter(
                            "invalid regular expression option: \"" + flags.charAt(0) + "\"")
                    .withHint(
                            "If you meant to use regexp_replace() with a start parameter, cast the"
                                    + " fourth argument to integer explicitly.");
        }
    }

    private static Object replaced(
            Regex regex, @Nullable Object[] a, int start, long n, EvalContext context) {
        return RegexText.replace(
                regex, regex.search(text(a, 0), context), text(a, 2), start - 1, n);
    }

    private static void rows(Definitions d) {
        d.table(
                "regexp_matches",
                List.of("regexp_matches"),
                List.of(TEXT_ARRAY),
                1,
                (a, context) -> {
                    String flags = textOr(a, 2, "");
                    Regex regex = Regex.compile(text(a, 1), flags);
                    List<@Nullable Object[]> rows = new ArrayList<>();
                    RegexText.matches(
                            regex.search(text(a, 0), context),
                            0,
                            match -> {
                                rows.add(
                                        new Object[] {
                                            SqlArray.of(TEXT, RegexText.groups(regex, match))
                                        });
                                return flags.contains("g");
                            });
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
                    String flags = textOr(a, 2, "");
                    Regex regex = Regex.compile(text(a, 1), flags);
                    if (flags.contains("g")) {
                        throw noGlobal("regexp_split_to_table");
                    }
                    List<@Nullable Object[]> rows = new ArrayList<>();
                    for (String part : RegexText.split(regex.search(text(a, 0), context))) {
                        rows.add(new Object[] {part});
                    }
                    return rows.iterator();
                },
                TEXT,
                TEXT,
                TEXT);
    }
}
