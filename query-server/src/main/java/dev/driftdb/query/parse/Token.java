package dev.driftdb.query.parse;

/**
 * One token of SQL text.
 *
 * @param text a word folded to lower case, a quoted name or string decoded, an operator, a number
 *     as written, a parameter's digits; empty at the end
 * @param start UTF-16 offset of its first character in the source
 * @param end UTF-16 offset after its last character
 * @param position code points from 1, as errors give it
 */
record Token(Kind kind, String text, int start, int end, int position) {
    enum Kind {
        WORD,
        QUOTED,
        STRING,
        BIT_STRING,
        NUMBER,
        PARAMETER,
        OPERATOR,
        /** One of {@code ( ) [ ] , ; . : :: := =>}. */
        MARK,
        END
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    boolean isMark(String mark) {
        return kind == Kind.MARK && text.equals(mark);
    }

    boolean isOperator(String symbol) {
        return kind == Kind.OPERATOR && text.equals(symbol);
    }

    /** A word or a quoted name. */
    boolean isName() {
        return kind == Kind.WORD || kind == Kind.QUOTED;
    }
}
