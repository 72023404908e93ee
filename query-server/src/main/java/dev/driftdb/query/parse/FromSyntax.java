package dev.driftdb.query.parse;

/** PostgreSQL's grammar of FROM: see {@link QuerySyntax}. Not for several threads. */
final class FromSyntax {
    private final TokenCursor in;
    private final QuerySyntax queries;
    private final ExpressionSyntax expressions;

    FromSyntax(TokenCursor in, QuerySyntax queries, ExpressionSyntax expressions) {
        this.in = in;
        this.queries = queries;
        this.expressions = expressions;
    }

    void list() {
        do {
            item();
        } while (in.acceptMark(","));
    }

    /** An item with its joins. */
    void item() {
        primary();
        joins();
    }

    /** Whether at least one join was there. */
    private boolean joins() {
        boolean found = false;
        while (true) {
            if (in.isWord("cross")) {
                in.next();
                in.expect("join");
                primary();
            } else if (in.isWord("natural")) {
                in.next();
                kind();
                in.expect("join");
                primary();
            } else if (in.isWord("join")
                    || in.isWord("inner")
                    || in.isWord("left")
                    || in.isWord("right")
                    || in.isWord("full")) {
                kind();
                in.expect("join");
                item();
                condition();
            } else {
                return found;
            }
            found = true;
        }
    }

    private void kind() {
        if (in.accept("inner")) {
            return;
        }
        if (in.accept("left") || in.accept("right") || in.accept("full")) {
            in.accept("outer");
        }
    }

    private void condition() {
        if (in.accept("using")) {
            in.parenthesisedNames();
            if (in.accept("as")) {
                in.name();
            }
            return;
        }
        in.expect("on");
        expressions.any();
    }

    private void primary() {
        if (in.isMark("(")) {
            parenthesised();
            alias(false);
            return;
        }
        if (in.accept("lateral")) {
            if (in.isMark("(")) {
                queries.parenthesised();
                alias(false);
            } else {
                function();
            }
            return;
        }
        if (in.isWord("only")) {
            relation();
            alias(false);
            sample();
            return;
        }
        if (in.isWords("rows", "from") && in.peek(2).isMark("(")) {
            function();
            return;
        }
        if (startsFunction()) {
            function();
            return;
        }
        relation();
        alias(false);
        sample();
    }

    private boolean startsFunction() {
        Token token = in.peek();
        if (token.kind() == Token.Kind.WORD
                && !Keywords.isColumnName(token.text())
                && (Keywords.isFunctionName(token.text())
                        || Keywords.isValueFunction(token.text())
                        || token.isWord("cast"))) {
            return true;
        }
        if (!token.isName()) {
            return false;
        }
        int ahead = 1;
        while (in.peek(ahead).isMark(".") && in.peek(ahead + 1).isName()) {
            ahead += 2;
        }
        return in.peek(ahead).isMark("(");
    }

    private void function() {
        if (in.isWords("rows", "from") && in.peek(2).isMark("(")) {
            in.next();
            in.next();
            in.next();
            do {
                expressions.functionInFrom();
                if (in.accept("as")) {
                    definitions();
                }
            } while (in.acceptMark(","));
            in.expectMark(")");
        } else {
            expressions.functionInFrom();
        }
        if (in.isWords("with", "ordinality")) {
            in.next();
            in.next();
        }
        alias(true);
    }

    /** A query or a join in parentheses; true for a query. */
    private boolean parenthesised() {
        in.expectMark("(");
        if (QuerySyntax.startsQuery(in.peek())) {
            queries.query();
            in.expectMark(")");
            return true;
        }
        if (in.isMark("(")) {
            boolean query = parenthesised();
            if (query && QuerySyntax.continuesQuery(in.peek())) {
                queries.restOfQuery();
                in.expectMark(")");
                return true;
            }
            if (query && in.acceptMark(")")) {
                return true;
            }
            boolean named = alias(false);
            if (!joins() && (query || named)) {
                throw in.fail();
            }
            in.expectMark(")");
            return false;
        }
        primary();
        if (!joins()) {
            throw in.fail();
        }
        in.expectMark(")");
        return false;
    }

    boolean startsAlias(Token token) {
        return token.kind() == Token.Kind.QUOTED
                || (token.kind() == Token.Kind.WORD && Keywords.isColumnName(token.text()));
    }

    private boolean alias(boolean function) {
        boolean as = in.accept("as");
        if (as && function && in.isMark("(")) {
            definitions();
            return true;
        }
        if (!as && !startsAlias(in.peek())) {
            return false;
        }
        in.name();
        if (in.isMark("(")) {
            if (function && in.peek(1).isName() && in.peek(2).isName()) {
                definitions();
            } else {
                in.parenthesisedNames();
            }
        }
        return true;
    }

    /** (name type, …) of a function that answers records. */
    private void definitions() {
        in.expectMark("(");
        do {
            in.name();
            expressions.type();
            if (in.accept("collate")) {
                name();
            }
        } while (in.acceptMark(","));
        in.expectMark(")");
    }

    private void sample() {
        if (!in.accept("tablesample")) {
            return;
        }
        expressions.functionName();
        in.expectMark("(");
        expressions.list();
        in.expectMark(")");
        if (in.accept("repeatable")) {
            in.expectMark("(");
            expressions.any();
            in.expectMark(")");
        }
    }

    /** A table with ONLY or a star. */
    void relation() {
        if (in.accept("only")) {
            if (in.acceptMark("(")) {
                name();
                in.expectMark(")");
            } else {
                name();
            }
            return;
        }
        name();
        in.acceptOperator("*");
    }

    /** A qualified name. */
    void name() {
        in.name();
        while (in.acceptMark(".")) {
            in.label();
        }
    }
}
