package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.type.SqlType;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One overload of a function that returns rows.
 *
 * @param columnNames names of the result columns; a single column takes the alias's name
 * @param columnTypes their declared types, pseudo-types included
 * @param strict no rows for any NULL argument
 */
public record TableFunction(
        int oid,
        String schema,
        String name,
        List<SqlType> arguments,
        boolean variadic,
        int defaultCount,
        List<String> columnNames,
        List<SqlType> columnTypes,
        boolean strict,
        Body body)
        implements Overload {
    public TableFunction {
        arguments = List.copyOf(arguments);
        columnNames = List.copyOf(columnNames);
        columnTypes = List.copyOf(columnTypes);
    }

    @FunctionalInterface
    public interface Body {
        /** {@link HeldRows} only of functions that cannot be called but in FROM. */
        Iterator<@Nullable Object[]> rows(@Nullable Object[] arguments, EvalContext context);
    }
}
