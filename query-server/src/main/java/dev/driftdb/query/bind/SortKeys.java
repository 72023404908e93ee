package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr.OrderItem;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;

/** Sort keys with PostgreSQL's defaults: NULLs are larger than everything. */
final class SortKeys {
    private SortKeys() {}

    static SortKey of(OrderItem item, Expr expression) {
        requireOrder(expression.type(), item.expression().position());
        Boolean first = item.nullsFirst();
        return new SortKey(
                expression, item.descending(), first == null ? item.descending() : first);
    }

    static void requireOrder(SqlType type, int position) {
        if (!isOrdered(type)) {
            throw new SqlException(
                            SqlState.UNDEFINED_FUNCTION,
                            "could not identify an ordering operator for type " + type.sqlName(),
                            position)
                    .withHint("Use an explicit ordering operator or modify the query.");
        }
    }

    static void requireEquality(SqlType type, int position) {
        if (!isOrdered(type)) {
            throw new SqlException(
                    SqlState.UNDEFINED_FUNCTION,
                    "could not identify an equality operator for type " + type.sqlName(),
                    position);
        }
    }

    private static boolean isOrdered(SqlType type) {
        return type.equals(Types.RECORD)
                || type.equals(Types.UNKNOWN)
                || ValueOrder.isOrdered(type);
    }
}
