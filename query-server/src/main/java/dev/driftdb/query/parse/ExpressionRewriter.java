package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.parse.Frame.Clause;
import dev.driftdb.query.parse.Skeleton.State;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.List;
import java.util.Locale;

/** Writes what stands inside expressions: constants, operators, predicates, CASE, subscripts. */
final class ExpressionRewriter {
    private final RewriteState state;
    private final TokenCursor in;
    private final Skeleton out;
    private final NameRewriter names;
    private final WindowRewriter windows;

    ExpressionRewriter(RewriteState state, NameRewriter names, WindowRewriter windows) {
        this.state = state;
        this.in = state.in;
        this.out = state.out;
        this.names = names;
        this.windows = windows;
    }

    void token(Token token) {
        if (token.isName() && (in.peek(1).isMark("=>") || in.peek(1).isMark(":="))) {
            named(token);
            return;
        }
        switch (token.kind()) {
            case STRING, NUMBER, PARAMETER -> {
                in.next();
                state.constant(ConstantRows.literal(in.source(), token), token);
            }
            case BIT_STRING ->
                    throw SqlException.notSupported("a bit string literal", token.position());
            case WORD -> word(token);
            case QUOTED -> names.name(token);
            case OPERATOR -> operator(token);
            case MARK -> mark(token);
            case END -> throw in.fail();
        }
    }

    /** name => in front of an argument. */
    private void named(Token token) {
        if (out.state != State.START) {
            throw in.fail();
        }
        in.next();
        in.next();
        out.operator("named", token).names = List.of(token.text());
    }

    void operator(Token token) {
        in.next();
        if (token.text().equals("*") && out.state == State.START) {
            out.raw("*", token);
            out.state = State.AFTER_OPERAND;
            return;
        }
        if (token.text().equals("*") && out.state == State.AFTER_OPERATOR) {
            throw SyntaxErrors.near(in.source(), token);
        }
        infix(token.text(), token);
    }

    /** An operator symbol, with ANY or ALL after it if there is one. */
    private void infix(String symbol, Token token) {
        boolean binary = out.state == State.AFTER_OPERAND;
        out.operator(symbol, token);
        if (binary && in.peek(1).isMark("(")) {
            Token word = in.peek();
            if (word.isWord("any") || word.isWord("some") || word.isWord("all")) {
                in.next();
                out.operator(word.isWord("all") ? "all" : "any", word);
            }
        }
    }

    void mark(Token token) {
        Frame frame = state.top();
        switch (token.text()) {
            case "[" -> {
                Token before = in.tokens().get(Math.max(0, in.index() - 1));
                in.next();
                boolean subscript = out.state == State.AFTER_OPERAND;
                Slot slot =
                        subscript
                                ? out.operator("[]", token)
                                : out.operator("array", before.isWord("array") ? before : token);
                out.raw("|| (", token);
                out.state = State.START;
                state.frames.push(
                        new Frame(
                                subscript ? Frame.Kind.SUBSCRIPT : Frame.Kind.ARRAY,
                                token,
                                Clause.NONE,
                                slot));
                if (in.isMark("]") || in.isMark(":")) {
                    if (subscript && in.isMark("]")) {
                        throw in.fail();
                    }
                    out.operand(new Slot(Slot.Kind.EMPTY, "", token));
                }
            }
            case "]" -> {
                if (frame.kind != Frame.Kind.SUBSCRIPT && frame.kind != Frame.Kind.ARRAY) {
                    throw SyntaxErrors.near(in.source(), token);
                }
                in.next();
                state.frames.pop();
                out.raw(")", token);
                out.state = State.AFTER_OPERAND;
            }
            case ":" -> {
                if (frame.kind != Frame.Kind.SUBSCRIPT || frame.separators > 0) {
                    throw SyntaxErrors.near(in.source(), token);
                }
                in.next();
                frame.separators++;
                out.keyword(",", token);
                if (in.isMark("]")) {
                    out.operand(new Slot(Slot.Kind.EMPTY, "", token));
                }
            }
            case "::" -> {
                if (out.state != State.AFTER_OPERAND) {
                    throw SyntaxErrors.near(in.source(), token);
                }
                in.next();
                out.postfix("::", token).type = TypeNames.parse(in);
            }
            case "." -> {
                Token before = in.index() == 0 ? token : in.tokens().get(in.index() - 1);
                boolean further =
                        before.isName()
                                && out.state == State.AFTER_OPERAND
                                && in.tokens().get(in.index() - 2).isMark(".");
                if (!before.isMark(")") && !before.isMark("]") && !further) {
                    throw SyntaxErrors.near(in.source(), token);
                }
                in.next();
                if (in.peek().isOperator("*")) {
                    out.postfix("field", in.peek()).names = List.of("*");
                    in.next();
                    return;
                }
                out.postfix("field", in.peek()).names = List.of(in.label());
            }
            default -> throw SyntaxErrors.near(in.source(), token);
        }
    }

    private void word(Token token) {
        boolean after = out.state == State.AFTER_OPERAND;
        switch (token.text()) {
            case "null", "true", "false" -> {
                in.next();
                state.constant(
                        switch (token.text()) {
                            case "null" -> new SqlExpr.NullLiteral(token.position());
                            case "true" -> new SqlExpr.BooleanLiteral(true, token.position());
                            default -> new SqlExpr.BooleanLiteral(false, token.position());
                        },
                        token);
            }
            case "default" -> {
                in.next();
                state.constant(new SqlExpr.Default(token.position()), token);
            }
            case "and", "or" -> {
                if (!after) {
                    throw in.fail();
                }
                in.next();
                out.operator(token.text(), token);
            }
            case "not" -> not(token, after);
            case "is" -> is(token, after);
            case "isnull", "notnull" -> {
                if (!after) {
                    throw in.fail();
                }
                in.next();
                out.postfix(token.text().equals("isnull") ? "is null" : "is not null", token);
            }
            case "in" -> {
                if (state.top().kind == Frame.Kind.KEYWORD_CALL
                        && "position".equals(NameRewriter.callName(state.top()))) {
                    names.separator(token);
                } else if (after) {
                    in.next();
                    inList("in", token);
                } else {
                    throw in.fail();
                }
            }
            case "like", "ilike", "similar" -> {
                if (after && token.text().equals("similar") && isSubstring()) {
                    names.separator(token);
                } else if (after) {
                    match("", token);
                } else {
                    names.name(token);
                }
            }
            case "between" -> {
                if (after) {
                    between("", token);
                } else {
                    names.name(token);
                }
            }
            case "escape" -> {
                if (after && isSubstring() && state.top().separators == 1) {
                    names.separator(token);
                } else if (after && startsOperand(in.peek(1))) {
                    in.next();
                    out.operator("escape", token);
                } else {
                    names.name(token);
                }
            }
            case "overlaps" -> {
                if (after) {
                    in.next();
                    out.operator("overlaps", token);
                } else {
                    names.name(token);
                }
            }
            case "collate" -> {
                if (!after) {
                    throw in.fail();
                }
                in.next();
                Slot slot = out.postfix("collate", token);
                slot.names = in.qualifiedName().parts();
            }
            case "at" -> {
                if (after && in.peek(1).isWord("time") && in.peek(2).isWord("zone")) {
                    in.expect("at", "time", "zone");
                    out.operator("at time zone", token);
                } else {
                    names.name(token);
                }
            }
            case "operator" -> {
                if (in.peek(1).isMark("(")) {
                    in.next();
                    in.expectMark("(");
                    while (in.peek().isName()) {
                        in.next();
                        in.expectMark(".");
                    }
                    Token symbol = in.next();
                    if (symbol.kind() != Token.Kind.OPERATOR) {
                        throw SyntaxErrors.near(in.source(), symbol);
                    }
                    in.expectMark(")");
                    // OPERATOR(s.=) binds as "other operators" do, not as comparison does.
                    infix("operator " + symbol.text(), symbol);
                } else {
                    names.name(token);
                }
            }
            case "case" -> {
                in.next();
                if (after) {
                    throw SyntaxErrors.near(in.source(), token);
                }
                out.operandStart();
                out.keyword("CASE", token);
                state.frames.push(new Frame(Frame.Kind.CASE, token, Clause.NONE, null));
            }
            case "when", "then", "else" -> {
                if (state.top().kind != Frame.Kind.CASE) {
                    throw in.fail();
                }
                in.next();
                out.keyword(
                        switch (token.text()) {
                            case "when" -> "WHEN";
                            case "then" -> "THEN";
                            default -> "ELSE";
                        },
                        token);
            }
            case "end" -> {
                if (state.top().kind != Frame.Kind.CASE) {
                    throw in.fail();
                }
                in.next();
                state.frames.pop();
                out.raw("END", token);
                out.state = State.AFTER_OPERAND;
            }
            case "exists", "row", "array", "cast" -> prefixed(token);
            case "all" -> {
                // f(ALL x): what is so without the word.
                Token before = in.tokens().get(Math.max(0, in.index() - 2));
                if (out.state != State.START
                        || !in.tokens().get(in.index() - 1).isMark("(")
                        || !before.isName()) {
                    throw in.fail();
                }
                in.next();
            }
            case "any", "some" -> throw in.fail();
            case "unique" ->
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "UNIQUE predicate is not yet implemented",
                            token.position());
            case "filter", "over", "within" -> windows.window(token);
            case "partition", "range", "rows", "groups" -> windows.windowPart(token);
            case "variadic" -> {
                if (out.state != State.START) {
                    throw in.fail();
                }
                in.next();
                out.operator("variadic", token);
            }
            case "placing" -> names.separator(token);
            case "symmetric", "asymmetric" -> throw in.fail();
            case "grouping" -> {
                if (in.peek(1).isWord("sets") && in.peek(2).isMark("(")) {
                    in.next();
                    in.next();
                    out.operand(new Slot(Slot.Kind.NAME, "grouping sets", token));
                } else {
                    names.name(token);
                }
            }
            default -> {
                if (Keywords.isValueFunction(token.text()) && !after) {
                    names.valueFunction(token);
                } else {
                    names.name(token);
                }
            }
        }
    }

    /** Directly between the parentheses of substring(): SIMILAR and ESCAPE part its arguments. */
    private boolean isSubstring() {
        return state.top().kind == Frame.Kind.KEYWORD_CALL
                && "substring".equals(NameRewriter.callName(state.top()))
                && !in.peek(1).isWord("to");
    }

    private static boolean startsOperand(Token token) {
        return switch (token.kind()) {
            case STRING, PARAMETER, NUMBER -> true;
            case MARK -> token.text().equals("(");
            case WORD -> token.text().equals("null");
            case QUOTED, BIT_STRING, OPERATOR, END -> false;
        };
    }

    private void not(Token token, boolean after) {
        in.next();
        if (!after) {
            out.operator("not", token);
            return;
        }
        Token next = in.peek();
        switch (next.text()) {
            case "like", "ilike", "similar" -> match("not ", next);
            case "between" -> between("not ", next);
            case "in" -> {
                in.next();
                inList("not in", token);
            }
            default -> throw SyntaxErrors.near(in.source(), next);
        }
    }

    private void match(String prefix, Token token) {
        in.next();
        if (token.text().equals("similar")) {
            in.expect("to");
        }
        infix(prefix + token.text(), token);
    }

    private void between(String prefix, Token token) {
        in.next();
        boolean symmetric = in.accept("symmetric");
        if (!symmetric) {
            in.accept("asymmetric");
        }
        out.operator(prefix + (symmetric ? "between symmetric" : "between"), token);
    }

    private void inList(String operator, Token token) {
        out.operator(operator, token);
        if (!in.isMark("(")) {
            throw in.fail();
        }
        List<SqlExpr> list = new ConstantRows(in).list(false);
        if (list != null) {
            Slot slot = new Slot(Slot.Kind.LIST, "", token);
            slot.list = list;
            out.operand(slot);
        }
    }

    private void is(Token token, boolean after) {
        if (!after) {
            throw in.fail();
        }
        in.next();
        String not = in.accept("not") ? "not " : "";
        Token next = in.peek();
        if (next.isWord("distinct")) {
            in.expect("distinct", "from");
            out.operator("is " + not + "distinct from", token);
            return;
        }
        if (next.kind() != Token.Kind.WORD) {
            throw in.fail();
        }
        switch (next.text()) {
            case "null", "true", "false", "unknown" -> {
                in.next();
                out.postfix("is " + not + next.text(), token);
            }
            case "normalized", "nfc", "nfd", "nfkc", "nfkd" -> {
                in.next();
                String form = next.text().equals("normalized") ? "nfc" : next.text();
                if (!next.text().equals("normalized")) {
                    in.expect("normalized");
                }
                out.postfix("is " + not + form, token);
            }
            case "json", "document" ->
                    throw SqlException.notSupported(
                            "IS " + next.text().toUpperCase(Locale.ROOT), next.position());
            default -> throw in.fail();
        }
    }

    private void prefixed(Token token) {
        boolean bracket = token.text().equals("array") && in.peek(1).isMark("[");
        if (!bracket && !in.peek(1).isMark("(")) {
            names.name(token);
            return;
        }
        if (out.state == State.AFTER_OPERAND) {
            throw in.fail();
        }
        in.next();
        if (bracket) {
            // The bracket itself becomes the constructor.
            return;
        }
        Slot slot =
                out.operator(token.text().equals("array") ? "array query" : token.text(), token);
        if (token.text().equals("cast")) {
            Token open = in.next();
            out.raw("|| (", open);
            out.state = State.START;
            state.frames.push(new Frame(Frame.Kind.CAST, open, Clause.NONE, slot));
        }
    }
}
