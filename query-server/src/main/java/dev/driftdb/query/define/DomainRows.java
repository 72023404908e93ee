package dev.driftdb.query.define;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.SqlType;
import org.jspecify.annotations.Nullable;

/** The stored rows that a change of a domain concerns. */
final class DomainRows {
    private final DefinitionScope scope;

    DomainRows(DefinitionScope scope) {
        this.scope = scope;
    }

    /** Whether a domain anywhere in the type refuses some of its values. */
    boolean isConstrained(SqlType type) {
        return scope.domainChecks(type) != null;
    }

    /**
     * Checks every stored value of the domain against a condition over it.
     *
     * @param condition null to ask for NOT NULL
     * @throws SqlException 23502, 23514; 0A000 where the domain is inside of another type
     */
    void check(TypeDef domain, @Nullable Expr condition) {
        RowExpression compiled = condition == null ? null : RowExpression.of(condition);
        for (TableDef table : scope.catalog().objects(TableDef.class)) {
            for (ColumnDef column : table.visibleColumns()) {
                if (!TypeDefinitions.contains(column.type(), domain.id())) {
                    continue;
                }
                if (!column.type().isDomain()) {
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot alter type \""
                                    + domain.name()
                                    + "\" because column \""
                                    + table.name()
                                    + "."
                                    + column.name()
                                    + "\" uses it");
                }
                check(table, column, compiled);
            }
        }
    }

    private void check(TableDef table, ColumnDef column, @Nullable RowExpression condition) {
        scope.requireUnchanged(table);
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                Object value = RowCodec.decodeColumn(column, rows.row());
                if (condition == null ? value == null : fails(condition, value)) {
                    String what =
                            condition == null
                                    ? "null values"
                                    : "values that violate the new constraint";
                    throw new SqlException(
                                    condition == null
                                            ? SqlState.NOT_NULL_VIOLATION
                                            : SqlState.CHECK_VIOLATION,
                                    "column \""
                                            + column.name()
                                            + "\" of table \""
                                            + table.name()
                                            + "\" contains "
                                            + what)
                            .withTable(scope.catalog().schemaName(table), table.name())
                            .withColumn(column.name());
                }
            }
        }
    }

    private boolean fails(RowExpression condition, @Nullable Object value) {
        @Nullable Object[] row = {value};
        return Boolean.FALSE.equals(condition.evaluate(row, scope.evalContext()));
    }
}
