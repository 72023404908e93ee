package dev.driftdb.query.session;

import dev.driftdb.query.define.DefinitionScope;
import dev.driftdb.query.define.TableLookup;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.execute.operator.TableWriter;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one definition of a table asks of a row that does not come from a query: type modifiers,
 * defaults, NOT NULL, CHECK. Rows are arrays by column number - 1. Good for every statement under
 * the same catalog, one thread at a time.
 */
final class RowChecks {
    private record Check(String name, RowExpression condition) {}

    private record Filled(ColumnDef column, RowExpression value) {}

    private final TableDef table;
    private final List<ColumnDef> visible;
    private final Map<Integer, CastDef> modifiers = new HashMap<>();
    private final Map<Integer, RowExpression> domains = new HashMap<>();
    private final List<Filled> defaults = new ArrayList<>();
    private final List<Filled> generated = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();

    RowChecks(StatementContext context, DefinitionScope scope, TableDef table) {
        this.table = table;
        this.visible = table.visibleColumns();
        for (ColumnDef column : visible) {
            if (column.typmod() >= 0) {
                CastDef cast = context.functions().cast(column.type(), column.type());
                if (cast != null) {
                    modifiers.put(column.number(), cast);
                }
            }
            Expr checked = scope.domainChecks(column.type());
            if (checked != null) {
                domains.put(column.number(), RowExpression.of(checked));
            }
            String text = column.defaultSql();
            Expr inherited = text == null ? scope.inheritedDefault(column.type()) : null;
            if (inherited != null) {
                defaults.add(new Filled(column, RowExpression.of(inherited)));
            }
            if (text != null && !column.isGenerated()) {
                defaults.add(
                        new Filled(
                                column,
                                RowExpression.of(
                                        scope.bind(
                                                scope.parse(text),
                                                List.of(),
                                                column.type(),
                                                column.typmod(),
                                                "DEFAULT expressions"))));
            }
        }
        List<OutputColumn> over = TableLookup.outputColumns(table);
        for (ColumnDef column : visible) {
            String text = column.defaultSql();
            if (text != null && column.isGenerated()) {
                generated.add(
                        new Filled(
                                column,
                                RowExpression.of(
                                        scope.bind(
                                                scope.parse(text),
                                                over,
                                                column.type(),
                                                column.typmod(),
                                                "column generation expressions"))));
            }
        }
        for (Constraint constraint : table.constraints()) {
            if (constraint instanceof Constraint.Check check) {
                checks.add(
                        new Check(
                                check.name(),
                                RowExpression.of(
                                        scope.bind(
                                                scope.parse(check.sql()),
                                                over,
                                                Types.BOOL,
                                                -1,
                                                "check constraints"))));
            }
        }
    }

    /** A value of the column's type as its type modifier wants it: rounded, padded or refused. */
    @Nullable Object modified(ColumnDef column, @Nullable Object given, StatementContext context) {
        RowExpression domain = domains.get(column.number());
        Object value = given;
        if (domain != null) {
            @Nullable Object[] row = {given};
            value = domain.evaluate(row, context);
        }
        CastDef modifier = modifiers.get(column.number());
        return value == null || modifier == null
                ? value
                : modifier.body().apply(value, column.typmod(), false, context);
    }

    /**
     * Puts the defaults of all other columns into a row.
     *
     * @param given the numbers of the columns that have their value
     */
    void fill(@Nullable Object[] values, Set<Integer> given, StatementContext context) {
        for (Filled filled : defaults) {
            int number = filled.column().number();
            if (!given.contains(number)) {
                values[number - 1] = filled.value().evaluate(context);
            }
        }
        regenerate(values, context);
    }

    /** Computes the generated columns of a row anew. */
    void regenerate(@Nullable Object[] values, StatementContext context) {
        if (generated.isEmpty()) {
            return;
        }
        @Nullable Object[] row = visible.stream().map(c -> values[c.number() - 1]).toArray();
        for (Filled filled : generated) {
            values[filled.column().number() - 1] = filled.value().evaluate(row, context);
        }
    }

    /** A column's DEFAULT. */
    @Nullable Object defaultOf(ColumnDef column, StatementContext context) {
        for (Filled filled : defaults) {
            if (filled.column().number() == column.number()) {
                return filled.value().evaluate(context);
            }
        }
        return null;
    }

    /** A value of another column's type as a column takes it. */
    @Nullable Object assigned(
            ColumnDef column, SqlType from, @Nullable Object value, StatementContext context) {
        if (value == null) {
            return null;
        }
        CastDef cast =
                from.equals(column.type()) ? null : context.functions().cast(from, column.type());
        Object converted = cast == null ? value : cast.body().apply(value, -1, false, context);
        return modified(column, converted, context);
    }

    /** 23502 and 23514. */
    void check(@Nullable Object[] values, StatementContext context) {
        for (ColumnDef column : visible) {
            if (column.notNull() && values[column.number() - 1] == null) {
                throw new SqlException(
                                SqlState.NOT_NULL_VIOLATION,
                                "null value in column \""
                                        + column.name()
                                        + "\" of relation \""
                                        + table.name()
                                        + "\" violates not-null constraint")
                        .withDetail(failingRow(values, context))
                        .withTable(context.catalog().schemaName(table), table.name())
                        .withColumn(column.name());
            }
        }
        if (checks.isEmpty()) {
            return;
        }
        @Nullable Object[] row = visible.stream().map(c -> values[c.number() - 1]).toArray();
        for (Check check : checks) {
            if (Boolean.FALSE.equals(check.condition().evaluate(row, context))) {
                throw new SqlException(
                                SqlState.CHECK_VIOLATION,
                                "new row for relation \""
                                        + table.name()
                                        + "\" violates check constraint \""
                                        + check.name()
                                        + "\"")
                        .withDetail(failingRow(values, context))
                        .withTable(context.catalog().schemaName(table), table.name())
                        .withConstraint(check.name());
            }
        }
    }

    private String failingRow(@Nullable Object[] values, StatementContext context) {
        return TableWriter.failingRow(visible, values, context.format());
    }
}
