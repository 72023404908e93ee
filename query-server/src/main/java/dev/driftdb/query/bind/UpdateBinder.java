package dev.driftdb.query.bind;

import dev.driftdb.query.ast.ColumnTarget;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        List<SetColumn> assignments = assignments(target, update.assignments(), binder, 0);
        LogicalPlan plan = source.plan();
        if (update.where() instanceof SqlExpr.CurrentOf current) {
            plan = new LogicalPlan.Filter(plan, target.currentOf(current));
        } else if (update.where() != null) {
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

    /**
     * @param first where the target's columns begin in the rows that values are read from
     */
    List<SetColumn> assignments(
            Target target, List<Assignment> written, ExpressionBinder binder, int first) {
        Changes changes = new Changes(state, target, binder, first);
        for (Assignment assignment : written) {
            List<ColumnTarget> parts = assignment.columns();
            List<ColumnDef> columns = new ArrayList<>();
            for (ColumnTarget part : parts) {
                columns.add(target.column(part.column(), part.position()));
            }
            if (!assignment.multiple()) {
                changes.add(columns.getFirst(), parts.getFirst(), assignment.value());
            } else {
                several(changes, columns, assignment, binder);
            }
        }
        return changes.result();
    }

    /** The columns that a SET list changes, with what it gives them. */
    private static final class Changes {
        private final BindState state;
        private final Target target;
        private final ExpressionBinder binder;
        private final int first;
        private final Map<ColumnDef, Expr> values = new LinkedHashMap<>();
        private final Set<ColumnDef> inParts = new HashSet<>();

        Changes(BindState state, Target target, ExpressionBinder binder, int first) {
            this.state = state;
            this.target = target;
            this.binder = binder;
            this.first = first;
        }

        void add(ColumnDef column, ColumnTarget part, SqlExpr value) {
            if (!(value instanceof SqlExpr.Default)) {
                add(column, part, binder.bind(value), value.position());
                return;
            }
            if (!part.parts().isEmpty()) {
                throw ColumnParts.refuseDefault(part);
            }
            requireOnce(column, false);
            if (target.isView() && column.isGenerated()) {
                refuseGenerated(column);
            }
            values.put(column, target.updateDefaultOf(column));
        }

        void add(ColumnDef column, ColumnTarget part, Expr value, int position) {
            boolean inner = !part.parts().isEmpty();
            requireOnce(column, inner);
            if (!inner) {
                refuseGenerated(column);
                values.put(
                        column,
                        target.resolved(
                                state.coercion.assignToColumn(
                                        value,
                                        column.type(),
                                        column.typmod(),
                                        column.name(),
                                        position)));
                return;
            }
            Expr before = values.get(column);
            if (before == null) {
                int index = first + target.columns().indexOf(column);
                before = new Expr.Input(index, column.type(), column.typmod());
            }
            Expr stored =
                    new ColumnParts(state, binder, part.position())
                            .store(before, column.type(), column.typmod(), part, value, true);
            refuseGenerated(column);
            inParts.add(column);
            values.put(column, target.resolved(stored));
        }

        private void requireOnce(ColumnDef column, boolean inner) {
            if (values.containsKey(column) && !(inner && inParts.contains(column))) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "multiple assignments to same column \"" + column.name() + "\"");
            }
        }

        List<SetColumn> result() {
            List<SetColumn> result = new ArrayList<>();
            values.forEach((column, value) -> {
                Expr whole =
                        inParts.contains(column) && column.type().isDomain()
                                ? state.coercion.domains().checked(value, column.type())
                                : value;
                result.add(new SetColumn(column.number(), whole));
            });
            return result;
        }
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

    private void several(
            Changes changes,
            List<ColumnDef> columns,
            Assignment assignment,
            ExpressionBinder binder) {
        List<ColumnTarget> parts = assignment.columns();
        switch (assignment.value()) {
            case SqlExpr.Row row -> {
                requireWidth(columns.size(), row.fields().size(), row.position());
                for (int i = 0; i < columns.size(); i++) {
                    changes.add(columns.get(i), parts.get(i), row.fields().get(i));
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
                    changes.add(columns.get(i), parts.get(i), value, assignment.position());
                }
            }
            default ->
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "source for a multiple-column UPDATE item must be a sub-SELECT or"
                                    + " ROW() expression",
                            assignment.value().position());
        }
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
