package dev.driftdb.query.regex;

import java.util.List;

/** A parsed regular expression. Immutable. */
sealed interface Node {
    /** Which of several possible lengths a part takes. */
    enum Preference {
        NONE,
        LONGER,
        SHORTER
    }

    default Preference preference() {
        return Preference.NONE;
    }

    /** Whether there are groups that capture inside. */
    default boolean captures() {
        return false;
    }

    /** Matches the empty text. */
    record Empty() implements Node {}

    record Chars(CharSet set) implements Node {}

    /** One part after the other; its first part with a preference decides. */
    record Concat(List<Node> parts, Preference preference, boolean captures) implements Node {
        static Node of(List<Node> parts) {
            if (parts.isEmpty()) {
                return new Empty();
            }
            if (parts.size() == 1) {
                return parts.getFirst();
            }
            Preference preference = Preference.NONE;
            boolean captures = false;
            for (Node part : parts) {
                preference = preference == Preference.NONE ? part.preference() : preference;
                captures |= part.captures();
            }
            return new Concat(List.copyOf(parts), preference, captures);
        }
    }

    record Alternatives(List<Node> branches, boolean captures) implements Node {
        @Override
        public Preference preference() {
            return Preference.LONGER;
        }
    }

    /**
     * @param max -1 for no limit
     */
    record Repeat(Node part, int min, int max, Preference preference) implements Node {
        @Override
        public boolean captures() {
            return part.captures();
        }
    }

    record Group(int number, Node part) implements Node {
        @Override
        public Preference preference() {
            return part.preference();
        }

        @Override
        public boolean captures() {
            return true;
        }
    }

    enum Place {
        TEXT_START,
        TEXT_END,
        LINE_START,
        LINE_END,
        WORD_START,
        WORD_END,
        WORD_EDGE,
        NO_WORD_EDGE
    }

    record Anchor(Place place) implements Node {}

    record Look(boolean ahead, boolean wanted, Node part) implements Node {}

    record BackReference(int group) implements Node {
        @Override
        public boolean captures() {
            return true;
        }
    }
}
