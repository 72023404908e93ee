package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;

/** Positions in ORDER BY, GROUP BY and DISTINCT ON. */
final class Ordinals {
    private Ordinals() {}

    static int index(SqlExpr.NumberLiteral number, int columns, String clause) {
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
