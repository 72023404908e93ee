package dev.driftdb.query.regex;

import dev.driftdb.query.regex.CharSet.Named;
import dev.driftdb.query.regex.Node.Place;
import dev.driftdb.query.regex.Node.Preference;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Reads an advanced regular expression. Used once. */
final class Parser {
    /** PostgreSQL's DUPMAX. */
    private static final int REPEAT_MAX = 255;

    private static final int DEPTH_MAX = 500;

    private final int[] in;
    private final Options options;
    private final BitSet closedGroups = new BitSet();
    private int at;
    private int groups;
    private int depth;
    private boolean backReferences;

    /**
     * @param groups how many groups capture
     * @param backReferences whether there are back references
     */
    record Parsed(Node root, int groups, boolean backReferences, boolean ignoreCase) {}

    private Parser(int[] in, Options options) {
        this.in = in;
        this.options = options;
    }

    static SqlException invalid(String reason) {
        return new SqlException(
                SqlState.INVALID_REGULAR_EXPRESSION, "invalid regular expression: " + reason);
    }

    static Parsed parse(String regex, Options given) {
        Options options = given;
        String source = regex;
        if (!options.literal() && source.startsWith("***")) {
            if (source.startsWith("***=")) {
                options = options.with("q");
            } else if (!source.startsWith("***:")) {
                throw badOperand();
            }
            source = source.substring(4);
        }
        if (!options.literal() && source.startsWith("(?")) {
            int end = 2;
            while (end < source.length() && Character.isLetter(source.charAt(end))) {
                end++;
            }
            if (end > 2) {
                if (end == source.length() || source.charAt(end) != ')') {
                    throw invalid("invalid embedded option");
                }
                options = options.embedded(source.substring(2, end));
                source = source.substring(end + 1);
            }
        }
        Parser parser = new Parser(source.codePoints().toArray(), options);
        if (options.literal()) {
            List<Node> chars = new ArrayList<>();
            for (int c : parser.in) {
                chars.add(parser.character(c));
            }
            return new Parsed(Node.Concat.of(chars), 0, false, options.ignoreCase());
        }
        Node root = parser.alternatives();
        if (parser.more()) {
            throw invalid("parentheses () not balanced");
        }
        return new Parsed(root, parser.groups, parser.backReferences, options.ignoreCase());
    }

    private static SqlException badOperand() {
        return invalid("quantifier operand invalid");
    }

    private boolean more() {
        return at < in.length;
    }

    private boolean isNext(int c) {
        return at < in.length && in[at] == c;
    }

    private boolean startsWith(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= in.length || in[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private Node character(int c) {
        return new Node.Chars(CharSet.of(c, options.ignoreCase()));
    }

    private Node alternatives() {
        if (++depth > DEPTH_MAX) {
            throw invalid("regular expression is too complex");
        }
        List<Node> branches = new ArrayList<>();
        branches.add(branch());
        while (isNext('|')) {
            at++;
            branches.add(branch());
        }
        depth--;
        return branches.size() == 1
                ? branches.getFirst()
                : new Node.Alternatives(
                        List.copyOf(branches), branches.stream().anyMatch(Node::captures));
    }

    private Node branch() {
        List<Node> parts = new ArrayList<>();
        skipExpanded();
        while (more() && in[at] != '|' && in[at] != ')') {
            Node atom = atom();
            skipExpanded();
            boolean constraint = atom instanceof Node.Anchor || atom instanceof Node.Look;
            if (isQuantifier()) {
                if (constraint) {
                    throw badOperand();
                }
                atom = quantified(atom);
                skipExpanded();
                if (isQuantifier()) {
                    throw badOperand();
                }
            }
            if (!(atom instanceof Node.Empty)) {
                parts.add(atom);
            }
        }
        return Node.Concat.of(parts);
    }

    private boolean isQuantifier() {
        return isNext('*')
                || isNext('+')
                || isNext('?')
                || (isNext('{') && at + 1 < in.length && isDigit(in[at + 1]));
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private Node quantified(Node atom) {
        int min = 0;
        int max = -1;
        boolean fixed = false;
        switch (in[at++]) {
            case '+' -> min = 1;
            case '?' -> max = 1;
            case '{' -> {
                min = number();
                max = min;
                fixed = true;
                if (isNext(',')) {
                    at++;
                    fixed = false;
                    max = more() && isDigit(in[at]) ? number() : -1;
                    if (max >= 0 && min > max) {
                        throw invalid("invalid repetition count(s)");
                    }
                }
                if (!isNext('}')) {
                    throw invalid(
                            more() ? "invalid repetition count(s)" : "braces {} not balanced");
                }
                at++;
            }
            default -> {
                // *: any number.
            }
        }
        boolean reluctant = isNext('?');
        if (reluctant) {
            at++;
        }
        if (max == 0) {
            return new Node.Empty();
        }
        Preference preference =
                fixed ? atom.preference() : reluctant ? Preference.SHORTER : Preference.LONGER;
        return fixed && min == 1 ? atom : new Node.Repeat(atom, min, max, preference);
    }

    private int number() {
        int value = 0;
        while (more() && isDigit(in[at])) {
            value = value * 10 + in[at++] - '0';
            if (value > REPEAT_MAX) {
                throw invalid("invalid repetition count(s)");
            }
        }
        return value;
    }

    private void skipExpanded() {
        while (more()) {
            if (startsWith("(?#")) {
                while (more() && in[at] != ')') {
                    at++;
                }
                at = Math.min(at + 1, in.length);
            } else if (options.expanded() && Named.SPACE.test(in[at])) {
                at++;
            } else if (options.expanded() && in[at] == '#') {
                while (more() && in[at] != '\n') {
                    at++;
                }
            } else {
                return;
            }
        }
    }

    private Node atom() {
        int c = in[at];
        switch (c) {
            case '(':
                return parentheses();
            case '[':
                if (startsWith("[[:<:]]")) {
                    at += 7;
                    return new Node.Anchor(Place.WORD_START);
                }
                if (startsWith("[[:>:]]")) {
                    at += 7;
                    return new Node.Anchor(Place.WORD_END);
                }
                return new Node.Chars(new Brackets(in, at, options).parse(end -> at = end));
            case '.':
                at++;
                return new Node.Chars(new CharSet(false).invert(options.newlineStops()));
            case '^':
                at++;
                return new Node.Anchor(
                        options.newlineAnchors() ? Place.LINE_START : Place.TEXT_START);
            case '$':
                at++;
                return new Node.Anchor(options.newlineAnchors() ? Place.LINE_END : Place.TEXT_END);
            case '*', '+', '?':
                throw badOperand();
            case '{':
                if (isQuantifier()) {
                    throw badOperand();
                }
                at++;
                return character(c);
            case '\\':
                at++;
                return escape();
            default:
                at++;
                return character(c);
        }
    }

    private Node parentheses() {
        at++;
        if (!isNext('?')) {
            int number = ++groups;
            Node part = alternatives();
            close();
            closedGroups.set(number);
            return new Node.Group(number, part);
        }
        if (startsWith("?:")) {
            at += 2;
            Node part = alternatives();
            close();
            return part;
        }
        boolean behind = startsWith("?<=") || startsWith("?<!");
        if (!behind && !startsWith("?=") && !startsWith("?!")) {
            throw badOperand();
        }
        at += behind ? 3 : 2;
        boolean wanted = in[at - 1] == '=';
        int before = groups;
        boolean references = backReferences;
        backReferences = false;
        Node part = alternatives();
        close();
        if (backReferences) {
            throw invalid("invalid backreference number");
        }
        backReferences = references;
        // Groups inside capture nothing, and nothing may refer to them.
        groups = before;
        return new Node.Look(!behind, wanted, Plain.of(part));
    }

    private void close() {
        if (!isNext(')')) {
            throw invalid("parentheses () not balanced");
        }
        at++;
    }

    private Node escape() {
        if (!more()) {
            throw Escapes.invalidEscape();
        }
        int c = in[at];
        switch (c) {
            case 'A', 'Z', 'm', 'M', 'y', 'Y' -> {
                at++;
                return new Node.Anchor(
                        switch (c) {
                            case 'A' -> Place.TEXT_START;
                            case 'Z' -> Place.TEXT_END;
                            case 'm' -> Place.WORD_START;
                            case 'M' -> Place.WORD_END;
                            case 'y' -> Place.WORD_EDGE;
                            default -> Place.NO_WORD_EDGE;
                        });
            }
            case 'd', 's', 'w', 'D', 'S', 'W' -> {
                at++;
                return new Node.Chars(Escapes.shorthand(c, new CharSet(options.ignoreCase())));
            }
            default -> {
                // A character or a back reference.
            }
        }
        if (c >= '1' && c <= '9') {
            int end = at;
            int value = 0;
            while (end < in.length && isDigit(in[end]) && value <= groups) {
                value = value * 10 + in[end++] - '0';
            }
            boolean single = at + 1 >= in.length || !isDigit(in[at + 1]);
            if (single || value <= groups) {
                at = single ? at + 1 : end;
                int group = single ? c - '0' : value;
                if (!closedGroups.get(group)) {
                    throw invalid("invalid backreference number");
                }
                backReferences = true;
                return new Node.BackReference(group);
            }
        }
        Escapes escapes = new Escapes(in, at);
        int character = escapes.character();
        at = escapes.end();
        return character(character);
    }
}
