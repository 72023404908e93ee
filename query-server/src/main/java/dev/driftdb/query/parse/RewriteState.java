package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.parse.Frame.Clause;
import dev.driftdb.query.parse.Skeleton.State;
import java.util.ArrayDeque;

/**
 * What the rewriters of one statement share: the tokens read, the text written, the open
 * parentheses. Not for several threads.
 */
final class RewriteState {
    final TokenCursor in;
    final Skeleton out;
    final ArrayDeque<Frame> frames = new ArrayDeque<>();

    RewriteState(TokenCursor in) {
        this.in = in;
        this.out = new Skeleton(in.source(), in.peek());
        Frame statement = new Frame(Frame.Kind.STATEMENT, in.peek(), Clause.NONE, null);
        statement.statementMayStart = true;
        frames.push(statement);
    }

    Frame top() {
        return frames.getFirst();
    }

    /** The clause before must be complete: no operand is missing where the next one starts. */
    void expectComplete(Token token) {
        if (out.state != State.AFTER_OPERAND) {
            throw SyntaxErrors.near(in.source(), token);
        }
    }

    /** Takes the word that starts a clause and writes it. */
    void clause(Token token, Clause clause, String text) {
        expectComplete(token);
        in.next();
        top().clause = clause;
        out.keyword(text, token);
    }

    void constant(SqlExpr expression, Token token) {
        if (out.state == State.AFTER_OPERAND) {
            throw SyntaxErrors.near(in.source(), token);
        }
        Slot slot = new Slot(Slot.Kind.CONSTANT, token.text(), token);
        slot.expression = expression;
        out.operand(slot);
    }
}
