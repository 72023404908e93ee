package dev.driftdb.query.regex;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/**
 * The options of a regular expression, by the letters of the manual's table of embedded options.
 *
 * @param newlineStops . and inverted brackets do not match a line feed
 * @param newlineAnchors ^ and $ match at line feeds too
 */
record Options(
        boolean ignoreCase,
        boolean newlineStops,
        boolean newlineAnchors,
        boolean expanded,
        boolean literal) {
    static final Options NONE = new Options(false, false, false, false, false);

    /** The letters of a flags argument; g is for the callers and ignored here. */
    Options with(String letters) {
        Options result = this;
        for (int i = 0; i < letters.length(); i++) {
            Options next = result.with(letters.charAt(i));
            if (next == null) {
                throw new SqlException(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "invalid regular expression option: \""
                                + letters.substring(i, letters.offsetByCodePoints(i, 1))
                                + "\"");
            }
            result = next;
        }
        return result;
    }

    /** The options in (?letters) at the start of a pattern. */
    Options embedded(String letters) {
        Options result = this;
        for (int i = 0; i < letters.length(); i++) {
            Options next = letters.charAt(i) == 'g' ? null : result.with(letters.charAt(i));
            if (next == null) {
                throw Parser.invalid("invalid embedded option");
            }
            result = next;
        }
        return result;
    }

    private @org.jspecify.annotations.Nullable Options with(char letter) {
        return switch (letter) {
            case 'g', 't' ->
                    letter == 't'
                            ? new Options(ignoreCase, newlineStops, newlineAnchors, false, literal)
                            : this;
            case 'i' -> new Options(true, newlineStops, newlineAnchors, expanded, literal);
            case 'c' -> new Options(false, newlineStops, newlineAnchors, expanded, literal);
            case 'n', 'm' -> new Options(ignoreCase, true, true, expanded, literal);
            case 'p' -> new Options(ignoreCase, true, false, expanded, literal);
            case 'w' -> new Options(ignoreCase, false, true, expanded, literal);
            case 's' -> new Options(ignoreCase, false, false, expanded, literal);
            case 'x' -> new Options(ignoreCase, newlineStops, newlineAnchors, true, literal);
            case 'q' -> new Options(ignoreCase, newlineStops, newlineAnchors, expanded, true);
            case 'b' -> throw SqlException.notSupported("a basic regular expression");
            case 'e' -> throw SqlException.notSupported("an extended regular expression");
            default -> null;
        };
    }
}
