package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.OutputColumn;
import java.util.ArrayList;
import java.util.List;

/** Small plans that several binders make. */
final class Plans {
    private Plans() {}

    /** One row without columns: what SELECT without FROM reads. */
    static LogicalPlan oneRow() {
        return new LogicalPlan.Values(List.of(List.of()), List.of());
    }

    static Expr input(int index, OutputColumn column) {
        return new Expr.Input(index, column.type(), column.typmod());
    }

    static List<Expr> inputs(List<OutputColumn> columns) {
        List<Expr> result = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            result.add(input(i, columns.get(i)));
        }
        return result;
    }

    /** The plan with its columns replaced by these expressions over them, if they differ. */
    static LogicalPlan converted(LogicalPlan plan, List<Expr> expressions) {
        if (expressions.equals(inputs(plan.columns()))) {
            return plan;
        }
        List<OutputColumn> columns = new ArrayList<>();
        for (int i = 0; i < expressions.size(); i++) {
            Expr e = expressions.get(i);
            OutputColumn before = plan.columns().get(i);
            columns.add(
                    e instanceof Expr.Input
                            ? before
                            : new OutputColumn(before.name(), e.type(), e.typmod(), 0, 0));
        }
        return new LogicalPlan.Project(plan, expressions, columns);
    }

    static List<OutputColumn> concat(List<OutputColumn> left, List<OutputColumn> right) {
        List<OutputColumn> result = new ArrayList<>(left);
        result.addAll(right);
        return List.copyOf(result);
    }
}
