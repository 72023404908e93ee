package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.schemas.catalog.ColumnDef;
import java.util.List;

/** Which values are certainly not NULL. */
final class Nullability {
    private Nullability() {}

    static boolean isNeverNull(Expr expr, LogicalPlan input) {
        return switch (expr) {
            case Expr.Constant constant -> constant.value() != null;
            case Expr.Input column -> isNeverNull(input, column.index());
            case Expr.Cast cast -> isNeverNull(cast.operand(), input);
            default -> false;
        };
    }

    private static boolean isNeverNull(LogicalPlan plan, int column) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> {
                List<ColumnDef> visible = scan.table().visibleColumns();
                yield column < visible.size()
                        && ((visible.get(column).notNull() && !showsDeletions(scan))
                                || scan.table()
                                        .keyColumns()
                                        .contains(visible.get(column).number()));
            }
            case LogicalPlan.Sample sample -> isNeverNull(sample.input(), column);
            case LogicalPlan.Filter filter ->
                    isNeverNull(filter.input(), column)
                            || ExprTraits.conjuncts(filter.condition()).stream()
                                    .anyMatch(term -> isNotNullTest(term, column));
            case LogicalPlan.Project project ->
                    isNeverNull(project.expressions().get(column), project.input());
            case LogicalPlan.Window window ->
                    column < window.input().columns().size() && isNeverNull(window.input(), column);
            case LogicalPlan.Sort sort -> isNeverNull(sort.input(), column);
            case LogicalPlan.Limit limit -> isNeverNull(limit.input(), column);
            case LogicalPlan.Distinct distinct -> isNeverNull(distinct.input(), column);
            case LogicalPlan.Join join -> {
                int leftWidth = join.left().columns().size();
                yield switch (join.type()) {
                    case INNER ->
                            column < leftWidth
                                    ? isNeverNull(join.left(), column)
                                    : isNeverNull(join.right(), column - leftWidth);
                    case LEFT, SEMI, ANTI -> column < leftWidth && isNeverNull(join.left(), column);
                    case RIGHT ->
                            column >= leftWidth && isNeverNull(join.right(), column - leftWidth);
                    case FULL -> false;
                };
            }
            default -> false;
        };
    }

    private static boolean showsDeletions(LogicalPlan.Scan scan) {
        return scan.time() instanceof LogicalPlan.ScanTime.Versions versions
                && versions.deletions();
    }

    private static boolean isNotNullTest(Expr term, int column) {
        return term instanceof Expr.IsNull test
                && test.negated()
                && test.operand() instanceof Expr.Input input
                && input.index() == column;
    }
}
