package dev.driftdb.query.parse;

/** How strongly operators bind, as PostgreSQL's grammar has it: the more, the stronger. */
final class Precedence {
    static final int OR = 1;
    static final int AND = 2;
    static final int NOT = 3;
    static final int IS = 4;
    static final int COMPARISON = 5;
    static final int MATCH = 6;
    static final int OTHER = 8;
    static final int ADD = 9;
    static final int MULTIPLY = 10;
    static final int POWER = 11;
    static final int AT = 12;
    static final int COLLATE = 13;
    static final int MINUS = 14;
    static final int SUBSCRIPT = 15;
    static final int CAST = 16;
    static final int CALL = 18;

    private Precedence() {}
}
