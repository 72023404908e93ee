package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;

/**
 * What becomes of output columns that have no type yet ('x', NULL, $1).
 *
 * @param targets by column, UNKNOWN or nothing for a column without a wish
 */
record Unknowns(boolean keep, List<SqlType> targets) {
    /** They become text. */
    static final Unknowns TEXT = new Unknowns(false, List.of());

    /** They stay unknown: a set operation or an INSERT decides later. */
    static final Unknowns KEEP = new Unknowns(true, List.of());

    static Unknowns as(List<SqlType> targets) {
        return new Unknowns(false, targets);
    }

    Expr resolve(Coercion coercion, Expr value, int column) {
        if (keep || !value.type().equals(Types.UNKNOWN)) {
            return value;
        }
        SqlType wished = column < targets.size() ? targets.get(column) : Types.UNKNOWN;
        return coercion.implicit(value, wished.equals(Types.UNKNOWN) ? Types.TEXT : wished);
    }
}
