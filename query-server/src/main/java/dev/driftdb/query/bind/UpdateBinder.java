package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.DataStatement.Assignment;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.BoundStatement.SetColumn;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.CteDefinition;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Binds UPDATE, and the assignments of ON CONFLICT DO UPDATE. */
final class UpdateBinder {
    private final BindState state;
    private final Environment environment;

    UpdateBinder(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    BoundStatement bind(DataStatement.Update update) {
        List<CteDefinition> with = new ArrayList<>();
        Environment here =
                new CommonTableBinder(state)
                        .bind(update.with(), update.recursive(), environment, null, with);
        Target target = Target.find(state, here, update.table(), update.alias(), "UPDATE");
        From source =
                new FromBinder(state, here)
                        .append(new From(target.scan(), target.names()), update.from(), null);
        Scope scope = Scope.of(null, source.namespace());
        ExpressionBinder binder = new ExpressionBinder(state, here, scope, Clause.plain("UPDATE"));
        List<SetColumn> assignments = assignments(target, update.assignments(), binder);
        LogicalPlan plan = source.plan();
        if (update.where() != null) {
            plan =
                    new LogicalPlan.Filter(
                            plan,
                            target.resolved(
                                    binder.in(Clause.plain("WHERE")).condition(update.where())));
        }
        Target.Returning returning = target.returning(update.returning(), source.namespace(), here);
        return new BoundStatement.Update(
                with,
                target.table(),
                plan,
                assignments,
                target.checks(),
                target.generated(),
                returning.values(),
                returning.columns());
    }

    List<SetColumn> assignments(Target target, List<Assignment> written, ExpressionBinder binder) {
        List<SetColumn> result = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (Assignment assignment : written) {
            List<String> names = assignment.columns();
            int position = assignment.position();
            List<ColumnDef> columns = new ArrayList<>();
            for (String name : names) {
                ColumnDef column = target.column(name, position);
                if (!seen.add(column.number())) {
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "multiple assignments to same column \"" + name + "\"");
                }
                columns.add(column);
            }
            if (!assignment.multiple()) {
                result.add(one(target, columns.getFirst(), assignment.value(), binder, position));
            } else {
                result.addAll(several(target, columns, assignment, binder));
            }
        }
        return result;
    }

    private static void refuseGenerated(ColumnDef column) {
        if (column.identity() != ColumnDef.Identity.ALWAYS && !column.isGenerated()) {
            return;
        }
        throw new SqlException(
                        SqlState.GENERATED_ALWAYS,
                        "column \"" + column.name() + "\" can only be updated to DEFAULT")
                .withDetail(
                        "Column \""
                                + column.name()
                                + (column.isGenerated()
                                        ? "\" is a generated column."
                                        : "\" is an identity column defined as GENERATED ALWAYS."));
    }

    private SetColumn one(
            Target target, ColumnDef column, SqlExpr value, ExpressionBinder binder, int position) {
        if (value instanceof SqlExpr.Default) {
            if (target.isView() && column.isGenerated()) {
                refuseGenerated(column);
            }
            return new SetColumn(column.number(), target.updateDefaultOf(column));
        }
        refuseGenerated(column);
        return new SetColumn(
                column.number(),
                target.resolved(
                        state.coercion.assignToColumn(
                                binder.bind(value),
                                column.type(),
                                column.typmod(),
                                column.name(),
                                value.position())));
    }

    private List<SetColumn> several(
            Target target,
            List<ColumnDef> columns,
            Assignment assignment,
            ExpressionBinder binder) {
        int position = assignment.position();
        List<SetColumn> result = new ArrayList<>();
        switch (assignment.value()) {
            case SqlExpr.Row row -> {
                requireWidth(columns.size(), row.fields().size(), row.position());
                for (int i = 0; i < columns.size(); i++) {
                    result.add(one(target, columns.get(i), row.fields().get(i), binder, position));
                }
            }
            case SqlExpr.ScalarQuery query -> {
                LogicalPlan plan = binder.subquery(query.query());
                requireWidth(columns.size(), plan.columns().size(), query.position());
                for (int i = 0; i < columns.size(); i++) {
                    OutputColumn output = plan.columns().get(i);
                    // One scalar subquery per column: each answers NULL for no row and refuses two.
                    Expr value =
                            new Expr.ScalarQuery(
                                    new LogicalPlan.Project(
                                            plan, List.of(Plans.input(i, output)), List.of(output)),
                                    output.type(),
                                    output.typmod());
                    ColumnDef column = columns.get(i);
                    refuseGenerated(column);
                    result.add(
                            new SetColumn(
                                    column.number(),
                                    target.resolved(
                                            state.coercion.assignToColumn(
                                                    value,
                                                    column.type(),
                                                    column.typmod(),
                                                    column.name(),
                                                    position))));
                }
            }
            default ->
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "source for a multiple-column UPDATE item must be a sub-SELECT or"
                                    + " ROW() expression",
                            assignment.value().position());
        }
        return result;
    }

    private static void requireWidth(int columns, int values, int position) {
        if (columns != values) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "number of columns does not match number of values",
                    position);
        }
    }
}
