package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TableSample;
import dev.driftdb.query.ast.TimeClause;
import dev.driftdb.query.parse.Frame.Clause;
import dev.driftdb.query.parse.Skeleton.State;
import dev.driftdb.schemas.error.SqlException;
import java.util.List;

/** Writes FROM: joins, and the time clauses and samples it cuts out. */
final class FromRewriter {
    private final RewriteState state;
    private final TokenCursor in;
    private final Skeleton out;
    private final TimePoints times;
    private final ExpressionRewriter expressions;

    FromRewriter(RewriteState state, TimePoints times, ExpressionRewriter expressions) {
        this.state = state;
        this.in = state.in;
        this.out = state.out;
        this.times = times;
        this.expressions = expressions;
    }

    boolean isRowsFrom() {
        return state.top().clause == Clause.FROM
                && out.state == State.START
                && in.peek().isWord("rows")
                && in.peek(1).isWord("from")
                && in.peek(2).isMark("(");
    }

    /** ROWS FROM (f(…), g(…)) is written as a call of a function with the calls as arguments. */
    void rowsFrom() {
        Token token = in.peek();
        in.expect("rows", "from");
        out.operand(new Slot(Slot.Kind.NAME, TableExpr.Function.ROWS_FROM, token));
        Token open = in.next();
        out.keyword("(", open);
        Frame inner = new Frame(Frame.Kind.PARENTHESIS, open, Clause.NONE, null);
        state.frames.push(inner);
        if (in.isMark(")")) {
            throw in.fail();
        }
    }

    void join(Token token) {
        Token next = in.peek(1);
        boolean starts =
                switch (token.text()) {
                    case "join" -> true;
                    case "natural" -> true;
                    default -> next.isWord("join") || next.isWord("outer");
                };
        if (!starts) {
            expressions.token(token);
            return;
        }
        state.expectComplete(token);
        StringBuilder words = new StringBuilder();
        if (in.accept("natural")) {
            words.append("NATURAL ");
        }
        Token kind = in.peek();
        switch (kind.text()) {
            case "inner" -> in.next();
            case "cross" -> {
                in.next();
                words.append("CROSS ");
            }
            case "left", "right", "full" -> {
                in.next();
                words.append(
                        switch (kind.text()) {
                            case "left" -> "LEFT ";
                            case "right" -> "RIGHT ";
                            default -> "FULL ";
                        });
                in.accept("outer");
            }
            default -> {}
        }
        in.expect("join");
        Frame frame = state.top();
        frame.clause = Clause.FROM;
        frame.lastTable = null;
        out.keyword(words + "JOIN", token);
    }

    void on(Token token) {
        state.clause(token, Clause.ON, "ON");
    }

    /** USING (columns) of a join is written as its ON, so that nested joins keep their order. */
    void using() {
        Token token = in.next();
        state.expectComplete(token);
        Slot slot = new Slot(Slot.Kind.USING, "", token);
        slot.names = in.parenthesisedNames();
        out.keyword("ON", token);
        out.operand(slot);
        state.top().clause = Clause.ON;
        if (in.isWord("as") && !in.peek(1).isWord("of")) {
            in.next();
            slot.base = in.name();
        }
    }

    void systemTime(Token token) {
        Slot table = state.top().lastTable;
        if (table == null || table.time != null) {
            throw SqlException.notSupported(
                    "FOR SYSTEM_TIME after anything but a table or a subquery", token.position());
        }
        in.next();
        if (!in.accept("system_time")) {
            in.expect("system", "time");
        }
        table.time = times.systemTime();
    }

    /** TABLESAMPLE of the table before it, which has its alias already. */
    void sample() {
        Frame frame = state.top();
        Slot table = frame.clause == Clause.FROM ? frame.lastTable : null;
        if (table == null
                || table.kind == Slot.Kind.QUERY
                || table.sample != null
                || out.state != State.AFTER_OPERAND) {
            throw in.fail();
        }
        in.next();
        QualifiedName method = in.qualifiedName();
        List<SqlExpr> arguments = times.arguments();
        SqlExpr seed = null;
        if (in.isWord("repeatable")) {
            in.next();
            seed = times.argument();
        }
        table.sample = new TableSample(method, arguments, seed);
        Token next = in.peek();
        boolean alias =
                next.kind() == Token.Kind.QUOTED
                        || (next.kind() == Token.Kind.WORD && Keywords.isColumnName(next.text()))
                        || (next.isWord("as") && !in.peek(1).isWord("of"));
        if (alias) {
            throw in.fail();
        }
    }

    /** AS OF after a FROM item, or at the end of the statement. */
    boolean asOf() {
        Frame frame = state.top();
        Token token = in.peek();
        boolean whole = in.peek(2).isWord("system") && in.peek(3).isWord("time");
        if (!whole && (frame.clause == Clause.SELECT || frame.clause == Clause.RETURNING)) {
            return false;
        }
        in.expect("as", "of");
        if (whole) {
            in.expect("system", "time");
        }
        Slot table = frame.clause == Clause.FROM ? frame.lastTable : null;
        if (!whole && table != null) {
            if (table.time != null) {
                throw SyntaxErrors.near(in.source(), token);
            }
            out.state = State.AFTER_OPERAND;
            table.time = new TimeClause.AsOf(times.point());
            return true;
        }
        if (frame.kind != Frame.Kind.STATEMENT) {
            throw SqlException.notSupported(
                    "AS OF for a whole subquery (FOR SYSTEM_TIME AS OF after a table is)",
                    token.position());
        }
        if (out.asOf != null) {
            throw SyntaxErrors.near(in.source(), token);
        }
        out.asOf = times.point();
        out.asOfStatement = whole;
        return true;
    }
}
