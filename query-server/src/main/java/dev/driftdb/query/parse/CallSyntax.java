package dev.driftdb.query.parse;

import java.util.Set;

/**
 * PostgreSQL's grammar of what starts with a word in an expression: columns, calls, typed literals,
 * CASE and the like. See {@link QuerySyntax}. Not for several threads.
 */
final class CallSyntax {
    private static final Set<String> UNCALLED =
            Set.of(
                    "current_catalog",
                    "current_date",
                    "current_role",
                    "current_user",
                    "session_user",
                    "user");

    private final TokenCursor in;
    private final QuerySyntax queries;
    private final ExpressionSyntax expressions;
    private final TypeSyntax types;

    CallSyntax(
            TokenCursor in, QuerySyntax queries, ExpressionSyntax expressions, TypeSyntax types) {
        this.in = in;
        this.queries = queries;
        this.expressions = expressions;
        this.types = types;
    }

    /** Whether it was ROW(…). */
    boolean word(Token token) {
        boolean call = in.peek(1).isMark("(");
        if (token.kind() == Token.Kind.WORD) {
            switch (token.text()) {
                case "null", "true", "false" -> {
                    in.next();
                    return false;
                }
                case "case" -> {
                    cases();
                    return false;
                }
                case "cast" -> {
                    cast();
                    return false;
                }
                case "array" -> {
                    in.next();
                    if (in.isMark("[")) {
                        array();
                    } else {
                        queries.parenthesised();
                    }
                    return false;
                }
                case "exists" -> {
                    if (call) {
                        in.next();
                        queries.parenthesised();
                        return false;
                    }
                }
                case "row" -> {
                    if (call) {
                        in.next();
                        in.next();
                        if (!in.isMark(")")) {
                            expressions.list();
                        }
                        in.expectMark(")");
                        return true;
                    }
                }
                default -> {
                    if (UNCALLED.contains(token.text())) {
                        in.next();
                        return false;
                    }
                    if (Keywords.isValueFunction(token.text())
                            && Keywords.isReserved(token.text())) {
                        in.next();
                        precision();
                        return false;
                    }
                    if (call && special(token)) {
                        return false;
                    }
                }
            }
            if (token.text().equals("collation") && in.peek(1).isWord("for")) {
                in.next();
                in.next();
                in.expectMark("(");
                expressions.any();
                in.expectMark(")");
                return false;
            }
            if (token.text().equals("current_schema") && !call) {
                in.next();
                return false;
            }
            if (types.builtIn() && typedLiteral(token)) {
                return false;
            }
        }
        named(token);
        return false;
    }

    private void precision() {
        if (in.acceptMark("(")) {
            if (in.peek().kind() != Token.Kind.NUMBER) {
                throw in.fail();
            }
            in.next();
            in.expectMark(")");
        }
    }

    /** int '5', interval '1' day; false if the word is a column's name. */
    private boolean typedLiteral(Token token) {
        Token next = in.peek(1);
        boolean spelled =
                next.isMark("(")
                        || next.kind() == Token.Kind.STRING
                        || next.isWord("precision")
                        || next.isWord("varying")
                        || ((next.isWord("with") || next.isWord("without"))
                                && in.peek(2).isWord("time"))
                        || (token.isWord("national") && next.kind() == Token.Kind.WORD);
        if (!spelled) {
            return false;
        }
        types.name();
        if (in.peek().kind() != Token.Kind.STRING) {
            throw in.fail();
        }
        in.next();
        if (token.isWord("interval")) {
            types.fields();
        }
        return true;
    }

    /** A column, a call, or a literal of a named type. */
    private void named(Token token) {
        boolean column = token.kind() == Token.Kind.QUOTED || Keywords.isColumnName(token.text());
        boolean function =
                token.kind() == Token.Kind.QUOTED
                        || (Keywords.isFunctionName(token.text())
                                && !Keywords.isColumnOnly(token.text()));
        if (!column && !function) {
            throw in.fail();
        }
        in.next();
        boolean star = false;
        boolean dotted = false;
        while (in.isMark(".") && column) {
            in.next();
            dotted = true;
            if (in.acceptOperator("*")) {
                star = true;
                break;
            }
            in.label();
        }
        if (!star && (function || dotted)) {
            if (in.isMark("(")) {
                boolean plain = arguments();
                if (plain && in.peek().kind() == Token.Kind.STRING) {
                    in.next();
                } else {
                    afterCall();
                }
                return;
            }
            if (in.peek().kind() == Token.Kind.STRING) {
                in.next();
                return;
            }
        }
        if (!column) {
            throw in.fail();
        }
        if (star && (in.isMark(".") || in.isMark("["))) {
            expressions.indirection();
            throw SyntaxErrors.near("improper use of \"*\"", in.source(), in.peek());
        }
        expressions.indirection();
    }

    /** The parenthesised arguments; true if a literal may follow, as after a type's modifiers. */
    private boolean arguments() {
        in.expectMark("(");
        if (in.acceptMark(")")) {
            return false;
        }
        if (in.acceptOperator("*")) {
            in.expectMark(")");
            return false;
        }
        boolean plain = true;
        if (in.accept("all") || in.accept("distinct")) {
            plain = false;
        }
        while (true) {
            boolean variadic = plain && in.accept("variadic");
            argument();
            if (variadic || !in.acceptMark(",")) {
                break;
            }
        }
        if (in.isWord("order")) {
            queries.sort();
        }
        in.expectMark(")");
        return plain;
    }

    private void argument() {
        if (in.peek().isName() && (in.peek(1).isMark("=>") || in.peek(1).isMark(":="))) {
            in.next();
            in.next();
        }
        expressions.any();
    }

    private void afterCall() {
        if (in.accept("within")) {
            in.expect("group");
            in.expectMark("(");
            queries.sort();
            in.expectMark(")");
        }
        if (in.accept("filter")) {
            in.expectMark("(");
            in.expect("where");
            expressions.any();
            in.expectMark(")");
        }
        if (in.accept("over")) {
            if (in.isMark("(")) {
                window();
            } else {
                in.name();
            }
        }
    }

    /** A function as an item of FROM. */
    void inFrom() {
        Token token = in.peek();
        if (token.kind() == Token.Kind.WORD) {
            if (UNCALLED.contains(token.text())) {
                in.next();
                return;
            }
            if (Keywords.isValueFunction(token.text()) && Keywords.isReserved(token.text())) {
                in.next();
                precision();
                return;
            }
            if (token.text().equals("cast")) {
                cast();
                return;
            }
            if (in.peek(1).isMark("(") && special(token)) {
                return;
            }
        }
        expressions.functionName();
        arguments();
    }

    void window() {
        in.expectMark("(");
        Token first = in.peek();
        if (first.isName()
                && !first.isWord("partition")
                && !first.isWord("range")
                && !first.isWord("rows")
                && !first.isWord("groups")
                && !first.isWord("order")) {
            in.name();
        }
        if (in.accept("partition")) {
            in.expect("by");
            expressions.list();
        }
        if (in.isWord("order")) {
            queries.sort();
        }
        if (in.accept("range") || in.accept("rows") || in.accept("groups")) {
            if (in.accept("between")) {
                bound();
                in.expect("and");
            }
            bound();
            if (in.accept("exclude")) {
                if (in.accept("current")) {
                    in.expect("row");
                } else if (in.accept("no")) {
                    in.expect("others");
                } else if (!in.accept("group")) {
                    in.expect("ties");
                }
            }
        }
        in.expectMark(")");
    }

    private void bound() {
        if (in.isWords("current", "row")) {
            in.next();
            in.next();
            return;
        }
        boolean unbounded =
                in.isWord("unbounded")
                        && (in.peek(1).isWord("preceding") || in.peek(1).isWord("following"));
        if (unbounded) {
            in.next();
        } else {
            expressions.any();
        }
        if (!in.accept("preceding")) {
            in.expect("following");
        }
    }

    // ---- SQL's own forms ----

    private void cases() {
        in.expect("case");
        if (!in.isWord("when")) {
            expressions.any();
        }
        do {
            in.expect("when");
            expressions.any();
            in.expect("then");
            expressions.any();
        } while (in.isWord("when"));
        if (in.accept("else")) {
            expressions.any();
        }
        in.expect("end");
    }

    private void cast() {
        in.expect("cast");
        in.expectMark("(");
        expressions.any();
        in.expect("as");
        types.type();
        in.expectMark(")");
    }

    /** [a, b] or [[a], [b]]. */
    private void array() {
        in.expectMark("[");
        if (in.isMark("[")) {
            do {
                array();
            } while (in.acceptMark(","));
        } else if (!in.isMark("]")) {
            expressions.list();
        }
        in.expectMark("]");
    }

    /** A call that has a grammar of its own; false if the word has none. */
    private boolean special(Token token) {
        switch (token.text()) {
            case "coalesce", "greatest", "least", "grouping" -> {
                in.next();
                in.next();
                expressions.list();
            }
            case "nullif" -> {
                in.next();
                in.next();
                expressions.any();
                in.expectMark(",");
                expressions.any();
            }
            case "extract" -> {
                in.next();
                in.next();
                Token field = in.peek();
                if (field.kind() != Token.Kind.STRING
                        && field.kind() != Token.Kind.QUOTED
                        && (field.kind() != Token.Kind.WORD
                                || !Keywords.isColumnName(field.text()))) {
                    throw in.fail();
                }
                in.next();
                in.expect("from");
                expressions.any();
            }
            case "normalize" -> {
                in.next();
                in.next();
                expressions.any();
                if (in.acceptMark(",")
                        && !in.accept("nfc")
                        && !in.accept("nfd")
                        && !in.accept("nfkc")) {
                    in.expect("nfkd");
                }
            }
            case "position" -> {
                in.next();
                in.next();
                expressions.restricted();
                in.expect("in");
                expressions.restricted();
            }
            case "treat" -> {
                in.next();
                in.next();
                expressions.any();
                in.expect("as");
                types.type();
            }
            case "trim" -> {
                in.next();
                in.next();
                if (!in.accept("both") && !in.accept("leading")) {
                    in.accept("trailing");
                }
                if (!in.isWord("from")) {
                    expressions.any();
                    if (in.acceptMark(",")) {
                        expressions.list();
                        break;
                    }
                }
                if (in.accept("from")) {
                    expressions.list();
                }
            }
            case "substring" -> {
                in.next();
                in.next();
                substring();
            }
            case "overlay" -> {
                in.next();
                in.next();
                overlay();
            }
            default -> {
                if (token.text().startsWith("xml") || token.text().startsWith("json_")) {
                    if (Keywords.isColumnOnly(token.text())) {
                        throw new ExpressionSyntax.Unknown();
                    }
                }
                return false;
            }
        }
        in.expectMark(")");
        return true;
    }

    private void substring() {
        if (in.isMark(")")) {
            return;
        }
        argument();
        if (in.accept("from")) {
            expressions.any();
            if (in.accept("for")) {
                expressions.any();
            }
        } else if (in.accept("for")) {
            expressions.any();
            if (in.accept("from")) {
                expressions.any();
            }
        } else if (in.accept("similar")) {
            expressions.any();
            in.expect("escape");
            expressions.any();
        } else {
            while (in.acceptMark(",")) {
                argument();
            }
        }
    }

    private void overlay() {
        if (in.isMark(")")) {
            return;
        }
        argument();
        if (in.accept("placing")) {
            expressions.any();
            in.expect("from");
            expressions.any();
            if (in.accept("for")) {
                expressions.any();
            }
        } else {
            while (in.acceptMark(",")) {
                argument();
            }
        }
    }
}
