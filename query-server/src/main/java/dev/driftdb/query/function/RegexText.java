package dev.driftdb.query.function;

import dev.driftdb.query.regex.Regex;
import dev.driftdb.query.regex.RegexSearch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the regexp_ functions do with the matches of a pattern. */
final class RegexText {
    private RegexText() {}

    /**
     * Whether to go on after a match.
     *
     * @see #matches
     */
    @FunctionalInterface
    interface Visitor {
        boolean visit(RegexSearch match);
    }

    /** Visits match after match; after an empty one the search goes on a character further. */
    static void matches(RegexSearch search, int from, Visitor visitor) {
        int at = from;
        while (at <= search.length() && search.find(at)) {
            if (!visitor.visit(search)) {
                return;
            }
            at = search.end() > search.start() ? search.end() : search.end() + 1;
        }
    }

    /** The groups of a match, or the whole of it if there are none. */
    static List<@Nullable Object> groups(Regex regex, RegexSearch match) {
        List<@Nullable Object> values = new ArrayList<>();
        if (regex.groups() == 0) {
            values.add(match.group(0));
        }
        for (int i = 1; i <= regex.groups(); i++) {
            values.add(match.group(i));
        }
        return values;
    }

    /** The text between matches; empty ones at either end or right after a match part nothing. */
    static List<String> split(RegexSearch search) {
        List<String> parts = new ArrayList<>();
        int[] ends = {0, 0};
        matches(
                search,
                0,
                match -> {
                    if (match.start() < match.length() && match.end() > ends[0]) {
                        parts.add(match.text(ends[1], match.start()));
                        ends[1] = match.end();
                    }
                    ends[0] = match.end();
                    return true;
                });
        parts.add(search.text(ends[1], search.length()));
        return parts;
    }

    /**
     * @param from where to begin, in characters from 0
     * @param n which match to replace, from 1; 0 for all
     */
    static String replace(Regex regex, RegexSearch search, String with, int from, long n) {
        StringBuilder out = new StringBuilder();
        long[] counted = {0};
        int[] done = {0};
        matches(
                search,
                from,
                match -> {
                    if (n > 0 && ++counted[0] != n) {
                        return true;
                    }
                    out.append(match.text(done[0], match.start()));
                    append(out, with, regex, match);
                    done[0] = match.end();
                    return n == 0;
                });
        return out.append(search.text(done[0], search.length())).toString();
    }

    /** \1 to \9 are the groups, \& the whole match, \\ a backslash. */
    private static void append(StringBuilder out, String with, Regex regex, RegexSearch match) {
        for (int i = 0; i < with.length(); i++) {
            char c = with.charAt(i);
            if (c != '\\' || i + 1 == with.length()) {
                out.append(c);
                continue;
            }
            char next = with.charAt(i + 1);
            if (next == '&') {
                out.append(match.group(0));
                i++;
            } else if (next >= '1' && next <= '9') {
                String group = next - '0' <= regex.groups() ? match.group(next - '0') : null;
                out.append(group == null ? "" : group);
                i++;
            } else {
                out.append('\\');
                i += next == '\\' ? 1 : 0;
            }
        }
    }
}
