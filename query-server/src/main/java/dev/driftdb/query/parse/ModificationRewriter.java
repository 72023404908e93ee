package dev.driftdb.query.parse;

import dev.driftdb.query.ast.ColumnTarget;
import dev.driftdb.query.parse.Frame.Clause;
import dev.driftdb.query.parse.Skeleton.State;
import dev.driftdb.schemas.error.SqlException;
import java.util.List;

/** Writes the clauses of INSERT, UPDATE and DELETE. */
final class ModificationRewriter {
    private final RewriteState state;
    private final TokenCursor in;
    private final Skeleton out;
    private final ExpressionRewriter expressions;
    private final QueryRewriter statement;

    ModificationRewriter(
            RewriteState state, ExpressionRewriter expressions, QueryRewriter statement) {
        this.state = state;
        this.in = state.in;
        this.out = state.out;
        this.expressions = expressions;
        this.statement = statement;
    }

    void modification(Token token) {
        Frame frame = state.top();
        frame.statementMayStart = false;
        in.next();
        switch (token.text()) {
            case "insert" -> {
                in.expect("into");
                out.keyword("INSERT INTO", token);
                Slot table = target();
                frame.clause = Clause.INSERT;
                frame.lastTable = table;
                if (in.isMark("(") && !startsQuery(in.peek(1))) {
                    insertColumns();
                }
            }
            case "update" -> {
                out.keyword("UPDATE", token);
                in.accept("only");
                target();
                frame.clause = Clause.UPDATE;
            }
            default -> {
                in.expect("from");
                out.keyword("UPDATE", token);
                in.accept("only");
                target();
                frame.clause = Clause.DELETE;
            }
        }
    }

    private static boolean startsQuery(Token token) {
        return token.isMark("(")
                || token.isWord("select")
                || token.isWord("with")
                || token.isWord("table")
                || token.isWord("values");
    }

    /** The table that is written to, with its alias. */
    private Slot target() {
        Token first = in.peek();
        List<String> parts = in.qualifiedName().parts();
        Slot slot = new Slot(Slot.Kind.NAME, String.join(".", parts), first);
        slot.names = parts;
        out.operand(slot);
        if (in.peek().isOperator("*")) {
            in.next();
        }
        boolean alias = in.accept("as");
        Token token = in.peek();
        if (token.isWord("for") || (alias && token.isWord("of"))) {
            throw SqlException.notSupported("a time clause on a changed table", token.position());
        }
        if (alias
                || token.kind() == Token.Kind.QUOTED
                || (token.kind() == Token.Kind.WORD
                        && Keywords.isColumnName(token.text())
                        && !token.text().equals("set")
                        && !token.text().equals("values")
                        && !token.text().equals("overriding"))) {
            out.raw("AS", token);
            out.operand(new Slot(Slot.Kind.NAME, in.name(), token));
        }
        return slot;
    }

    private void insertColumns() {
        out.raw("(", in.next());
        while (true) {
            Token column = in.peek();
            ColumnTarget written = ColumnTargets.one(in);
            Slot slot = new Slot(Slot.Kind.NAME, written.column(), column);
            slot.targets = List.of(written);
            out.write(slot);
            if (in.isMark(")")) {
                out.raw(")", in.next());
                out.state = State.START;
                return;
            }
            if (!in.isMark(",")) {
                throw in.fail();
            }
            out.raw(",", in.next());
        }
    }

    void overriding(Token token) {
        Frame frame = state.top();
        if (frame.clause != Clause.INSERT || frame.lastTable == null) {
            expressions.token(token);
            return;
        }
        in.next();
        frame.lastTable.base = in.isWord("user") ? "user" : "system";
        if (!in.accept("user")) {
            in.expect("system");
        }
        in.expect("value");
    }

    /** A DELETE is written as an UPDATE, for JSqlParser knows no joins in USING. */
    void finishDelete(Token token) {
        Frame frame = state.top();
        if (frame.clause == Clause.DELETE) {
            frame.clause = Clause.NONE;
            out.keyword("SET", token);
            out.operand(new Slot(Slot.Kind.DELETE, "", token));
            out.raw("=", token);
            out.state = State.START;
            out.operand(new Slot(Slot.Kind.DELETE, "", token));
        }
    }

    /** column = or (a, b) =, of SET. */
    void assignmentTarget() {
        Token first = in.peek();
        Slot slot = new Slot(Slot.Kind.NAME, "", first);
        boolean multiple = in.isMark("(");
        slot.targets = multiple ? ColumnTargets.list(in) : List.of(ColumnTargets.one(in));
        if (!in.acceptOperator("=")) {
            throw in.fail();
        }
        out.operand(slot);
        out.keyword("=", first);
        if (!multiple) {
            return;
        }
        slot.multiple = true;
        slot.valuePosition = in.peek().position();
        if (in.isWord("row") && in.peek(1).isMark("(")) {
            in.next();
            slot.row = true;
        }
    }

    // ---- ON CONFLICT ----

    void conflict(Token token) {
        Frame frame = state.top();
        in.expect("on", "conflict");
        out.keyword("ON CONFLICT", token);
        frame.clause = Clause.CONFLICT;
        if (in.accept("on", "constraint")) {
            out.keyword("ON CONSTRAINT", token);
            Token constraint = in.peek();
            out.operand(new Slot(Slot.Kind.NAME, in.name(), constraint));
        } else if (in.isMark("(")) {
            conflictColumns();
        }
        if (in.isWord("do")) {
            conflictAction();
        }
    }

    private void conflictColumns() {
        out.keyword("(", in.next());
        while (true) {
            Token column = in.peek();
            if (column.isMark("(") || in.peek(1).isMark("(")) {
                int start = in.index();
                int close = in.closing(column.isMark("(") ? start : start + 1);
                Slot slot = new Slot(Slot.Kind.NAME, "", column);
                slot.expression = new QueryParser().expression(in, start, close + 1);
                in.moveTo(close + 1);
                out.write(slot);
            } else {
                out.write(new Slot(Slot.Kind.NAME, in.name(), column));
            }
            if (in.isMark(")")) {
                break;
            }
            if (!in.isMark(",")) {
                throw SqlException.notSupported(
                        "ON CONFLICT with a collation or operator class", in.peek().position());
            }
            out.raw(",", in.next());
        }
        out.raw(")", in.next());
        out.state = State.AFTER_OPERAND;
        if (in.isWord("where")) {
            Token where = in.next();
            out.keyword("WHERE", where);
            int depth = state.frames.size();
            while (state.frames.size() > depth || !in.isWord("do")) {
                statement.step();
            }
        }
    }

    private void conflictAction() {
        Token token = in.next();
        if (in.accept("nothing")) {
            out.keyword("DO NOTHING", token);
            state.top().clause = Clause.NONE;
            out.state = State.AFTER_OPERAND;
            return;
        }
        in.expect("update", "set");
        out.keyword("DO UPDATE SET", token);
        state.top().clause = Clause.SET;
        assignmentTarget();
    }
}
