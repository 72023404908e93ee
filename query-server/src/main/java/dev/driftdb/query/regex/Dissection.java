package dev.driftdb.query.regex;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.regex.Node.Preference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * How far a pattern matches from a place on, and what its groups match: the rules of the manual's
 * "Regular Expression Matching Rules". Works on sets of places, so that no pattern backtracks: the
 * time grows with the length of the text times the size of the pattern for each match. One instance
 * is for one text; not for several threads.
 */
final class Dissection {
    private final int[] text;
    private final EvalContext context;

    Dissection(int[] text, EvalContext context) {
        this.text = text;
        this.context = context;
    }

    /** The end of the match that starts here by the pattern's preference; -1 if there is none. */
    int end(Node root, int start) {
        BitSet ends = forward(root, one(start));
        return ends.isEmpty()
                ? -1
                : root.preference() == Preference.SHORTER ? ends.nextSetBit(0) : ends.length() - 1;
    }

    /** The first place from which on the pattern matches at all; -1 if there is none. */
    int start(Node root, int from) {
        BitSet ends = new BitSet();
        ends.set(from, text.length + 1);
        return backward(root, ends).nextSetBit(from);
    }

    /** The bounds of all groups, those of the whole match first; -1 where a group has no part. */
    int[] groups(Node root, int count, int start, int end) {
        int[] bounds = new int[2 * count + 2];
        Arrays.fill(bounds, -1);
        bounds[0] = start;
        bounds[1] = end;
        dissect(root, start, end, bounds);
        return bounds;
    }

    private static BitSet one(int place) {
        BitSet set = new BitSet();
        set.set(place);
        return set;
    }

    // ---- places reached ----

    private BitSet forward(Node node, BitSet from) {
        return reach(node, from, true);
    }

    private BitSet backward(Node node, BitSet to) {
        return reach(node, to, false);
    }

    /** The places where a match can end that starts at one of these, or the other way round. */
    private BitSet reach(Node node, BitSet from, boolean ahead) {
        return switch (node) {
            case Node.Empty _ -> from;
            case Node.Chars chars -> step(chars.set(), from, ahead);
            case Node.Concat concat -> concat(concat.parts(), from, ahead);
            case Node.Alternatives alternatives -> {
                BitSet all = new BitSet();
                for (Node branch : alternatives.branches()) {
                    all.or(reach(branch, from, ahead));
                }
                yield all;
            }
            case Node.Repeat repeat -> repeat(repeat, from, ahead);
            case Node.Group group -> reach(group.part(), from, ahead);
            case Node.Anchor anchor -> {
                BitSet holds = new BitSet();
                from.stream().filter(i -> isAt(anchor.place(), i)).forEach(holds::set);
                yield holds;
            }
            case Node.Look look -> {
                BitSet holds = new BitSet();
                from.stream()
                        .filter(i ->
                                look.wanted() != reach(look.part(), one(i), look.ahead()).isEmpty())
                        .forEach(holds::set);
                yield holds;
            }
            case Node.BackReference _ ->
                    throw new IllegalStateException("back references are matched elsewhere");
        };
    }

    private BitSet step(CharSet set, BitSet from, boolean ahead) {
        BitSet to = new BitSet();
        for (int i = from.nextSetBit(0); i >= 0; i = from.nextSetBit(i + 1)) {
            if (ahead ? i < text.length && set.test(text[i]) : i > 0 && set.test(text[i - 1])) {
                to.set(ahead ? i + 1 : i - 1);
            }
        }
        return to;
    }

    private BitSet concat(List<Node> parts, BitSet from, boolean ahead) {
        BitSet at = from;
        for (int i = 0; i < parts.size() && !at.isEmpty(); i++) {
            at = reach(parts.get(ahead ? i : parts.size() - 1 - i), at, ahead);
        }
        return at;
    }

    private BitSet repeat(Node.Repeat repeat, BitSet from, boolean ahead) {
        BitSet at = from;
        for (int i = 0; i < repeat.min(); i++) {
            context.checkCanceled();
            at = reach(repeat.part(), at, ahead);
            if (at.isEmpty()) {
                return at;
            }
        }
        if (repeat.max() < 0 && repeat.part() instanceof Node.Chars chars) {
            return run(chars.set(), at, ahead);
        }
        BitSet all = new BitSet();
        all.or(at);
        for (int i = repeat.min(); (repeat.max() < 0 || i < repeat.max()) && !at.isEmpty(); i++) {
            context.checkCanceled();
            BitSet next = new BitSet();
            next.or(reach(repeat.part(), at, ahead));
            // What was reached with fewer rounds leads nowhere new.
            next.andNot(all);
            all.or(next);
            at = next;
        }
        return all;
    }

    /** Any number of characters of a set. */
    private BitSet run(CharSet set, BitSet from, boolean ahead) {
        context.checkCanceled();
        BitSet all = new BitSet();
        all.or(from);
        if (ahead) {
            for (int i = all.nextSetBit(0); i >= 0; i = all.nextSetBit(i + 1)) {
                if (i < text.length && set.test(text[i])) {
                    all.set(i + 1);
                }
            }
        } else {
            for (int i = all.length() - 1; i > 0; i = all.previousSetBit(i - 1)) {
                if (set.test(text[i - 1])) {
                    all.set(i - 1);
                }
            }
        }
        return all;
    }

    private boolean isWord(int index) {
        return index >= 0 && index < text.length && CharSet.Named.WORD.test(text[index]);
    }

    private boolean isAt(Node.Place place, int i) {
        return switch (place) {
            case TEXT_START -> i == 0;
            case TEXT_END -> i == text.length;
            case LINE_START -> i == 0 || text[i - 1] == '\n';
            case LINE_END -> i == text.length || text[i] == '\n';
            case WORD_START -> !isWord(i - 1) && isWord(i);
            case WORD_END -> isWord(i - 1) && !isWord(i);
            case WORD_EDGE -> isWord(i - 1) != isWord(i);
            case NO_WORD_EDGE -> isWord(i - 1) == isWord(i);
        };
    }

    // ---- groups ----

    private void dissect(Node node, int start, int end, int[] bounds) {
        if (!node.captures()) {
            return;
        }
        switch (node) {
            case Node.Group group -> {
                dissect(group.part(), start, end, bounds);
                bounds[2 * group.number()] = start;
                bounds[2 * group.number() + 1] = end;
            }
            case Node.Alternatives alternatives -> {
                for (Node branch : alternatives.branches()) {
                    if (forward(branch, one(start)).get(end)) {
                        dissect(branch, start, end, bounds);
                        return;
                    }
                }
                throw new IllegalStateException("no alternative matches");
            }
            case Node.Concat concat -> pieces(pieces(concat.parts()), start, end, bounds);
            case Node.Repeat repeat -> {
                if (repeat.min() == 0) {
                    rounds(repeat, start, end, bounds);
                    return;
                }
                // Only the last round's groups are kept.
                int max = repeat.max() < 0 ? -1 : repeat.max() - 1;
                Node before =
                        new Node.Repeat(
                                Plain.of(repeat.part()),
                                repeat.min() - 1,
                                max,
                                repeat.preference());
                pieces(List.of(before, repeat.part()), start, end, bounds);
            }
            case Node.Empty _, Node.Chars _, Node.Anchor _, Node.Look _, Node.BackReference _ -> {
                // Nothing inside captures.
            }
        }
    }

    private static final int LONGER = 1;
    private static final int SHORTER = 2;

    /** The preferences of all quantifiers inside. */
    private static int preferences(Node node) {
        int own =
                switch (node.preference()) {
                    case LONGER -> LONGER;
                    case SHORTER -> SHORTER;
                    case NONE -> 0;
                };
        return switch (node) {
            case Node.Concat concat ->
                    concat.parts().stream()
                            .mapToInt(Dissection::preferences)
                            .reduce(own, (a, b) -> a | b);
            case Node.Alternatives alternatives ->
                    alternatives.branches().stream()
                            .mapToInt(Dissection::preferences)
                            .reduce(own, (a, b) -> a | b);
            case Node.Repeat repeat -> own | preferences(repeat.part());
            case Node.Group group -> own | preferences(group.part());
            case Node.Empty _, Node.Chars _, Node.Anchor _, Node.Look _, Node.BackReference _ ->
                    own;
        };
    }

    /**
     * Parts that choose their length together: neighbours without groups whose preferences do not
     * differ are one piece.
     */
    private static List<Node> pieces(List<Node> parts) {
        List<Node> pieces = new ArrayList<>();
        List<Node> run = new ArrayList<>();
        int preferences = 0;
        for (Node part : parts) {
            int together = preferences | preferences(part);
            if (part.captures() || together == (LONGER | SHORTER)) {
                if (!run.isEmpty()) {
                    pieces.add(Node.Concat.of(run));
                }
                pieces.add(part);
                run.clear();
                preferences = 0;
            } else {
                run.add(part);
                preferences = together;
            }
        }
        if (!run.isEmpty()) {
            pieces.add(Node.Concat.of(run));
        }
        return pieces;
    }

    /** Each piece takes what it prefers of what lets the rest match. */
    private void pieces(List<Node> pieces, int start, int end, int[] bounds) {
        BitSet[] rests = new BitSet[pieces.size()];
        BitSet rest = one(end);
        for (int i = pieces.size() - 1; i >= 0; i--) {
            rests[i] = rest;
            rest = backward(pieces.get(i), rest);
        }
        int at = start;
        for (int i = 0; i < pieces.size(); i++) {
            Node piece = pieces.get(i);
            int next = choose(forward(piece, one(at)), rests[i], piece.preference(), at);
            dissect(piece, at, next, bounds);
            at = next;
        }
    }

    private static int choose(BitSet ends, BitSet rest, Preference preference, int from) {
        BitSet both = new BitSet();
        both.or(ends);
        both.and(rest);
        int chosen = preference == Preference.SHORTER ? both.nextSetBit(from) : both.length() - 1;
        if (chosen < from) {
            throw new IllegalStateException("the match cannot be divided");
        }
        return chosen;
    }

    /** A part that may be missing: round after round, none of them empty. */
    private void rounds(Node.Repeat repeat, int start, int end, int[] bounds) {
        if (start == end) {
            return;
        }
        Node part = repeat.part();
        int at = start;
        for (int left = repeat.max(); ; left--) {
            context.checkCanceled();
            Node others = new Node.Repeat(part, 0, left < 0 ? -1 : left - 1, Preference.LONGER);
            BitSet ends = new BitSet();
            ends.or(forward(part, one(at)));
            ends.clear(at);
            int next = choose(ends, backward(others, one(end)), part.preference(), at);
            if (next == end) {
                dissect(part, at, end, bounds);
                return;
            }
            at = next;
        }
    }
}
