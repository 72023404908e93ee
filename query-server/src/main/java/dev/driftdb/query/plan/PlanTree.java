package dev.driftdb.query.plan;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan.AggregateCall;
import dev.driftdb.query.plan.LogicalPlan.CteDefinition;
import dev.driftdb.query.plan.LogicalPlan.SetCall;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.LogicalPlan.WindowCall;
import dev.driftdb.query.plan.LogicalPlan.WindowDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Walks over expressions and plans. Every subquery in an expression, and the right side of a
 * lateral join, is one level deeper than what holds it: {@link Expr.Outer} of depth d reaches d
 * levels up.
 */
public final class PlanTree {
    private PlanTree() {}

    /** What to do with the references of an expression to rows outside of the subqueries in it. */
    public interface References {
        /**
         * A reference to column {@code index} of the row that the whole expression is evaluated on.
         *
         * @param depth levels of subqueries around the reference, 0 for an {@link Expr.Input}
         */
        Expr local(int index, Expr original, int depth);

        /** A reference to the {@code level}-th row (from 1) around the whole expression. */
        default Expr enclosing(int level, Expr.Outer original, int depth) {
            return original;
        }
    }

    /** The same expression with other children. */
    public static Expr rebuild(
            Expr expr, UnaryOperator<Expr> child, UnaryOperator<LogicalPlan> subquery) {
        return switch (expr) {
            case Expr.Constant _, Expr.Input _, Expr.Outer _, Expr.Parameter _ -> expr;
            case Expr.Call call ->
                    new Expr.Call(
                            call.function(),
                            all(call.arguments(), child),
                            call.type(),
                            call.typmod(),
                            call.operator());
            case Expr.Comparison comparison ->
                    new Expr.Comparison(
                            comparison.op(),
                            child.apply(comparison.left()),
                            child.apply(comparison.right()));
            case Expr.Cast cast ->
                    new Expr.Cast(
                            child.apply(cast.operand()), cast.cast(), cast.type(), cast.typmod());
            case Expr.DomainCheck check ->
                    new Expr.DomainCheck(child.apply(check.operand()), check.type(), check.rules());
            case Expr.And and -> new Expr.And(all(and.terms(), child));
            case Expr.Or or -> new Expr.Or(all(or.terms(), child));
            case Expr.Not not -> new Expr.Not(child.apply(not.operand()));
            case Expr.IsNull test -> new Expr.IsNull(child.apply(test.operand()), test.negated());
            case Expr.IsBoolean test ->
                    new Expr.IsBoolean(child.apply(test.operand()), test.value(), test.negated());
            case Expr.IsDistinct test ->
                    new Expr.IsDistinct(
                            child.apply(test.left()), child.apply(test.right()), test.negated());
            case Expr.Case choice -> {
                List<Expr.Branch> branches = new ArrayList<>();
                for (Expr.Branch branch : choice.branches()) {
                    branches.add(
                            new Expr.Branch(
                                    child.apply(branch.condition()), child.apply(branch.result())));
                }
                yield new Expr.Case(branches, optional(choice.otherwise(), child), choice.type());
            }
            case Expr.Coalesce coalesce ->
                    new Expr.Coalesce(all(coalesce.arguments(), child), coalesce.type());
            case Expr.NullIf nullIf ->
                    new Expr.NullIf(
                            child.apply(nullIf.value()),
                            child.apply(nullIf.comparison()),
                            nullIf.type());
            case Expr.Extreme extreme ->
                    new Expr.Extreme(
                            extreme.greatest(), all(extreme.arguments(), child), extreme.type());
            case Expr.InList in ->
                    new Expr.InList(child.apply(in.operand()), all(in.list(), child), in.negated());
            case Expr.QuantifiedArray quantified ->
                    new Expr.QuantifiedArray(
                            child.apply(quantified.operand()),
                            child.apply(quantified.array()),
                            quantified.all(),
                            quantified.predicate());
            case Expr.ScalarQuery query ->
                    new Expr.ScalarQuery(
                            subquery.apply(query.plan()), query.type(), query.typmod());
            case Expr.Exists exists -> new Expr.Exists(subquery.apply(exists.plan()));
            case Expr.ArrayQuery query ->
                    new Expr.ArrayQuery(subquery.apply(query.plan()), query.type());
            case Expr.InQuery in ->
                    new Expr.InQuery(
                            all(in.operands(), child), subquery.apply(in.plan()), in.negated());
            case Expr.QuantifiedQuery quantified ->
                    new Expr.QuantifiedQuery(
                            all(quantified.operands(), child),
                            subquery.apply(quantified.plan()),
                            quantified.quantifier(),
                            quantified.predicate());
            case Expr.CurrentOf current ->
                    new Expr.CurrentOf(current.cursor(), child.apply(current.anchor()));
            case Expr.ArrayConstructor array ->
                    new Expr.ArrayConstructor(all(array.elements(), child), array.type());
            case Expr.Row row -> new Expr.Row(all(row.fields(), child));
        };
    }

    /**
     * The same plan node with other children.
     *
     * @param lateral applied to the right side of a lateral join in place of {@code input}
     */
    public static LogicalPlan rebuild(
            LogicalPlan plan,
            UnaryOperator<Expr> expr,
            UnaryOperator<LogicalPlan> input,
            UnaryOperator<LogicalPlan> lateral) {
        return switch (plan) {
            case LogicalPlan.Scan _, LogicalPlan.SystemScan _, LogicalPlan.CteScan _ -> plan;
            case LogicalPlan.Sample sample ->
                    new LogicalPlan.Sample(
                            input.apply(sample.input()),
                            sample.method(),
                            expr.apply(sample.percentage()),
                            optional(sample.seed(), expr));
            case LogicalPlan.FunctionScan scan ->
                    new LogicalPlan.FunctionScan(
                            scan.function(),
                            all(scan.arguments(), expr),
                            scan.withOrdinality(),
                            scan.columns(),
                            scan.alias());
            case LogicalPlan.Values values -> {
                List<List<Expr>> rows = new ArrayList<>();
                for (List<Expr> row : values.rows()) {
                    rows.add(all(row, expr));
                }
                yield new LogicalPlan.Values(rows, values.columns());
            }
            case LogicalPlan.Filter filter ->
                    new LogicalPlan.Filter(
                            input.apply(filter.input()), expr.apply(filter.condition()));
            case LogicalPlan.Project project ->
                    new LogicalPlan.Project(
                            input.apply(project.input()),
                            all(project.expressions(), expr),
                            project.columns());
            case LogicalPlan.ProjectSet project -> {
                List<SetCall> calls = new ArrayList<>();
                for (SetCall call : project.calls()) {
                    calls.add(new SetCall(call.function(), all(call.arguments(), expr)));
                }
                yield new LogicalPlan.ProjectSet(
                        input.apply(project.input()), calls, project.columns());
            }
            case LogicalPlan.Join join ->
                    new LogicalPlan.Join(
                            join.type(),
                            input.apply(join.left()),
                            (join.lateral() ? lateral : input).apply(join.right()),
                            optional(join.condition(), expr),
                            join.lateral(),
                            join.columns());
            case LogicalPlan.Aggregate aggregate -> {
                List<AggregateCall> calls = new ArrayList<>();
                for (AggregateCall call : aggregate.aggregates()) {
                    calls.add(
                            new AggregateCall(
                                    call.function(),
                                    all(call.direct(), expr),
                                    all(call.arguments(), expr),
                                    call.distinct(),
                                    optional(call.filter(), expr),
                                    keys(call.orderBy(), expr)));
                }
                yield new LogicalPlan.Aggregate(
                        input.apply(aggregate.input()),
                        all(aggregate.groupBy(), expr),
                        aggregate.groupingSets(),
                        calls,
                        aggregate.groupings(),
                        aggregate.columns());
            }
            case LogicalPlan.Window window ->
                    new LogicalPlan.Window(
                            input.apply(window.input()),
                            window.windows().stream().map(w -> rebuild(w, expr)).toList(),
                            window.calls().stream().map(c -> rebuild(c, expr)).toList(),
                            window.columns());
            case LogicalPlan.Sort sort ->
                    new LogicalPlan.Sort(input.apply(sort.input()), keys(sort.keys(), expr));
            case LogicalPlan.Limit limit ->
                    new LogicalPlan.Limit(
                            input.apply(limit.input()),
                            optional(limit.limit(), expr),
                            optional(limit.offset(), expr),
                            keys(limit.tieKeys(), expr));
            case LogicalPlan.Distinct distinct ->
                    new LogicalPlan.Distinct(
                            input.apply(distinct.input()), all(distinct.on(), expr));
            case LogicalPlan.SetOperation set ->
                    new LogicalPlan.SetOperation(
                            set.kind(),
                            set.all(),
                            input.apply(set.left()),
                            input.apply(set.right()),
                            set.columns());
            case LogicalPlan.With with -> {
                List<CteDefinition> definitions = new ArrayList<>();
                for (CteDefinition definition : with.definitions()) {
                    definitions.add(
                            definition.statement() instanceof BoundStatement.Select select
                                    ? new CteDefinition(
                                            definition.id(),
                                            definition.name(),
                                            new BoundStatement.Select(input.apply(select.plan())),
                                            definition.recursive())
                                    : definition);
                }
                yield new LogicalPlan.With(definitions, input.apply(with.body()));
            }
            case LogicalPlan.RecursiveUnion union ->
                    new LogicalPlan.RecursiveUnion(
                            union.id(),
                            input.apply(union.base()),
                            input.apply(union.step()),
                            union.all(),
                            union.columns());
            case LogicalPlan.LockRows lock ->
                    new LogicalPlan.LockRows(input.apply(lock.input()), lock.locks());
        };
    }

    /** The same window definition over other expressions. */
    public static WindowDefinition rebuild(WindowDefinition window, UnaryOperator<Expr> expr) {
        LogicalPlan.Frame frame = window.frame();
        return new WindowDefinition(
                all(window.partitionBy(), expr),
                keys(window.orderBy(), expr),
                new LogicalPlan.Frame(
                        frame.mode(),
                        frame.start(),
                        optional(frame.startOffset(), expr),
                        frame.end(),
                        optional(frame.endOffset(), expr),
                        frame.exclusion()));
    }

    /** The same window call over other expressions. */
    public static WindowCall rebuild(WindowCall call, UnaryOperator<Expr> expr) {
        return new WindowCall(
                call.aggregate(),
                call.function(),
                all(call.arguments(), expr),
                optional(call.filter(), expr),
                call.window(),
                call.type());
    }

    /** Replaces the references of an expression to its own row and to rows around it. */
    public static Expr replace(Expr expr, References references) {
        return replace(expr, 0, references);
    }

    /** Replaces the references of a plan to rows around it: {@code depth} is 1 for a subquery. */
    public static LogicalPlan replace(LogicalPlan plan, int depth, References references) {
        return rebuild(
                plan,
                expr -> replaceInside(expr, depth, references),
                input -> replace(input, depth, references),
                lateral -> replace(lateral, depth + 1, references));
    }

    private static Expr replace(Expr expr, int depth, References references) {
        if (expr instanceof Expr.Input input) {
            return depth == 0 ? references.local(input.index(), input, 0) : expr;
        }
        return replaceInside(expr, depth, references);
    }

    // Below the top level an Input is a matter between a subquery's own nodes.
    private static Expr replaceInside(Expr expr, int depth, References references) {
        if (expr instanceof Expr.Outer outer) {
            if (outer.depth() == depth) {
                return references.local(outer.index(), outer, depth);
            }
            return outer.depth() > depth
                    ? references.enclosing(outer.depth() - depth, outer, depth)
                    : outer;
        }
        return rebuild(
                expr,
                child -> replace(child, depth, references),
                subquery -> replace(subquery, depth + 1, references));
    }

    /** The expression as it reads when it is evaluated {@code by} levels further inside. */
    public static Expr deepen(Expr expr, int by) {
        if (by == 0) {
            return expr;
        }
        return replace(
                expr,
                new References() {
                    @Override
                    public Expr local(int index, Expr original, int depth) {
                        return new Expr.Outer(
                                depth + by, index, original.type(), original.typmod());
                    }

                    @Override
                    public Expr enclosing(int level, Expr.Outer original, int depth) {
                        return new Expr.Outer(
                                original.depth() + by,
                                original.index(),
                                original.type(),
                                original.typmod());
                    }
                });
    }

    /** A reference to the expression's own row from {@code depth} levels inside of it. */
    public static Expr reference(int index, Expr original, int depth) {
        return depth == 0
                ? new Expr.Input(index, original.type(), original.typmod())
                : new Expr.Outer(depth, index, original.type(), original.typmod());
    }

    /** Moves references to the own row by some columns. */
    public static Expr shift(Expr expr, int by) {
        return by == 0
                ? expr
                : replace(expr, (index, original, depth) -> reference(index + by, original, depth));
    }

    private static List<Expr> all(List<Expr> list, UnaryOperator<Expr> f) {
        List<Expr> result = new ArrayList<>(list.size());
        for (Expr expr : list) {
            result.add(f.apply(expr));
        }
        return result;
    }

    private static List<SortKey> keys(List<SortKey> list, UnaryOperator<Expr> f) {
        List<SortKey> result = new ArrayList<>(list.size());
        for (SortKey key : list) {
            result.add(new SortKey(f.apply(key.expression()), key.descending(), key.nullsFirst()));
        }
        return result;
    }

    private static @Nullable Expr optional(@Nullable Expr expr, UnaryOperator<Expr> f) {
        return expr == null ? null : f.apply(expr);
    }
}
