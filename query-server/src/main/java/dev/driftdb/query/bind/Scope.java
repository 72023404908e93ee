package dev.driftdb.query.bind;

import org.jspecify.annotations.Nullable;

/**
 * The row that expressions of one plan node read, and the rows outside of it.
 *
 * <p>Each scope is one row at run time. A subquery inside an expression is evaluated with the row
 * that the expression reads as its depth 1; the right side of a lateral join with the left row as
 * its depth 1; a leaf (VALUES, a function in FROM, LIMIT) has an empty row of its own, so what
 * surrounds it is its depth 1 too.
 *
 * @param parent the next row outwards
 * @param lateralRefusal for the left row of a RIGHT or FULL join, which must not be read from the
 *     right side: the detail to say so; empty elsewhere
 * @param clause where the expression stands that the inner query is a part of; null in FROM
 * @param leftRow whether this is the left row of a join, which only LATERAL items see
 */
record Scope(
        @Nullable Scope parent,
        Namespace namespace,
        String lateralRefusal,
        boolean leftRow,
        @Nullable Clause clause) {
    static Scope of(@Nullable Scope parent, Namespace namespace) {
        return new Scope(parent, namespace, "", false, null);
    }

    /** As a subquery in this clause sees it. */
    Scope around(Clause within) {
        return new Scope(parent, namespace, lateralRefusal, leftRow, within);
    }

    /** The scope of expressions that have no row of their own. */
    static Scope empty(@Nullable Scope parent) {
        return new Scope(parent, Namespace.EMPTY, "", false, null);
    }
}
