package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Plans and expressions as short text for comparison: columns are #index, outer ones ^depth.index.
 */
final class PlanText {
    private final List<String> lines = new ArrayList<>();

    static String of(BoundStatement statement) {
        PlanText text = new PlanText();
        text.statement(statement, 0);
        return String.join("\n", text.lines);
    }

    private void line(int depth, String text) {
        lines.add("  ".repeat(depth) + text);
    }

    private void statement(BoundStatement statement, int depth) {
        switch (statement) {
            case BoundStatement.Select select -> plan(select.plan(), depth);
            case BoundStatement.Insert insert -> {
                line(depth, "Insert " + insert.table().name());
                insert.with().forEach(w -> definition(w, depth + 1));
                insert.checks()
                        .forEach(c ->
                                line(depth + 1, "check " + c.name() + " " + expr(c.condition())));
                BoundStatement.Conflict conflict = insert.conflict();
                if (conflict != null) {
                    String index = conflict.index() == null ? "any" : conflict.index().name();
                    String action =
                            conflict.updates() == null ? "nothing" : sets(conflict.updates());
                    String where =
                            conflict.where() == null ? "" : " where " + expr(conflict.where());
                    line(depth + 1, "conflict " + index + ": " + action + where);
                }
                returning(insert.returning(), depth + 1);
                plan(insert.source(), depth + 1);
            }
            case BoundStatement.Update update -> {
                line(depth, "Update " + update.table().name() + " " + sets(update.assignments()));
                update.with().forEach(w -> definition(w, depth + 1));
                update.checks()
                        .forEach(c ->
                                line(depth + 1, "check " + c.name() + " " + expr(c.condition())));
                returning(update.returning(), depth + 1);
                plan(update.source(), depth + 1);
            }
            case BoundStatement.Delete delete -> {
                line(depth, "Delete " + delete.table().name());
                delete.with().forEach(w -> definition(w, depth + 1));
                returning(delete.returning(), depth + 1);
                plan(delete.source(), depth + 1);
            }
            case BoundStatement.Merge merge -> {
                line(depth, "Merge " + merge.table().name());
                merge.with().forEach(w -> definition(w, depth + 1));
                plan(merge.source(), depth + 1);
            }
        }
    }

    private void returning(List<Expr> values, int depth) {
        if (!values.isEmpty()) {
            line(depth, "returning " + exprs(values));
        }
    }

    private static String sets(List<BoundStatement.SetColumn> sets) {
        return sets.stream()
                .map(s -> s.columnNumber() + "=" + expr(s.value()))
                .collect(Collectors.joining(", "));
    }

    private void definition(LogicalPlan.CteDefinition definition, int depth) {
        line(
                depth,
                "cte "
                        + definition.id()
                        + " "
                        + definition.name()
                        + (definition.recursive() ? " recursive" : ""));
        statement(definition.statement(), depth + 1);
    }

    private void plan(LogicalPlan plan, int depth) {
        switch (plan) {
            case LogicalPlan.Scan s ->
                    line(
                            depth,
                            "Scan "
                                    + s.table().name()
                                    + time(s.time())
                                    + (s.pseudoColumns() ? " +pseudo" : ""));
            case LogicalPlan.Sample s -> {
                line(
                        depth,
                        "Sample "
                                + s.method()
                                + " "
                                + expr(s.percentage())
                                + (s.seed() == null ? "" : " seed " + expr(s.seed())));
                plan(s.input(), depth + 1);
            }
            case LogicalPlan.SystemScan s ->
                    line(
                            depth,
                            "SystemScan "
                                    + s.relation().name()
                                    + (s.offset() == null ? "" : " @" + s.offset()));
            case LogicalPlan.FunctionScan f ->
                    line(
                            depth,
                            "FunctionScan "
                                    + f.function().name()
                                    + "("
                                    + exprs(f.arguments())
                                    + ")"
                                    + (f.withOrdinality() ? " ordinality" : ""));
            case LogicalPlan.Values v ->
                    line(
                            depth,
                            "Values "
                                    + v.rows().stream()
                                            .map(r -> "(" + exprs(r) + ")")
                                            .collect(Collectors.joining(", ")));
            case LogicalPlan.Filter f -> {
                line(depth, "Filter " + expr(f.condition()));
                plan(f.input(), depth + 1);
            }
            case LogicalPlan.Project p -> {
                line(depth, "Project " + named(p));
                plan(p.input(), depth + 1);
            }
            case LogicalPlan.ProjectSet p -> {
                line(
                        depth,
                        "ProjectSet "
                                + p.calls().stream()
                                        .map(c ->
                                                c.function().name()
                                                        + "("
                                                        + exprs(c.arguments())
                                                        + ")")
                                        .collect(Collectors.joining(", ")));
                plan(p.input(), depth + 1);
            }
            case LogicalPlan.Join j -> {
                line(
                        depth,
                        j.type()
                                + " Join"
                                + (j.lateral() ? " lateral" : "")
                                + (j.condition() == null ? "" : " " + expr(j.condition())));
                plan(j.left(), depth + 1);
                plan(j.right(), depth + 1);
            }
            case LogicalPlan.Aggregate a -> {
                line(
                        depth,
                        "Aggregate ["
                                + exprs(a.groupBy())
                                + "] "
                                + a.groupingSets()
                                + " "
                                + a.aggregates().stream()
                                        .map(PlanText::call)
                                        .collect(Collectors.joining(", "))
                                + (a.groupings().isEmpty() ? "" : " grouping " + a.groupings()));
                plan(a.input(), depth + 1);
            }
            case LogicalPlan.Window w -> {
                line(
                        depth,
                        "Window "
                                + w.calls().stream()
                                        .map(c -> c.name() + "(" + exprs(c.arguments()) + ")")
                                        .collect(Collectors.joining(", ")));
                plan(w.input(), depth + 1);
            }
            case LogicalPlan.Sort s -> {
                line(depth, "Sort " + keys(s.keys()));
                plan(s.input(), depth + 1);
            }
            case LogicalPlan.Limit l -> {
                line(
                        depth,
                        "Limit "
                                + (l.limit() == null ? "-" : expr(l.limit()))
                                + (l.offset() == null ? "" : " offset " + expr(l.offset()))
                                + (l.tieKeys().isEmpty() ? "" : " ties " + keys(l.tieKeys())));
                plan(l.input(), depth + 1);
            }
            case LogicalPlan.Distinct d -> {
                line(depth, "Distinct " + exprs(d.on()));
                plan(d.input(), depth + 1);
            }
            case LogicalPlan.SetOperation s -> {
                line(depth, s.kind() + (s.all() ? " all" : ""));
                plan(s.left(), depth + 1);
                plan(s.right(), depth + 1);
            }
            case LogicalPlan.With w -> {
                line(depth, "With");
                w.definitions().forEach(d -> definition(d, depth + 1));
                plan(w.body(), depth + 1);
            }
            case LogicalPlan.CteScan c -> line(depth, "CteScan " + c.id() + " " + c.name());
            case LogicalPlan.RecursiveUnion r -> {
                line(depth, "RecursiveUnion " + r.id() + (r.all() ? " all" : ""));
                plan(r.base(), depth + 1);
                plan(r.step(), depth + 1);
            }
            case LogicalPlan.LockRows l -> {
                String locks =
                        l.locks().stream()
                                .map(lock ->
                                        " "
                                                + lock.alias()
                                                + " "
                                                + lock.strength()
                                                + " "
                                                + lock.onConflict())
                                .collect(java.util.stream.Collectors.joining());
                line(depth, "LockRows" + locks);
                plan(l.input(), depth + 1);
            }
        }
    }

    private static String named(LogicalPlan.Project p) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < p.expressions().size(); i++) {
            parts.add(expr(p.expressions().get(i)) + " " + p.columns().get(i).name());
        }
        return String.join(", ", parts);
    }

    private static String time(ScanTime time) {
        return switch (time) {
            case ScanTime.Now _ -> "";
            case ScanTime.At(long offset) -> " @" + offset;
            case ScanTime.Versions(long from, long to, var _, boolean _) ->
                    " @" + (from == ScanTime.Versions.ALL ? "horizon" : from) + ".." + to;
        };
    }

    private static String call(LogicalPlan.AggregateCall call) {
        return call.function().name()
                + "("
                + (call.distinct() ? "distinct " : "")
                + exprs(call.arguments())
                + (call.orderBy().isEmpty() ? "" : " order " + keys(call.orderBy()))
                + ")"
                + (call.filter() == null ? "" : " filter " + expr(call.filter()));
    }

    private static String keys(List<SortKey> keys) {
        return keys.stream()
                .map(k ->
                        expr(k.expression())
                                + (k.descending() ? " desc" : "")
                                + (k.nullsFirst() == k.descending()
                                        ? ""
                                        : k.nullsFirst() ? " nulls first" : " nulls last"))
                .collect(Collectors.joining(", "));
    }

    private static String exprs(List<Expr> list) {
        return list.stream().map(PlanText::expr).collect(Collectors.joining(", "));
    }

    private static String sub(LogicalPlan plan) {
        PlanText text = new PlanText();
        text.plan(plan, 0);
        return "{"
                + text.lines.stream().map(String::strip).collect(Collectors.joining(" < "))
                + "}";
    }

    static String expr(Expr e) {
        return switch (e) {
            case Expr.Constant c -> c.value() + ":" + c.type().name();
            case Expr.Input i -> "#" + i.index();
            case Expr.Outer o -> "^" + o.depth() + "." + o.index();
            case Expr.Parameter p -> "$" + p.number() + ":" + p.type().name();
            case Expr.Call c ->
                    (c.operator() == null ? c.function().name() : "`" + c.operator() + "`")
                            + "("
                            + exprs(c.arguments())
                            + "):"
                            + c.type().name();
            case Expr.Comparison c ->
                    "(" + expr(c.left()) + " " + c.op().symbol() + " " + expr(c.right()) + ")";
            case Expr.Cast c ->
                    "cast("
                            + expr(c.operand())
                            + " "
                            + c.type().name()
                            + (c.typmod() < 0 ? "" : "/" + c.typmod())
                            + ")";
            case Expr.DomainCheck c -> "check(" + c.type() + ", " + expr(c.operand()) + ")";
            case Expr.And a -> "and(" + exprs(a.terms()) + ")";
            case Expr.Or o -> "or(" + exprs(o.terms()) + ")";
            case Expr.Not n -> "not(" + expr(n.operand()) + ")";
            case Expr.IsNull n -> expr(n.operand()) + (n.negated() ? " notnull" : " isnull");
            case Expr.IsBoolean b ->
                    expr(b.operand()) + (b.negated() ? " is not " : " is ") + b.value();
            case Expr.IsDistinct d ->
                    "("
                            + expr(d.left())
                            + (d.negated() ? " same " : " distinct ")
                            + expr(d.right())
                            + ")";
            case Expr.Case c ->
                    "case("
                            + c.branches().stream()
                                    .map(b -> expr(b.condition()) + " -> " + expr(b.result()))
                                    .collect(Collectors.joining(", "))
                            + (c.otherwise() == null ? "" : " else " + expr(c.otherwise()))
                            + "):"
                            + c.type().name();
            case Expr.Coalesce c -> "coalesce(" + exprs(c.arguments()) + ")";
            case Expr.NullIf n -> "nullif(" + expr(n.value()) + ", " + expr(n.comparison()) + ")";
            case Expr.Extreme x ->
                    (x.greatest() ? "greatest(" : "least(") + exprs(x.arguments()) + ")";
            case Expr.InList i ->
                    expr(i.operand())
                            + (i.negated() ? " not in (" : " in (")
                            + exprs(i.list())
                            + ")";
            case Expr.QuantifiedArray q ->
                    expr(q.operand())
                            + (q.all() ? " all " : " any ")
                            + expr(q.array())
                            + " "
                            + expr(q.predicate().expression());
            case Expr.ScalarQuery q -> "scalar" + sub(q.plan());
            case Expr.Exists x -> "exists" + sub(x.plan());
            case Expr.ArrayQuery q -> "array" + sub(q.plan());
            case Expr.InQuery q ->
                    exprs(q.operands()) + (q.negated() ? " not in " : " in ") + sub(q.plan());
            case Expr.QuantifiedQuery q ->
                    (q.operands().size() == 1 ? expr(q.operands().getFirst()) : exprs(q.operands()))
                            + switch (q.quantifier()) {
                                case ALL -> " all ";
                                case ANY -> " any ";
                                case ONLY -> " only ";
                            }
                            + sub(q.plan())
                            + " "
                            + expr(q.predicate().expression());
            case Expr.CurrentOf c -> "current of " + c.cursor();
            case Expr.ArrayConstructor a -> "[" + exprs(a.elements()) + "]:" + a.type().name();
            case Expr.Row r -> "row(" + exprs(r.fields()) + ")";
        };
    }
}
