package dev.driftdb.query.function;

import dev.driftdb.schemas.type.SqlType;
import org.jspecify.annotations.Nullable;

/**
 * An operator over declared operand types. The six comparisons (=, <>, <, <=, >, >=) of types with
 * a default order are not here: the binder knows them as {@link
 * dev.driftdb.query.expr.Expr.Comparison}.
 *
 * @param left null for a prefix operator
 */
public record OperatorDef(
        int oid, String name, @Nullable SqlType left, SqlType right, ScalarFunction function) {}
