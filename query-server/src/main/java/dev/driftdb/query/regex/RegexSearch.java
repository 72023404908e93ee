package dev.driftdb.query.regex;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * The matches of one pattern in one text. Places count characters (code points) from 0. Not for
 * several threads.
 */
public final class RegexSearch {
    private final Regex regex;
    private final String text;
    private final EvalContext context;
    private final @Nullable Matcher matcher;
    private final boolean wide;
    private int @Nullable [] points;
    private int[] bounds = {-1, -1};
    private boolean grouped;

    RegexSearch(Regex regex, String text, EvalContext context) {
        this.regex = regex;
        this.text = text;
        this.context = context;
        this.matcher =
                regex.java == null ? null : regex.java.matcher(new CancelableText(text, context));
        this.wide = text.codePointCount(0, text.length()) != text.length();
    }

    /** Characters of the text. */
    public int length() {
        return wide ? text.codePointCount(0, text.length()) : text.length();
    }

    private int offset(int place) {
        return wide ? text.offsetByCodePoints(0, place) : place;
    }

    private int place(int offset) {
        return wide && offset > 0 ? text.codePointCount(0, offset) : offset;
    }

    private Dissection dissection() {
        int[] known = points;
        if (known == null) {
            known = text.codePoints().toArray();
            points = known;
        }
        return new Dissection(known, context);
    }

    boolean matchesFrom(int from) {
        return startFrom(from) >= 0;
    }

    /** Where the first match from here on starts; -1 if there is none. */
    private int startFrom(int from) {
        if (matcher != null) {
            try {
                return matcher.find(offset(from)) ? place(matcher.start()) : -1;
            } catch (StackOverflowError e) {
                if (regex.direct) {
                    throw new SqlException(
                            SqlState.INVALID_REGULAR_EXPRESSION,
                            "regular expression failed: regular expression is too complex");
                }
                // It recurses for each repetition of a group; sets of places do not.
            }
        }
        return dissection().start(regex.root, from);
    }

    /** Finds the first match that starts at this place or behind it. */
    public boolean find(int from) {
        int start = startFrom(from);
        if (start < 0) {
            return false;
        }
        if (regex.direct && matcher != null) {
            bounds = new int[2 * regex.groups + 2];
            for (int i = 0; i <= regex.groups; i++) {
                bounds[2 * i] = place(matcher.start(i));
                bounds[2 * i + 1] = place(matcher.end(i));
            }
            grouped = true;
        } else {
            bounds = new int[] {start, dissection().end(regex.root, start)};
            grouped = false;
        }
        return true;
    }

    public int start() {
        return bounds[0];
    }

    public int end() {
        return bounds[1];
    }

    private int[] grouped() {
        if (!grouped) {
            bounds = dissection().groups(regex.root, regex.groups, bounds[0], bounds[1]);
            grouped = true;
        }
        return bounds;
    }

    /** Where a group of the last match starts, the whole match being group 0; -1 for no part. */
    public int start(int group) {
        return group == 0 ? start() : grouped()[2 * group];
    }

    public int end(int group) {
        return group == 0 ? end() : grouped()[2 * group + 1];
    }

    /** The text of a group of the last match; null if it has no part in it. */
    public @Nullable String group(int group) {
        int start = start(group);
        return start < 0 ? null : text(start, end(group));
    }

    /** The text between two places. */
    public String text(int start, int end) {
        return text.substring(offset(start), offset(end));
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
