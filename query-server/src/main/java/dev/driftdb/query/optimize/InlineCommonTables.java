package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.CteDefinition;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.query.plan.PlanTree;
import java.util.ArrayList;
import java.util.List;

/**
 * A common table that is read once, outside of subqueries and recursion, becomes part of the query
 * that reads it, so that conditions reach its tables.
 */
final class InlineCommonTables {
    private InlineCommonTables() {}

    static LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan rebuilt =
                PlanTree.rebuild(
                        plan,
                        InlineCommonTables::inside,
                        InlineCommonTables::apply,
                        InlineCommonTables::apply);
        return rebuilt instanceof LogicalPlan.With with ? inline(with) : rebuilt;
    }

    private static Expr inside(Expr expr) {
        return PlanTree.rebuild(expr, InlineCommonTables::inside, InlineCommonTables::apply);
    }

    private static LogicalPlan inline(LogicalPlan.With with) {
        List<CteDefinition> kept = new ArrayList<>();
        List<CteDefinition> waiting = new ArrayList<>(with.definitions());
        LogicalPlan body = with.body();
        while (!waiting.isEmpty()) {
            CteDefinition definition = waiting.removeFirst();
            if (!(definition.statement() instanceof BoundStatement.Select select)
                    || definition.recursive()
                    || PlanTraits.isVolatile(select.plan())) {
                kept.add(definition);
                continue;
            }
            int references = references(body, definition.id());
            int inBody = plainReferences(body, definition.id());
            for (CteDefinition later : waiting) {
                references +=
                        later.statement() instanceof BoundStatement.Select other
                                ? references(other.plan(), definition.id())
                                : 2; // a data-modifying statement is left as it is
            }
            if (references == 1 && inBody == 1) {
                body = replace(body, definition.id(), select.plan());
            } else if (references != 1 || !inlineInto(waiting, definition.id(), select.plan())) {
                kept.add(definition);
            }
        }
        return kept.isEmpty() ? body : new LogicalPlan.With(kept, body);
    }

    private static boolean inlineInto(
            List<CteDefinition> definitions, int id, LogicalPlan replacement) {
        for (int i = 0; i < definitions.size(); i++) {
            CteDefinition later = definitions.get(i);
            if (later.statement() instanceof BoundStatement.Select other
                    && !later.recursive()
                    && plainReferences(other.plan(), id) == 1) {
                definitions.set(
                        i,
                        new CteDefinition(
                                later.id(),
                                later.name(),
                                new BoundStatement.Select(replace(other.plan(), id, replacement)),
                                false));
                return true;
            }
        }
        return false;
    }

    /** All references, those in subqueries too. */
    private static int references(LogicalPlan plan, int id) {
        int[] count = {plan instanceof LogicalPlan.CteScan scan && scan.id() == id ? 1 : 0};
        PlanTraits.eachInput(plan, input -> count[0] += references(input, id));
        PlanTraits.eachExpression(
                plan,
                expr ->
                        PlanTraits.eachSubquery(
                                expr, subquery -> count[0] += references(subquery, id)));
        if (plan instanceof LogicalPlan.With with) {
            for (CteDefinition definition : with.definitions()) {
                count[0] += definition.statement() instanceof BoundStatement.Select ? 0 : 2;
            }
        }
        return count[0];
    }

    /** References at the same level of nesting, outside of recursion. */
    private static int plainReferences(LogicalPlan plan, int id) {
        int[] count = {plan instanceof LogicalPlan.CteScan scan && scan.id() == id ? 1 : 0};
        if (!(plan instanceof LogicalPlan.RecursiveUnion)) {
            PlanTree.rebuild(
                    plan,
                    expr -> expr,
                    input -> {
                        count[0] += plainReferences(input, id);
                        return input;
                    },
                    lateral -> lateral);
        }
        return count[0];
    }

    private static LogicalPlan replace(LogicalPlan plan, int id, LogicalPlan replacement) {
        if (plan instanceof LogicalPlan.CteScan scan && scan.id() == id) {
            return replacement;
        }
        return PlanTree.rebuild(
                plan, expr -> expr, input -> replace(input, id, replacement), lateral -> lateral);
    }
}
