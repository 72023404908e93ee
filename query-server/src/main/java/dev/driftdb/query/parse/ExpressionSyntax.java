package dev.driftdb.query.parse;

import java.util.Set;

/** PostgreSQL's grammar of expressions: see {@link QuerySyntax}. Not for several threads. */
final class ExpressionSyntax {
    private static final Set<String> COMPARISONS = Set.of("<", ">", "=", "<=", ">=", "<>", "!=");

    private static final Set<String> RESERVED_OPERANDS =
            Set.of("array", "case", "cast", "default", "false", "not", "null", "true", "unique");

    private static final Set<String> NORMAL_FORMS = Set.of("nfc", "nfd", "nfkc", "nfkd");

    /** What this grammar says nothing of. */
    static final class Unknown extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unknown() {
            super(null, null, false, false);
        }
    }

    private final TokenCursor in;
    private final QuerySyntax queries;
    private final TypeSyntax types;
    private final CallSyntax calls;

    /** A word that would be an operator may be the item's name instead. */
    private boolean labelMayFollow;

    /** The last operand was (a, b) or ROW(…). */
    private boolean row;

    ExpressionSyntax(TokenCursor in, QuerySyntax queries) {
        this.in = in;
        this.queries = queries;
        this.types = new TypeSyntax(in, this);
        this.calls = new CallSyntax(in, queries, this, types);
    }

    void any() {
        boolean before = labelMayFollow;
        labelMayFollow = false;
        expression(0, false);
        labelMayFollow = before;
    }

    /** An item of a select list, whose name may follow without AS. */
    void target() {
        boolean before = labelMayFollow;
        labelMayFollow = true;
        expression(0, false);
        labelMayFollow = before;
    }

    /** Expressions without AND, IN and other words (b_expr). */
    void restricted() {
        boolean before = labelMayFollow;
        labelMayFollow = false;
        expression(0, true);
        labelMayFollow = before;
    }

    void list() {
        do {
            any();
        } while (in.acceptMark(","));
    }

    void type() {
        types.type();
    }

    void window() {
        calls.window();
    }

    void functionInFrom() {
        calls.inFrom();
    }

    boolean mayStart(Token token) {
        return switch (token.kind()) {
            case QUOTED, STRING, BIT_STRING, NUMBER, PARAMETER -> true;
            case MARK -> token.text().equals("(");
            case END -> false;
            case OPERATOR -> isPrefix(token.text());
            case WORD ->
                    RESERVED_OPERANDS.contains(token.text())
                            || Keywords.isValueFunction(token.text())
                            || Keywords.isColumnName(token.text())
                            || Keywords.isFunctionName(token.text());
        };
    }

    private static boolean isPrefix(String symbol) {
        return switch (symbol) {
            case "*", "/", "%", "^" -> false;
            default -> !COMPARISONS.contains(symbol);
        };
    }

    // ---- operators ----

    private void expression(int minimum, boolean restricted) {
        prefix(restricted);
        infix(minimum, restricted);
    }

    private void prefix(boolean restricted) {
        Token token = in.peek();
        row = false;
        if (token.kind() == Token.Kind.OPERATOR) {
            if (!isPrefix(token.text())) {
                throw in.fail();
            }
            in.next();
            boolean sign = token.text().equals("+") || token.text().equals("-");
            expression(sign ? Precedence.MINUS : Precedence.OTHER + 1, restricted);
            row = false;
            return;
        }
        if (token.isWord("operator") && in.peek(1).isMark("(")) {
            operatorName();
            expression(Precedence.OTHER + 1, restricted);
            row = false;
            return;
        }
        if (!restricted) {
            if (in.accept("not")) {
                expression(Precedence.NOT, false);
                row = false;
                return;
            }
            if (in.accept("default")) {
                return;
            }
            if (in.accept("unique")) {
                if (in.accept("nulls")) {
                    in.accept("not");
                    in.expect("distinct");
                }
                queries.parenthesised();
                return;
            }
        }
        primary();
    }

    /** What follows an operand: operators that bind at least as tight as {@code minimum}. */
    private void infix(int minimum, boolean restricted) {
        while (true) {
            Token token = in.peek();
            boolean wasRow = row;
            switch (token.kind()) {
                case OPERATOR -> {
                    int power = power(token.text());
                    if (power < minimum) {
                        return;
                    }
                    in.next();
                    operand(power, restricted);
                }
                case MARK -> {
                    if (!token.text().equals("::") || minimum > Precedence.CAST) {
                        return;
                    }
                    in.next();
                    types.type();
                }
                case WORD -> {
                    if (!word(token, minimum, restricted, wasRow)) {
                        return;
                    }
                }
                default -> {
                    return;
                }
            }
            row = false;
        }
    }

    private static int power(String symbol) {
        return switch (symbol) {
            case "+", "-" -> Precedence.ADD;
            case "*", "/", "%" -> Precedence.MULTIPLY;
            case "^" -> Precedence.POWER;
            default -> COMPARISONS.contains(symbol) ? Precedence.COMPARISON : Precedence.OTHER;
        };
    }

    /** The right operand, or ANY (…). */
    private void operand(int power, boolean restricted) {
        if (!restricted && quantified()) {
            return;
        }
        expression(power + 1, restricted);
        if (power == Precedence.COMPARISON) {
            once(Precedence.COMPARISON);
        }
    }

    private boolean quantified() {
        if (!in.isWord("any") && !in.isWord("all") && !in.isWord("some")) {
            return false;
        }
        in.next();
        in.expectMark("(");
        queryOr(this::any);
        in.expectMark(")");
        return true;
    }

    /** A query, or something else if none starts here; the parentheses are the caller's. */
    private void queryOr(Runnable other) {
        if (QuerySyntax.startsQuery(in.peek())) {
            queries.query();
        } else {
            other.run();
        }
    }

    /** Operators of this power do not chain. */
    private void once(int power) {
        Token next = in.peek();
        int found =
                switch (next.kind()) {
                    case OPERATOR -> power(next.text());
                    case WORD ->
                            switch (next.text()) {
                                case "is", "isnull", "notnull" -> Precedence.IS;
                                case "between", "in", "like", "ilike", "similar" ->
                                        Precedence.MATCH;
                                case "not" -> isNegated() ? Precedence.MATCH : 0;
                                default -> 0;
                            };
                    default -> 0;
                };
        if (found == power && !(labelMayFollow && next.kind() == Token.Kind.WORD)) {
            throw in.fail();
        }
    }

    /** NOT before BETWEEN, IN, LIKE, ILIKE or SIMILAR. */
    private boolean isNegated() {
        Token next = in.peek(1);
        return next.isWord("between")
                || next.isWord("in")
                || next.isWord("like")
                || next.isWord("ilike")
                || next.isWord("similar");
    }

    /** A word that is an operator; false if it belongs to what comes after the expression. */
    private boolean word(Token token, int minimum, boolean restricted, boolean wasRow) {
        int power =
                switch (token.text()) {
                    case "or" -> Precedence.OR;
                    case "and" -> Precedence.AND;
                    case "is", "isnull", "notnull" -> Precedence.IS;
                    case "between", "in", "like", "ilike", "similar", "overlaps" ->
                            Precedence.MATCH;
                    case "not" -> isNegated() ? Precedence.MATCH : -1;
                    case "operator" -> in.peek(1).isMark("(") ? Precedence.OTHER : -1;
                    case "at" -> Precedence.AT;
                    case "collate" -> Precedence.COLLATE;
                    default -> -1;
                };
        if (power < minimum || power < 0) {
            return false;
        }
        if (restricted
                && !token.isWord("operator")
                && !(token.isWord("is")
                        && (in.peek(1).isWord("distinct")
                                || in.peek(1).isWord("document")
                                || in.peek(1).isWord("not")))) {
            return false;
        }
        if (labelMayFollow && Keywords.isBareLabel(token) && !continues(token)) {
            return false;
        }
        switch (token.text()) {
            case "operator" -> {
                operatorName();
                operand(Precedence.OTHER, restricted);
            }
            case "is" -> is(restricted);
            case "isnull", "notnull" -> in.next();
            case "collate" -> {
                in.next();
                queries.tables().name();
            }
            case "at" -> {
                in.next();
                in.expect("time", "zone");
                expression(Precedence.AT + 1, false);
            }
            case "overlaps" -> {
                if (!wasRow) {
                    throw in.fail();
                }
                in.next();
                expression(Precedence.MATCH + 1, false);
            }
            case "or", "and" -> {
                in.next();
                expression(power + 1, false);
            }
            default -> {
                in.accept("not");
                match();
            }
        }
        return true;
    }

    /** Whether the token after this word makes it an operator rather than a name. */
    private boolean continues(Token word) {
        Token next = in.peek(1);
        return switch (word.text()) {
            case "not" -> true;
            case "is" ->
                    next.kind() == Token.Kind.WORD
                            && (Set.of(
                                                    "null",
                                                    "not",
                                                    "true",
                                                    "false",
                                                    "unknown",
                                                    "distinct",
                                                    "document",
                                                    "normalized",
                                                    "json")
                                            .contains(next.text())
                                    || NORMAL_FORMS.contains(next.text()));
            case "at" -> next.isWord("time");
            case "in" -> next.isMark("(");
            case "similar" -> next.isWord("to");
            case "collate" -> next.isName() && isNameWord(next);
            case "between" ->
                    mayStart(next) || next.isWord("symmetric") || next.isWord("asymmetric");
            case "like", "ilike" ->
                    mayStart(next)
                            || next.isWord("any")
                            || next.isWord("all")
                            || next.isWord("some");
            default -> mayStart(next);
        };
    }

    private static boolean isNameWord(Token token) {
        return token.kind() == Token.Kind.QUOTED || Keywords.isColumnName(token.text());
    }

    private void is(boolean restricted) {
        in.expect("is");
        in.accept("not");
        Token next = in.peek();
        if (in.accept("distinct")) {
            in.expect("from");
            expression(Precedence.IS + 1, restricted);
            once(Precedence.IS);
            return;
        }
        if (in.accept("document")) {
            return;
        }
        if (restricted) {
            throw in.fail();
        }
        if (in.accept("json")) {
            if (!in.accept("value") && !in.accept("array") && !in.accept("object")) {
                in.accept("scalar");
            }
            if (in.isWords("with", "unique") || in.isWords("without", "unique")) {
                in.next();
                in.next();
                in.accept("keys");
            }
            return;
        }
        if (next.kind() == Token.Kind.WORD && NORMAL_FORMS.contains(next.text())) {
            in.next();
            in.expect("normalized");
            return;
        }
        if (!in.accept("null")
                && !in.accept("true")
                && !in.accept("false")
                && !in.accept("unknown")
                && !in.accept("normalized")) {
            throw in.fail();
        }
    }

    /** BETWEEN, IN, LIKE and its kin. */
    private void match() {
        Token token = in.next();
        switch (token.text()) {
            case "between" -> {
                if (!in.accept("symmetric")) {
                    in.accept("asymmetric");
                }
                expression(Precedence.MATCH + 1, true);
                in.expect("and");
                expression(Precedence.MATCH + 1, false);
                once(Precedence.MATCH);
            }
            case "in" -> {
                in.expectMark("(");
                queryOr(this::list);
                in.expectMark(")");
            }
            default -> {
                if (token.isWord("similar")) {
                    in.expect("to");
                } else if (quantified()) {
                    return;
                }
                expression(Precedence.MATCH + 1, false);
                if (in.isWord("escape") && (!labelMayFollow || mayStart(in.peek(1)))) {
                    in.next();
                    expression(Precedence.MATCH + 1, false);
                }
                once(Precedence.MATCH);
            }
        }
    }

    /** An operator symbol, or OPERATOR(schema.symbol). */
    void operatorName() {
        if (in.accept("operator")) {
            in.expectMark("(");
            while (in.peek().kind() != Token.Kind.OPERATOR) {
                in.name();
                in.expectMark(".");
            }
            in.next();
            in.expectMark(")");
            return;
        }
        if (in.peek().kind() != Token.Kind.OPERATOR) {
            throw in.fail();
        }
        in.next();
    }

    // ---- operands ----

    void primary() {
        boolean before = labelMayFollow;
        labelMayFollow = false;
        operand();
        labelMayFollow = before;
    }

    private void operand() {
        Token token = in.peek();
        row = false;
        switch (token.kind()) {
            case STRING, BIT_STRING, NUMBER -> in.next();
            case PARAMETER -> {
                in.next();
                indirection();
            }
            case MARK -> {
                if (!token.text().equals("(")) {
                    throw in.fail();
                }
                boolean several = parenthesised() == Inside.LIST;
                if (!several) {
                    indirection();
                }
                row = several;
            }
            case WORD, QUOTED -> row = calls.word(token);
            case OPERATOR, END -> throw in.fail();
        }
    }

    private enum Inside {
        QUERY,
        ONE,
        LIST
    }

    /** ( … ): a query, an expression, a row. */
    private Inside parenthesised() {
        in.expectMark("(");
        if (QuerySyntax.startsQuery(in.peek())) {
            queries.query();
            in.expectMark(")");
            return Inside.QUERY;
        }
        if (in.isMark("(")) {
            Inside inner = parenthesised();
            if (inner == Inside.QUERY) {
                if (in.acceptMark(")")) {
                    return Inside.QUERY;
                }
                if (QuerySyntax.continuesQuery(in.peek())) {
                    queries.restOfQuery();
                    in.expectMark(")");
                    return Inside.QUERY;
                }
            }
            if (inner != Inside.LIST) {
                indirection();
            }
            row = inner == Inside.LIST;
            infix(0, false);
        } else {
            expression(0, false);
        }
        boolean several = false;
        while (in.acceptMark(",")) {
            several = true;
            expression(0, false);
        }
        in.expectMark(")");
        return several ? Inside.LIST : Inside.ONE;
    }

    /** Fields, subscripts and slices. */
    void indirection() {
        while (true) {
            if (in.acceptMark(".")) {
                if (!in.acceptOperator("*")) {
                    in.label();
                }
            } else if (in.acceptMark("[")) {
                if (!in.isMark(":")) {
                    any();
                }
                if (in.acceptMark(":") && !in.isMark("]")) {
                    any();
                }
                in.expectMark("]");
            } else {
                return;
            }
        }
    }

    /** The name of a function or a type. */
    void functionName() {
        Token token = in.peek();
        boolean dotted = in.peek(1).isMark(".");
        boolean fits =
                token.kind() == Token.Kind.QUOTED
                        || (token.kind() == Token.Kind.WORD
                                && (dotted
                                        ? Keywords.isColumnName(token.text())
                                        : Keywords.isFunctionName(token.text())
                                                && !Keywords.isColumnOnly(token.text())));
        if (!fits) {
            throw in.fail();
        }
        in.next();
        while (in.acceptMark(".")) {
            in.label();
        }
    }
}
