package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Logical plans to better logical plans that answer the same rows. The source of an UPDATE or
 * DELETE is left as it is: its planner still needs the conditions as they were written.
 */
final class Rewriter {
    private final Estimates estimates;

    Rewriter(Estimates estimates) {
        this.estimates = estimates;
    }

    BoundStatement rewrite(BoundStatement statement) {
        return switch (statement) {
            case BoundStatement.Select select -> new BoundStatement.Select(rewrite(select.plan()));
            case BoundStatement.Insert insert ->
                    new BoundStatement.Insert(
                            definitions(insert.with()),
                            insert.table(),
                            rewrite(insert.source()),
                            insert.checks(),
                            insert.generated(),
                            insert.conflict(),
                            all(insert.returning()),
                            insert.output());
            case BoundStatement.Update update ->
                    new BoundStatement.Update(
                            definitions(update.with()),
                            update.table(),
                            update.source(),
                            columns(update.assignments()),
                            update.checks(),
                            update.generated(),
                            all(update.returning()),
                            update.output());
            case BoundStatement.Merge merge ->
                    new BoundStatement.Merge(
                            definitions(merge.with()),
                            merge.table(),
                            merge.source(),
                            rewrite(merge.condition()),
                            merge.clauses().stream().map(this::clause).toList(),
                            merge.checks(),
                            merge.generated());
            case BoundStatement.Delete delete ->
                    new BoundStatement.Delete(
                            definitions(delete.with()),
                            delete.table(),
                            delete.source(),
                            all(delete.returning()),
                            delete.output());
        };
    }

    private BoundStatement.MergeClause clause(BoundStatement.MergeClause clause) {
        Expr condition = clause.condition();
        return new BoundStatement.MergeClause(
                clause.matched(),
                condition == null ? null : rewrite(condition),
                switch (clause.action()) {
                    case BoundStatement.MergeAction.Update update ->
                            new BoundStatement.MergeAction.Update(columns(update.assignments()));
                    case BoundStatement.MergeAction.Insert insert ->
                            new BoundStatement.MergeAction.Insert(all(insert.values()));
                    case BoundStatement.MergeAction.Delete delete -> delete;
                    case BoundStatement.MergeAction.Nothing nothing -> nothing;
                });
    }

    List<LogicalPlan.CteDefinition> definitions(List<LogicalPlan.CteDefinition> definitions) {
        List<LogicalPlan.CteDefinition> list = new ArrayList<>();
        for (LogicalPlan.CteDefinition definition : definitions) {
            list.add(
                    new LogicalPlan.CteDefinition(
                            definition.id(),
                            definition.name(),
                            rewrite(definition.statement()),
                            definition.recursive()));
        }
        return list;
    }

    LogicalPlan rewrite(LogicalPlan plan) {
        LogicalPlan inlined = InlineCommonTables.apply(plan);
        LogicalPlan pushed =
                new ExtremesByIndex(estimates)
                        .apply(
                                PushFilters.apply(
                                        new Decorrelate(estimates)
                                                .apply(Factoring.apply(inlined))));
        JoinOrder order = new JoinOrder(estimates);
        List<LogicalPlan> plans = new ArrayList<>();
        plans.add(order.apply(PushSemiJoins.apply(pushed)));
        // What a semi join leaves out need not be joined; but after a join there may be fewer rows
        // to ask for.
        if (PushSemiJoins.canPush(pushed)) {
            plans.add(order.apply(pushed));
        }
        UniqueSemiJoins unique = new UniqueSemiJoins(estimates);
        if (unique.canApply(pushed)) {
            plans.add(order.apply(PushSemiJoins.apply(unique.apply(pushed))));
        }
        return plans.size() == 1
                ? plans.getFirst()
                : Collections.min(plans, Comparator.comparingDouble(estimates::cost));
    }

    /** An expression with the plans of its subqueries rewritten. */
    Expr rewrite(Expr expr) {
        return ExprTraits.hasSubquery(expr)
                ? PlanTree.rebuild(expr, this::rewrite, this::rewrite)
                : expr;
    }

    private List<Expr> all(List<Expr> list) {
        return list.stream().map(this::rewrite).toList();
    }

    private List<BoundStatement.SetColumn> columns(List<BoundStatement.SetColumn> list) {
        return list.stream()
                .map(set -> new BoundStatement.SetColumn(set.columnNumber(), rewrite(set.value())))
                .toList();
    }
}
