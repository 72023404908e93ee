package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.query.parse.Frame.Clause;
import dev.driftdb.query.parse.Skeleton.State;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Writes names, calls, typed literals, and SQL's functions with keywords for commas or without
 * parentheses.
 */
final class NameRewriter {
    private static final Set<String> KEYWORD_CALLS =
            Set.of("extract", "substring", "position", "overlay", "trim");

    private final RewriteState state;
    private final TokenCursor in;
    private final Skeleton out;

    NameRewriter(RewriteState state) {
        this.state = state;
        this.in = state.in;
        this.out = state.out;
    }

    void name(Token token) {
        if (out.state == State.AFTER_OPERAND) {
            Clause clause = state.top().clause;
            boolean label = clause == Clause.SELECT || clause == Clause.RETURNING;
            if (token.kind() == Token.Kind.WORD
                    && (!Keywords.isColumnName(token.text())
                            || (label && Keywords.needsAs(token.text())))) {
                throw in.fail();
            }
            in.next();
            out.operand(new Slot(Slot.Kind.NAME, token.text(), token));
            columnDefinitions();
            return;
        }
        int string =
                state.top().clause == Clause.FROM
                        ? -1
                        : TypeNames.typedLiteralAt(in.tokens(), in.index());
        if (string > 0 && Keywords.isFunctionName(token.text())) {
            typedLiteral(token, string);
            return;
        }
        boolean call = in.peek(1).isMark("(");
        if (token.kind() == Token.Kind.WORD
                && !Keywords.isColumnName(token.text())
                && !(call && Keywords.isFunctionName(token.text()))) {
            throw in.fail();
        }
        if (call && token.kind() == Token.Kind.WORD) {
            if (KEYWORD_CALLS.contains(token.text())) {
                keywordCall(token);
                return;
            }
            if (token.text().startsWith("xml") || token.text().equals("treat")) {
                throw SqlException.notSupported(token.text(), token.position());
            }
        }
        boolean tableFunction = state.top().clause == Clause.FROM && out.state == State.START;
        if (call && in.peek(2).isMark(")") && !tableFunction) {
            in.next();
            in.next();
            in.next();
            Slot slot = new Slot(Slot.Kind.CALL, token.text(), token);
            slot.expression = SqlExpr.FunctionCall.of(token.text(), List.of(), token.position());
            out.operand(slot);
            return;
        }
        dotted(token);
    }

    /** (a int, b text) behind a function's alias, written as its column aliases. */
    void columnDefinitions() {
        Token column = in.peek(1);
        Token behind = in.peek(2);
        if (state.top().clause != Clause.FROM
                || !in.isMark("(")
                || !column.isName()
                || behind.isMark(",")
                || behind.isMark(")")) {
            return;
        }
        Token open = in.next();
        out.raw("(", open);
        do {
            Token token = in.peek();
            Slot slot = new Slot(Slot.Kind.NAME, in.name(), token);
            slot.type = TypeNames.parse(in);
            if (in.isWord("collate")) {
                in.next();
                in.qualifiedName();
            }
            out.write(slot);
            if (in.isMark(",")) {
                out.raw(",", in.peek());
            }
        } while (in.acceptMark(","));
        Token close = in.peek();
        in.expectMark(")");
        out.raw(")", close);
    }

    private void dotted(Token token) {
        Frame frame = state.top();
        boolean item = out.state == State.START;
        in.next();
        Slot slot = out.operand(new Slot(Slot.Kind.NAME, token.text(), token));
        int parts = 1;
        while (in.isMark(".")) {
            out.raw(".", in.next());
            if (in.peek().isOperator("*")) {
                out.raw("*", in.next());
                return;
            }
            Token part = in.peek();
            slot = new Slot(Slot.Kind.NAME, in.label(), part);
            out.write(slot);
            parts++;
            if (parts > TokenCursor.NAME_PARTS_MAX) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "improper qualified name (too many dotted names)",
                        token.position());
            }
        }
        if (frame.clause == Clause.FROM && item) {
            frame.lastTable = in.isMark("(") ? null : slot;
        }
    }

    private void typedLiteral(Token token, int string) {
        TypeName type = TypeNames.parse(in);
        if (in.index() != string) {
            throw in.fail();
        }
        Token literal = in.next();
        Slot slot = new Slot(Slot.Kind.CONSTANT, literal.text(), token);
        slot.expression =
                new SqlExpr.Cast(
                        ConstantRows.literal(in.source(), literal),
                        TypeNames.withFields(in, type, token),
                        token.position());
        out.operand(slot);
    }

    void valueFunction(Token token) {
        in.next();
        List<SqlExpr> arguments = new ArrayList<>(1);
        if (in.isMark("(") && in.peek(1).kind() == Token.Kind.NUMBER) {
            in.next();
            arguments.add(ConstantRows.literal(in.source(), in.next()));
            in.expectMark(")");
        } else if (in.isMark("(") && token.text().equals("current_schema")) {
            in.next();
            in.expectMark(")");
        }
        Slot slot = new Slot(Slot.Kind.CALL, token.text(), token);
        slot.expression = SqlExpr.FunctionCall.of(token.text(), arguments, token.position());
        if (state.top().clause == Clause.FROM && out.state == State.START) {
            // An item of FROM has to look like a call.
            out.operand(new Slot(Slot.Kind.NAME, TableExpr.Function.ROWS_FROM, token));
            out.keyword("(", token);
            out.operand(slot);
            out.raw(")", token);
            return;
        }
        out.operand(slot);
    }

    // ---- SQL's functions with keywords ----

    static String callName(Frame frame) {
        Slot slot = frame.slot;
        return slot == null ? "" : slot.token.text();
    }

    private void keywordCall(Token token) {
        in.next();
        Token open = in.next();
        String name = token.text();
        if (name.equals("trim")) {
            name = "btrim";
            if (in.accept("leading")) {
                name = "ltrim";
            } else if (in.accept("trailing")) {
                name = "rtrim";
            } else {
                in.accept("both");
            }
            in.accept("from");
        }
        Slot slot = new Slot(Slot.Kind.NAME, name, token);
        out.operand(slot);
        out.keyword("(", open);
        state.frames.push(new Frame(Frame.Kind.KEYWORD_CALL, open, Clause.NONE, slot));
        if (name.equals("extract")) {
            Token field = in.next();
            if (!field.isName() && field.kind() != Token.Kind.STRING) {
                throw SyntaxErrors.near(in.source(), field);
            }
            state.constant(new SqlExpr.StringLiteral(field.text(), field.position()), field);
            if (!in.isWord("from")) {
                throw in.fail();
            }
        }
    }

    /** FROM, FOR, IN or PLACING between the arguments of one of SQL's functions. */
    void separator(Token token) {
        Frame frame = state.top();
        Slot slot = frame.slot;
        if (frame.kind != Frame.Kind.KEYWORD_CALL || slot == null) {
            throw in.fail();
        }
        String name = callName(frame);
        boolean fits =
                switch (token.text()) {
                    case "from" -> !name.equals("position");
                    case "for" -> name.equals("substring") || name.equals("overlay");
                    case "similar" -> name.equals("substring") && frame.separators == 0;
                    case "escape" -> name.equals("substring") && frame.separators == 1;
                    case "in" -> name.equals("position");
                    default -> name.equals("overlay");
                };
        if (!fits || out.state != State.AFTER_OPERAND) {
            throw in.fail();
        }
        in.next();
        if (token.text().equals("for") && name.equals("substring") && frame.separators == 0) {
            out.keyword(",", token);
            state.constant(new SqlExpr.NumberLiteral("1", token.position()), token);
        }
        // Both are written with the thing looked for first.
        if (token.text().equals("in") || name.equals("trim")) {
            slot.swapped = true;
        }
        frame.separators++;
        out.keyword(",", token);
    }

    /** After the operand of CAST: AS type. */
    void castType() {
        Frame frame = state.top();
        in.expect("as");
        Slot slot = frame.slot;
        if (slot == null || slot.type != null) {
            throw in.fail();
        }
        slot.type = TypeNames.parse(in);
        if (!in.isMark(")")) {
            throw in.fail();
        }
    }
}
