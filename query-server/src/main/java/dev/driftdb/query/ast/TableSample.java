package dev.driftdb.query.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TABLESAMPLE method (arguments) [REPEATABLE (seed)].
 *
 * @param seed null without REPEATABLE
 */
public record TableSample(QualifiedName method, List<SqlExpr> arguments, @Nullable SqlExpr seed) {
    public TableSample {
        arguments = List.copyOf(arguments);
    }
}
