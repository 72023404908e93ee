package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/** Positions in ORDER BY, GROUP BY and DISTINCT ON. */
final class Ordinals {
    private Ordinals() {}

    /**
     * Which column a constant means, -1 for an expression.
     *
     * @throws SqlException for a constant that is no position in the select list
     */
    static int constant(SqlExpr written, int columns, String clause) {
        return switch (written) {
            case SqlExpr.NumberLiteral number -> index(number, columns, clause);
            case SqlExpr.Unary unary
                    when unary.operator().equals("-")
                            && unary.operand() instanceof SqlExpr.NumberLiteral number ->
                    index(
                            new SqlExpr.NumberLiteral("-" + number.text(), unary.position()),
                            columns,
                            clause);
            case SqlExpr.StringLiteral _, SqlExpr.NullLiteral _, SqlExpr.BooleanLiteral _ ->
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "non-integer constant in " + clause,
                            written.position());
            default -> -1;
        };
    }

    private static int index(SqlExpr.NumberLiteral number, int columns, String clause) {
        int value;
        try {
            value = Integer.parseInt(number.text());
        } catch (NumberFormatException e) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "non-integer constant in " + clause, number.position());
        }
        if (value < 1 || value > columns) {
            throw new SqlException(
                    SqlState.INVALID_COLUMN_REFERENCE,
                    clause + " position " + value + " is not in select list",
                    number.position());
        }
        return value - 1;
    }
}
