package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.parse.Frame.Clause;
import dev.driftdb.query.parse.Skeleton.State;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the clauses of SELECT and VALUES but FROM, and set operations. */
final class SelectRewriter {
    private final RewriteState state;
    private final TokenCursor in;
    private final Skeleton out;
    private final QueryRewriter statement;

    SelectRewriter(RewriteState state, QueryRewriter statement) {
        this.state = state;
        this.in = state.in;
        this.out = state.out;
        this.statement = statement;
    }

    void select(Token token) {
        in.next();
        state.top().clause = Clause.SELECT;
        state.top().statementMayStart = false;
        out.keyword("SELECT", token);
        in.accept("all");
        if (in.isWord("distinct")) {
            Token distinct = in.next();
            out.keyword("DISTINCT", distinct);
            if (in.accept("on")) {
                out.keyword("ON", distinct);
                if (!in.isMark("(")) {
                    throw in.fail();
                }
                int close = in.closing(in.index());
                while (in.index() <= close) {
                    statement.step();
                }
                out.state = State.START;
            }
        }
        Token next = in.peek();
        boolean noItems =
                switch (next.kind()) {
                    case END -> true;
                    case MARK -> next.text().equals(")") || next.text().equals(";");
                    case WORD -> Keywords.followsSelectList(next.text());
                    case QUOTED, STRING, BIT_STRING, NUMBER, PARAMETER, OPERATOR -> false;
                };
        if (noItems) {
            out.operand(new Slot(Slot.Kind.EMPTY, "", next));
        }
    }

    void group(Token token) {
        state.expectComplete(token);
        in.expect("group", "by");
        state.top().clause = Clause.GROUP;
        Token next = in.peek();
        boolean distinct = in.accept("distinct");
        if (!distinct) {
            in.accept("all");
        }
        out.keyword("GROUP BY", token);
        if (distinct) {
            // The first of the grouping elements: the reader takes it for the word.
            out.operand(new Slot(Slot.Kind.EMPTY, "distinct", next));
            out.keyword(",", next);
        }
    }

    void limit(Token token) {
        state.expectComplete(token);
        if (state.top().clause == Clause.LIMIT) {
            throw SyntaxErrors.near(in.source(), token);
        }
        if (in.peek(1).isWord("all")) {
            in.expect("limit", "all");
            state.top().clause = Clause.NONE;
            out.state = State.AFTER_OPERAND;
            return;
        }
        if (in.peek(1).isWord("null")) {
            in.expect("limit", "null");
            out.state = State.AFTER_OPERAND;
            return;
        }
        state.clause(token, Clause.LIMIT, "LIMIT");
    }

    void fetch(Token token) {
        state.expectComplete(token);
        if (state.top().clause == Clause.LIMIT) {
            throw SyntaxErrors.near(in.source(), token);
        }
        in.expect("fetch");
        if (!in.accept("first") && !in.accept("next")) {
            throw in.fail();
        }
        state.top().clause = Clause.NONE;
        out.keyword("FETCH FIRST (", token);
        if (in.isWord("row") || in.isWord("rows")) {
            Slot one = new Slot(Slot.Kind.CONSTANT, "1", token);
            one.expression = new SqlExpr.NumberLiteral("1", token.position());
            out.operand(one);
        } else {
            int depth = state.frames.size();
            do {
                statement.step();
            } while (state.frames.size() > depth || !(in.isWord("row") || in.isWord("rows")));
        }
        in.next();
        boolean ties = in.accept("with", "ties");
        if (!ties) {
            in.expect("only");
        }
        out.raw(ties ? ") ROWS WITH TIES" : ") ROWS ONLY", token);
        out.state = State.AFTER_OPERAND;
    }

    void setOperation(Token token) {
        state.expectComplete(token);
        switch (state.top().clause) {
            // These belong to the whole: a side that has them stands in parentheses.
            case ORDER, LIMIT, OFFSET, LOCKING -> throw SyntaxErrors.near(in.source(), token);
            default -> {}
        }
        in.next();
        String word =
                switch (token.text()) {
                    case "union" -> "UNION";
                    case "intersect" -> "INTERSECT";
                    default -> "EXCEPT";
                };
        if (in.accept("all")) {
            word += " ALL";
        } else {
            in.accept("distinct");
        }
        state.top().clause = Clause.NONE;
        out.keyword(word, token);
    }

    void locking(Token token) {
        in.next();
        StringBuilder words = new StringBuilder("FOR");
        if (in.accept("no", "key", "update")) {
            words.append(" NO KEY UPDATE");
        } else if (in.accept("key", "share")) {
            words.append(" KEY SHARE");
        } else if (in.accept("update")) {
            words.append(" UPDATE");
        } else if (in.accept("share")) {
            words.append(" SHARE");
        } else {
            throw in.fail();
        }
        if (state.top().clause == Clause.LOCKING) {
            throw SqlException.notSupported("more than one FOR UPDATE clause", token.position());
        }
        state.top().clause = Clause.LOCKING;
        out.raw(words.toString(), token);
        if (in.accept("of")) {
            out.keyword("OF", token);
            do {
                Token table = in.peek();
                out.write(new Slot(Slot.Kind.NAME, in.name(), table));
                if (in.isMark(",")) {
                    out.raw(",", table);
                }
            } while (in.acceptMark(","));
        }
        if (in.accept("nowait")) {
            out.raw("NOWAIT", token);
        } else if (in.accept("skip", "locked")) {
            out.raw("SKIP LOCKED", token);
        }
        out.state = State.AFTER_OPERAND;
    }

    /**
     * VALUES is written as a SELECT: its first item holds the constants, the others are the
     * expressions that are not constant, row after row.
     */
    void values() {
        Token token = in.next();
        out.keyword("SELECT", token);
        Slot slot = new Slot(Slot.Kind.ROWS, "", token);
        out.operand(slot);
        List<List<@Nullable SqlExpr>> rows = new ArrayList<>();
        ConstantRows constants = new ConstantRows(in);
        do {
            Token open = in.peek();
            in.expectMark("(");
            List<@Nullable SqlExpr> row =
                    new ArrayList<>(rows.isEmpty() ? 4 : rows.getFirst().size());
            do {
                SqlExpr constant = constants.item();
                row.add(constant);
                if (constant == null) {
                    rowItem(open);
                }
            } while (in.acceptMark(","));
            in.expectMark(")");
            rows.add(row);
        } while (in.acceptMark(","));
        slot.rows = rows;
        out.state = State.AFTER_OPERAND;
        state.top().clause = Clause.NONE;
    }

    /** An item of VALUES that is no constant: the tokens up to the next comma or the end. */
    private void rowItem(Token open) {
        out.keyword(",", in.peek());
        Frame row = new Frame(Frame.Kind.ROW, open, Clause.NONE, null);
        state.frames.push(row);
        while (state.top() != row || !(in.isMark(",") || in.isMark(")"))) {
            statement.step();
        }
        state.expectComplete(in.peek());
        state.frames.pop();
    }

    void with(Token token) {
        if (out.state == State.AFTER_OPERAND && in.peek(1).isWord("ordinality")) {
            in.expect("with", "ordinality");
            out.raw("WITH ORDINALITY", token);
            return;
        }
        in.next();
        boolean recursive =
                in.isWord("recursive") && !in.peek(1).isWord("as") && !in.peek(1).isMark("(");
        if (recursive) {
            in.next();
        }
        state.top().clause = Clause.WITH;
        out.keyword(recursive ? "WITH RECURSIVE" : "WITH", token);
    }
}
