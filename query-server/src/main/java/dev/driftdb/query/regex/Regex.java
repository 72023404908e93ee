package dev.driftdb.query.regex;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** A compiled regular expression. Immutable; safe for any thread. */
public final class Regex {
    final Node root;
    final int groups;

    /** Whether java.util.regex finds the same ends and groups: at most one part may vary. */
    final boolean direct;

    /** Null if java.util.regex does not take the pattern (a look-behind of any length). */
    final @Nullable Pattern java;

    private Regex(Node root, int groups, boolean direct, @Nullable Pattern java) {
        this.root = root;
        this.groups = groups;
        this.direct = direct;
        this.java = java;
    }

    /**
     * @param flags PostgreSQL's option letters; g is the caller's and ignored here
     * @throws SqlException 2201B for what is no regular expression, 22023 for an unknown option,
     *     0A000 for what is not done
     */
    public static Regex compile(String regex, String flags) {
        Options options = Options.NONE.with(flags);
        Parser.Parsed parsed = Parser.parse(regex, options);
        int variable = variableParts(parsed.root());
        if (parsed.backReferences() && hasAlternatives(parsed.root())) {
            throw SqlException.notSupported(
                    "a regular expression with a back reference and alternatives");
        }
        return new Regex(
                parsed.root(),
                parsed.groups(),
                variable <= 1 || parsed.backReferences(),
                java(parsed));
    }

    private static @Nullable Pattern java(Parser.Parsed parsed) {
        int cases = parsed.ignoreCase() ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
        try {
            return Pattern.compile(
                    JavaPattern.of(parsed.root()), Pattern.DOTALL | Pattern.UNIX_LINES | cases);
        } catch (PatternSyntaxException e) {
            if (parsed.backReferences()) {
                throw SqlException.notSupported(
                        "a regular expression with a back reference and this look-behind");
            }
            return null;
        }
    }

    /** How many parts may match texts of different lengths; 2 stands for more. */
    private static int variableParts(Node node) {
        return switch (node) {
            case Node.Empty _, Node.Chars _, Node.Anchor _, Node.Look _ -> 0;
            case Node.BackReference _, Node.Alternatives _ -> 2;
            case Node.Group group -> variableParts(group.part());
            case Node.Concat concat -> concat.parts().stream().mapToInt(Regex::variableParts).sum();
            case Node.Repeat repeat ->
                    repeat.part() instanceof Node.Chars ? repeat.min() == repeat.max() ? 0 : 1 : 2;
        };
    }

    private static boolean hasAlternatives(Node node) {
        return switch (node) {
            case Node.Empty _, Node.Chars _, Node.Anchor _, Node.BackReference _ -> false;
            case Node.Look look -> hasAlternatives(look.part());
            case Node.Alternatives _ -> true;
            case Node.Group group -> hasAlternatives(group.part());
            case Node.Concat concat -> concat.parts().stream().anyMatch(Regex::hasAlternatives);
            case Node.Repeat repeat -> hasAlternatives(repeat.part());
        };
    }

    /** The number of groups that capture. */
    public int groups() {
        return groups;
    }

    /** Whether the pattern matches anywhere in the text. */
    public boolean find(String text, EvalContext context) {
        return search(text, context).matchesFrom(0);
    }

    public RegexSearch search(String text, EvalContext context) {
        return new RegexSearch(this, text, context);
    }
}
