package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.PlanTree;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replaces parts of an expression, those inside of its subqueries included. Depth 0 is the
 * expression's own row; inside a subquery, the same row is {@link Expr.Outer} of the depth told.
 */
final class Rewriter {
    /** Answers the replacement, or null to go on inside of the expression. */
    @FunctionalInterface
    interface Rule {
        @Nullable Expr apply(Expr expression, int depth);
    }

    private final Rule rule;

    Rewriter(Rule rule) {
        this.rule = rule;
    }

    Expr expr(Expr e, int depth) {
        Expr replaced = rule.apply(e, depth);
        if (replaced != null) {
            return replaced;
        }
        return switch (e) {
            case Expr.Constant _, Expr.Input _, Expr.Outer _, Expr.Parameter _ -> e;
            case Expr.Call c ->
                    new Expr.Call(
                            c.function(),
                            exprs(c.arguments(), depth),
                            c.type(),
                            c.typmod(),
                            c.operator());
            case Expr.Comparison c ->
                    new Expr.Comparison(c.op(), expr(c.left(), depth), expr(c.right(), depth));
            case Expr.Cast c ->
                    new Expr.Cast(expr(c.operand(), depth), c.cast(), c.type(), c.typmod());
            case Expr.DomainCheck check ->
                    new Expr.DomainCheck(expr(check.operand(), depth), check.type(), check.rules());
            case Expr.And a -> new Expr.And(exprs(a.terms(), depth));
            case Expr.Or o -> new Expr.Or(exprs(o.terms(), depth));
            case Expr.Not n -> new Expr.Not(expr(n.operand(), depth));
            case Expr.IsNull n -> new Expr.IsNull(expr(n.operand(), depth), n.negated());
            case Expr.IsBoolean b ->
                    new Expr.IsBoolean(expr(b.operand(), depth), b.value(), b.negated());
            case Expr.IsDistinct d ->
                    new Expr.IsDistinct(expr(d.left(), depth), expr(d.right(), depth), d.negated());
            case Expr.Case c ->
                    new Expr.Case(
                            c.branches().stream()
                                    .map(b ->
                                            new Expr.Branch(
                                                    expr(b.condition(), depth),
                                                    expr(b.result(), depth)))
                                    .toList(),
                            maybe(c.otherwise(), depth),
                            c.type());
            case Expr.Coalesce c -> new Expr.Coalesce(exprs(c.arguments(), depth), c.type());
            case Expr.NullIf n ->
                    new Expr.NullIf(expr(n.value(), depth), expr(n.comparison(), depth), n.type());
            case Expr.Extreme x ->
                    new Expr.Extreme(x.greatest(), exprs(x.arguments(), depth), x.type());
            case Expr.InList i ->
                    new Expr.InList(expr(i.operand(), depth), exprs(i.list(), depth), i.negated());
            case Expr.QuantifiedArray q ->
                    new Expr.QuantifiedArray(
                            expr(q.operand(), depth),
                            expr(q.array(), depth),
                            q.all(),
                            q.predicate());
            case Expr.ScalarQuery q ->
                    new Expr.ScalarQuery(plan(q.plan(), depth + 1), q.type(), q.typmod());
            case Expr.Exists x -> new Expr.Exists(plan(x.plan(), depth + 1));
            case Expr.ArrayQuery q -> new Expr.ArrayQuery(plan(q.plan(), depth + 1), q.type());
            case Expr.InQuery q ->
                    new Expr.InQuery(
                            exprs(q.operands(), depth), plan(q.plan(), depth + 1), q.negated());
            case Expr.QuantifiedQuery q ->
                    new Expr.QuantifiedQuery(
                            exprs(q.operands(), depth),
                            plan(q.plan(), depth + 1),
                            q.quantifier(),
                            q.predicate());
            case Expr.CurrentOf c -> new Expr.CurrentOf(c.cursor(), expr(c.anchor(), depth));
            case Expr.ArrayConstructor a ->
                    new Expr.ArrayConstructor(exprs(a.elements(), depth), a.type());
            case Expr.Row r -> new Expr.Row(exprs(r.fields(), depth));
        };
    }

    List<Expr> exprs(List<Expr> list, int depth) {
        return list.stream().map(e -> expr(e, depth)).toList();
    }

    private @Nullable Expr maybe(@Nullable Expr e, int depth) {
        return e == null ? null : expr(e, depth);
    }

    /** A plan whose own expressions have the row in question at this depth. */
    LogicalPlan plan(LogicalPlan p, int depth) {
        return switch (p) {
            case LogicalPlan.Scan _, LogicalPlan.SystemScan _, LogicalPlan.CteScan _ -> p;
            case LogicalPlan.Sample s ->
                    new LogicalPlan.Sample(
                            plan(s.input(), depth),
                            s.method(),
                            expr(s.percentage(), depth),
                            maybe(s.seed(), depth));
            case LogicalPlan.FunctionScan f ->
                    new LogicalPlan.FunctionScan(
                            f.function(),
                            exprs(f.arguments(), depth),
                            f.withOrdinality(),
                            f.columns(),
                            f.alias());
            case LogicalPlan.Values v ->
                    new LogicalPlan.Values(
                            v.rows().stream().map(row -> exprs(row, depth)).toList(), v.columns());
            case LogicalPlan.Filter f ->
                    new LogicalPlan.Filter(plan(f.input(), depth), expr(f.condition(), depth));
            case LogicalPlan.Project j ->
                    new LogicalPlan.Project(
                            plan(j.input(), depth), exprs(j.expressions(), depth), j.columns());
            case LogicalPlan.ProjectSet s ->
                    new LogicalPlan.ProjectSet(
                            plan(s.input(), depth),
                            s.calls().stream()
                                    .map(c ->
                                            new LogicalPlan.SetCall(
                                                    c.function(), exprs(c.arguments(), depth)))
                                    .toList(),
                            s.columns());
            case LogicalPlan.Join j ->
                    new LogicalPlan.Join(
                            j.type(),
                            plan(j.left(), depth),
                            plan(j.right(), j.lateral() ? depth + 1 : depth),
                            maybe(j.condition(), depth),
                            j.lateral(),
                            j.columns());
            case LogicalPlan.Aggregate a ->
                    new LogicalPlan.Aggregate(
                            plan(a.input(), depth),
                            exprs(a.groupBy(), depth),
                            a.groupingSets(),
                            a.aggregates().stream().map(c -> call(c, depth)).toList(),
                            a.groupings(),
                            a.columns());
            case LogicalPlan.Window w ->
                    new LogicalPlan.Window(
                            plan(w.input(), depth),
                            w.windows().stream()
                                    .map(d -> PlanTree.rebuild(d, e -> expr(e, depth)))
                                    .toList(),
                            w.calls().stream()
                                    .map(c -> PlanTree.rebuild(c, e -> expr(e, depth)))
                                    .toList(),
                            w.columns());
            case LogicalPlan.Sort s ->
                    new LogicalPlan.Sort(plan(s.input(), depth), keys(s.keys(), depth));
            case LogicalPlan.Limit l ->
                    new LogicalPlan.Limit(
                            plan(l.input(), depth),
                            maybe(l.limit(), depth),
                            maybe(l.offset(), depth),
                            keys(l.tieKeys(), depth));
            case LogicalPlan.Distinct d ->
                    new LogicalPlan.Distinct(plan(d.input(), depth), exprs(d.on(), depth));
            case LogicalPlan.SetOperation s ->
                    new LogicalPlan.SetOperation(
                            s.kind(),
                            s.all(),
                            plan(s.left(), depth),
                            plan(s.right(), depth),
                            s.columns());
            case LogicalPlan.With w ->
                    new LogicalPlan.With(
                            w.definitions().stream().map(d -> definition(d, depth)).toList(),
                            plan(w.body(), depth));
            case LogicalPlan.RecursiveUnion r ->
                    new LogicalPlan.RecursiveUnion(
                            r.id(),
                            plan(r.base(), depth),
                            plan(r.step(), depth),
                            r.all(),
                            r.columns());
            case LogicalPlan.LockRows l ->
                    new LogicalPlan.LockRows(plan(l.input(), depth), l.locks());
        };
    }

    AggregateCall call(AggregateCall c, int depth) {
        return new AggregateCall(
                c.function(),
                exprs(c.direct(), depth),
                exprs(c.arguments(), depth),
                c.distinct(),
                maybe(c.filter(), depth),
                keys(c.orderBy(), depth));
    }

    List<SortKey> keys(List<SortKey> keys, int depth) {
        return keys.stream()
                .map(k -> new SortKey(expr(k.expression(), depth), k.descending(), k.nullsFirst()))
                .toList();
    }

    private LogicalPlan.CteDefinition definition(LogicalPlan.CteDefinition d, int depth) {
        // Data-modifying ones stand at the top only, so they never read an enclosing row.
        return d.statement() instanceof BoundStatement.Select select
                ? new LogicalPlan.CteDefinition(
                        d.id(),
                        d.name(),
                        new BoundStatement.Select(plan(select.plan(), depth)),
                        d.recursive())
                : d;
    }
}
