package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.operator.Insert;
import dev.driftdb.query.execute.operator.Merge;
import dev.driftdb.query.execute.operator.Modify;
import dev.driftdb.query.execute.operator.TableWriter;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.BoundStatement.CheckCondition;
import dev.driftdb.query.plan.BoundStatement.SetColumn;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans INSERT, UPDATE and DELETE. */
final class ModifyPlanner {
    private final PhysicalPlanner planner;

    ModifyPlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    private TableWriter writer(
            TableDef table, List<CheckCondition> checks, List<SetColumn> generated) {
        return new TableWriter(
                table,
                planner.schemaName(table),
                checks.stream()
                        .map(check ->
                                new TableWriter.Check(
                                        check.name(),
                                        planner.compile(check.condition()),
                                        check.ofView()))
                        .toList(),
                generated.stream()
                        .map(column ->
                                new Insert.Assignment(
                                        column.columnNumber(), planner.compile(column.value())))
                        .toList());
    }

    private Eval @Nullable [] returning(List<Expr> expressions, List<OutputColumn> output) {
        return output.isEmpty() ? null : planner.compileAll(expressions);
    }

    private @Nullable List<Insert.Assignment> assignments(@Nullable List<SetColumn> columns) {
        if (columns == null) {
            return null;
        }
        return columns.stream()
                .map(column ->
                        new Insert.Assignment(
                                column.columnNumber(), planner.compile(column.value())))
                .toList();
    }

    Planned insert(BoundStatement.Insert insert) {
        LogicalPlan from = insert.source();
        Planned source = planner.plan(from, PhysicalPlanner.all(from.columns().size()));
        BoundStatement.Conflict conflict = insert.conflict();
        Insert.Conflict rule = null;
        if (conflict != null) {
            Expr where = conflict.where();
            rule =
                    new Insert.Conflict(
                            conflict.index(),
                            assignments(conflict.updates()),
                            where == null ? null : planner.compile(where));
        }
        Insert operator =
                new Insert(
                        source.operator(),
                        reads(from, insert.table()) || !insert.with().isEmpty(),
                        writer(insert.table(), insert.checks(), insert.generated()),
                        rule,
                        returning(insert.returning(), insert.output()));
        Explain explain = node("Insert", insert.table(), insert.table().name(), source);
        if (conflict != null) {
            explain.detail(
                    "Conflict Resolution", conflict.updates() == null ? "NOTHING" : "UPDATE");
            if (conflict.index() != null) {
                explain.names("Conflict Arbiter Indexes", List.of(conflict.index().name()));
            }
        }
        return changing(
                planner.with(insert.with(), Planned.of(operator, insert.output().size(), explain)),
                insert.output());
    }

    private static Explain node(String operation, TableDef table, String alias, Planned source) {
        return Explain.of("ModifyTable", source.explain())
                .label(operation)
                .kind("Operation", operation)
                .on(table, alias);
    }

    private Planned changing(Planned planned, List<OutputColumn> output) {
        return planner.noted(planned, output);
    }

    /** Whether a plan reads a table anywhere. */
    private static boolean reads(LogicalPlan plan, TableDef table) {
        boolean[] found = {
            plan instanceof LogicalPlan.Scan scan && scan.table().id() == table.id()
        };
        PlanTraits.eachInput(plan, input -> found[0] |= reads(input, table));
        PlanTraits.eachExpression(
                plan,
                expr ->
                        PlanTraits.eachSubquery(
                                expr, subquery -> found[0] |= reads(subquery, table)));
        return found[0];
    }

    Planned update(BoundStatement.Update update) {
        BitSet needed = new BitSet();
        update.assignments().forEach(set -> needed.or(ExprTraits.columns(set.value())));
        return modify(
                "Update",
                update.table(),
                update.source(),
                writer(update.table(), update.checks(), update.generated()),
                assignments(update.assignments()),
                update.with(),
                update.returning(),
                update.output(),
                needed);
    }

    Planned delete(BoundStatement.Delete delete) {
        return modify(
                "Delete",
                delete.table(),
                delete.source(),
                writer(delete.table(), List.of(), List.of()),
                null,
                delete.with(),
                delete.returning(),
                delete.output(),
                new BitSet());
    }

    Planned merge(BoundStatement.Merge merge) {
        LogicalPlan from = merge.source();
        if (!(from instanceof LogicalPlan.Join join
                && join.right() instanceof LogicalPlan.Scan scan)) {
            throw new IllegalStateException("MERGE reads a join with its table");
        }
        planner.wantRowId(scan);
        int width = from.columns().size();
        Planned source = planner.plan(planner.rewriter().rewrite(from), PhysicalPlanner.all(width));
        Merge operator =
                new Merge(
                        source.operator(),
                        writer(merge.table(), merge.checks(), merge.generated()),
                        width,
                        planner.compile(merge.condition()),
                        merge.clauses().stream().map(this::clause).toList());
        return changing(
                planner.with(
                        merge.with(),
                        Planned.of(
                                operator, 0, node("Merge", merge.table(), scan.alias(), source))),
                List.of());
    }

    private Merge.Clause clause(BoundStatement.MergeClause clause) {
        Expr condition = clause.condition();
        return new Merge.Clause(
                clause.matched(),
                condition == null ? null : planner.compile(condition),
                switch (clause.action()) {
                    case BoundStatement.MergeAction.Update update ->
                            new Merge.Action.Update(
                                    update.assignments().stream().map(this::assignment).toList());
                    case BoundStatement.MergeAction.Insert insert ->
                            new Merge.Action.Insert(List.of(planner.compileAll(insert.values())));
                    case BoundStatement.MergeAction.Delete _ -> new Merge.Action.Delete();
                    case BoundStatement.MergeAction.Nothing _ -> new Merge.Action.Nothing();
                });
    }

    private Insert.Assignment assignment(SetColumn column) {
        return new Insert.Assignment(column.columnNumber(), planner.compile(column.value()));
    }

    private Planned modify(
            String operation,
            TableDef table,
            LogicalPlan from,
            TableWriter writer,
            @Nullable List<Insert.Assignment> assignments,
            List<LogicalPlan.CteDefinition> with,
            List<Expr> returning,
            List<OutputColumn> output,
            BitSet needed) {
        returning.forEach(expr -> needed.or(ExprTraits.columns(expr)));
        List<Expr> spine = new ArrayList<>();
        LogicalPlan.Scan target = target(from, spine);
        planner.wantRowId(target);
        // The row that a cursor is on stays that whatever becomes of it.
        spine.removeIf(condition -> condition instanceof Expr.CurrentOf);
        spine.forEach(condition -> needed.or(ExprTraits.columns(condition)));
        // The table's own columns are read again from the locked version.
        needed.clear(0, table.visibleColumns().size());
        Planned source = planner.plan(planner.rewriter().rewrite(from), needed);
        Modify operator =
                new Modify(
                        source.operator(),
                        writer,
                        from.columns().size(),
                        planner.condition(spine.stream().map(planner.rewriter()::rewrite).toList()),
                        assignments,
                        returning(returning, output));
        Explain explain = node(operation, table, target.alias(), source);
        planner.subplans(explain, returning, from);
        return changing(planner.with(with, Planned.of(operator, output.size(), explain)), output);
    }

    /**
     * The scan of the table that is changed: the leftmost leaf. On the way down to it every
     * condition reads a row that begins the final row, so all of them can be asked again of a
     * source row whose first columns are a newer version's.
     */
    private static LogicalPlan.Scan target(LogicalPlan plan, List<Expr> conditions) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> scan;
            case LogicalPlan.Filter filter -> {
                conditions.addAll(ExprTraits.conjuncts(filter.condition()));
                yield target(filter.input(), conditions);
            }
            case LogicalPlan.Join join -> {
                Expr condition = join.condition();
                if (condition != null && join.type() == JoinType.INNER) {
                    conditions.addAll(ExprTraits.conjuncts(condition));
                }
                yield target(join.left(), conditions);
            }
            default -> throw SqlException.notSupported("changing rows of this kind of source");
        };
    }
}
