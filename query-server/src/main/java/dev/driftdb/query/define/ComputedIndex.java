package dev.driftdb.query.define;

import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The expressions and the WHERE of an index, compiled over rows by column number - 1. */
final class ComputedIndex {
    private final List<@Nullable RowExpression> values = new ArrayList<>();
    private final @Nullable RowExpression predicate;

    ComputedIndex(DefinitionScope scope, TableDef table, IndexDef index) {
        for (IndexDef.IndexColumn column : index.columns()) {
            IndexDef.IndexExpression expression = column.expression();
            values.add(
                    expression == null
                            ? null
                            : RowExpression.of(
                                    scope.bind(
                                            scope.parse(expression.sql()),
                                            IndexTexts.columnsByNumber(table),
                                            expression.type(),
                                            expression.typmod(),
                                            IndexTexts.EXPRESSIONS)));
        }
        String where = index.predicate();
        predicate =
                where == null
                        ? null
                        : RowExpression.of(
                                scope.bind(
                                        scope.parse(where),
                                        IndexTexts.columnsByNumber(table),
                                        Types.BOOL,
                                        -1,
                                        IndexTexts.PREDICATES));
    }

    boolean admits(@Nullable Object[] row, ExecutionContext context) {
        return predicate == null || Boolean.TRUE.equals(predicate.evaluate(row, context));
    }

    @Nullable Object value(int i, @Nullable Object[] row, ExecutionContext context) {
        RowExpression expression = values.get(i);
        if (expression == null) {
            throw new IllegalStateException("column " + i + " of the index is no expression");
        }
        return expression.evaluate(row, context);
    }
}
