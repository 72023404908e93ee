package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TableExpr.JoinKind;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins in the order they are written: {@code a JOIN b JOIN c ON x ON y} keeps b open until c has
 * its condition, for a condition belongs to the last join that has none.
 */
final class JoinStack {
    /** A join that waits for its condition, with what stands to its left. */
    private record Open(TableExpr left, JoinKind kind, int position) {}

    private final ArrayDeque<Open> open = new ArrayDeque<>();
    private TableExpr last;

    JoinStack(TableExpr first) {
        this.last = first;
    }

    /** CROSS and NATURAL joins take the item just before them. */
    void joined(JoinKind kind, TableExpr right, boolean natural, int position) {
        last = new TableExpr.Join(kind, last, right, null, List.of(), null, natural, position);
    }

    void push(JoinKind kind, TableExpr right, int position) {
        open.push(new Open(last, kind, position));
        last = right;
    }

    /** ON or USING; {@code token} is what to point at if no join is open. */
    void reduce(
            @Nullable SqlExpr on,
            List<String> using,
            @Nullable String usingAlias,
            Token token,
            String source) {
        Open join = open.poll();
        if (join == null) {
            throw SyntaxErrors.near(source, token);
        }
        last =
                new TableExpr.Join(
                        join.kind(),
                        join.left(),
                        last,
                        on,
                        using,
                        usingAlias,
                        false,
                        join.position());
    }

    /** The whole. */
    TableExpr only() {
        if (!open.isEmpty()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "syntax error: a join without its condition",
                    open.getFirst().position());
        }
        return last;
    }
}
