package dev.driftdb.query.plan;

import dev.driftdb.query.expr.Expr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an index over expressions or of some rows computes, bound over the table's visible columns.
 *
 * @param columns by position in the index, null for a plain column
 * @param predicate the conditions that all hold of its rows; empty for an index of all rows
 */
public record IndexTerms(List<@Nullable Expr> columns, List<Expr> predicate) {
    public IndexTerms {
        columns = new ArrayList<>(columns);
        predicate = List.copyOf(predicate);
    }
}
