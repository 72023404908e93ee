package dev.driftdb.query.parse;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses queries, data-modifying statements and expressions: rewriter, JSqlParser, reader. */
final class QueryParser {
    /** Tokens that JSqlParser is given at most; lists of constants do not count. */
    static final int TOKENS_MAX = 50_000;

    QueryParser() {}

    /** The statement from the cursor to {@code end}; the cursor then stands there. */
    Statement statement(TokenCursor in, int end) {
        BitSet labels = QuerySyntax.check(in, in.index(), end, false);
        Skeleton skeleton = new QueryRewriter(in, this, labels).rewrite(end);
        return new QueryReader(check(skeleton)).statement();
    }

    /**
     * The query from the cursor to {@code end}, all that stands in parentheses.
     *
     * @param outer the text of the statement around it, of which an AS OF SYSTEM TIME is
     */
    Query query(TokenCursor in, int end, Skeleton outer, @Nullable BitSet labels) {
        Skeleton skeleton = new QueryRewriter(in, this, labels).rewrite(end);
        if (skeleton.asOf != null && skeleton.asOfStatement) {
            if (outer.asOf != null) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "multiple AS OF SYSTEM TIME clauses not allowed",
                        in.peek().position());
            }
            outer.asOf = skeleton.asOf;
            outer.asOfStatement = true;
            skeleton.asOf = null;
        }
        if (new QueryReader(check(skeleton)).statement() instanceof DataStatement.Select select) {
            return select.query();
        }
        throw SyntaxErrors.near(in.source(), skeleton.end());
    }

    /** The expression between two token indexes; the cursor then stands at {@code to}. */
    SqlExpr expression(TokenCursor in, int from, int to) {
        BitSet labels = QuerySyntax.check(in, from, to, true);
        in.moveTo(from);
        Skeleton skeleton = new QueryRewriter(in, this, labels).rewriteExpression(to);
        if (skeleton.asOf != null) {
            throw SyntaxErrors.near(in.source(), in.tokens().get(to));
        }
        return new QueryReader(check(skeleton)).expression();
    }

    /** The statement between two token indexes; the cursor then stands at {@code to}. */
    Statement statement(TokenCursor in, int from, int to) {
        in.moveTo(from);
        return statement(in, to);
    }

    /** A WITH list without what follows it, as a query that has nothing else. */
    Query with(TokenCursor in, int from, int to) {
        in.moveTo(from);
        return select(new QueryRewriter(in, this, null).rewriteWith(to));
    }

    /** An item of FROM, with its joins. */
    TableExpr fromItem(TokenCursor in, int from, int to) {
        in.moveTo(from);
        Query query = select(new QueryRewriter(in, this, null).rewriteFrom(to));
        if (query.body() instanceof Query.Select select && select.from().size() == 1) {
            return select.from().getFirst();
        }
        throw in.fail();
    }

    private static Query select(Skeleton skeleton) {
        if (new QueryReader(check(skeleton)).statement() instanceof DataStatement.Select select) {
            return select.query();
        }
        throw SyntaxErrors.near(skeleton.source, skeleton.end());
    }

    /** The items of SET. */
    List<DataStatement.Assignment> assignments(TokenCursor in, int from, int to) {
        in.moveTo(from);
        Skeleton skeleton = new QueryRewriter(in, this, null).rewriteAssignments(to);
        if (new QueryReader(check(skeleton)).statement() instanceof DataStatement.Update update) {
            return update.assignments();
        }
        throw in.fail();
    }

    private static Skeleton check(Skeleton skeleton) {
        if (skeleton.tokens() > TOKENS_MAX) {
            throw new SqlException(
                    SqlState.STATEMENT_TOO_COMPLEX,
                    "statement is too complex: more than "
                            + TOKENS_MAX
                            + " names, constants and operators");
        }
        return skeleton;
    }
}
