package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.DataStatement.MergeAction;
import dev.driftdb.query.ast.DataStatement.MergeClause;
import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.CteDefinition;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds MERGE. */
record MergeBinder(BindState state, Environment environment) {

    BoundStatement bind(DataStatement.Merge merge) {
        if (merge.recursive()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "WITH RECURSIVE is not supported for MERGE statement");
        }
        List<CteDefinition> with = new ArrayList<>();
        Environment here =
                new CommonTableBinder(state).bind(merge.with(), false, environment, null, with);
        Target target = Target.find(state, here, merge.table(), merge.alias(), "MERGE");
        checkReachable(merge.clauses());
        boolean inserts =
                merge.clauses().stream()
                        .anyMatch(clause -> clause.action() instanceof MergeAction.Insert);
        From both =
                new FromBinder(state, here)
                        .joined(
                                merge.source(),
                                new From(target.scan(), target.names()),
                                inserts ? JoinType.LEFT : JoinType.INNER,
                                merge.condition());
        if (!(both.plan() instanceof LogicalPlan.Join join) || join.condition() == null) {
            throw new IllegalStateException("a join was asked for");
        }
        Namespace source = withoutTarget(both.namespace(), join.left().columns().size());
        List<BoundStatement.MergeClause> clauses = new ArrayList<>();
        for (MergeClause clause : merge.clauses()) {
            if (clause.matched()) {
                clauses.add(clause(merge, target, clause, both.namespace(), here));
                continue;
            }
            state.hide(both.namespace().relations().getLast(), false);
            clauses.add(clause(merge, target, clause, source, here));
            state.unhide(1);
        }
        return new BoundStatement.Merge(
                with,
                target.table(),
                join,
                join.condition(),
                clauses,
                target.checks(),
                target.generated());
    }

    /** The names that WHEN NOT MATCHED may use: those of the source, which come first. */
    private static Namespace withoutTarget(Namespace both, int sourceWidth) {
        return new Namespace(
                both.relations().subList(0, both.relations().size() - 1),
                both.visible().stream().filter(c -> c.index() < sourceWidth).toList(),
                both.width());
    }

    private static void checkReachable(List<MergeClause> clauses) {
        boolean matched = false;
        boolean notMatched = false;
        for (MergeClause clause : clauses) {
            if (clause.matched() ? matched : notMatched) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "unreachable WHEN clause specified after unconditional WHEN clause");
            }
            if (clause.condition() == null) {
                matched |= clause.matched();
                notMatched |= !clause.matched();
            }
        }
    }

    private BoundStatement.MergeClause clause(
            DataStatement.Merge merge,
            Target target,
            MergeClause clause,
            Namespace names,
            Environment here) {
        ExpressionBinder binder =
                new ExpressionBinder(
                        state, here, Scope.of(null, names), Clause.plain("MERGE WHEN conditions"));
        @Nullable Expr condition =
                clause.condition() == null
                        ? null
                        : state.coercion.bool(
                                binder.bind(clause.condition()),
                                "WHEN",
                                clause.condition().position());
        return new BoundStatement.MergeClause(
                clause.matched(),
                condition,
                switch (clause.action()) {
                    case MergeAction.Nothing _ -> new BoundStatement.MergeAction.Nothing();
                    case MergeAction.Delete _ -> new BoundStatement.MergeAction.Delete();
                    case MergeAction.Update update ->
                            new BoundStatement.MergeAction.Update(
                                    new UpdateBinder(state, here)
                                            .assignments(
                                                    target,
                                                    update.assignments(),
                                                    binder.in(Clause.plain("UPDATE")),
                                                    names.width() - target.columns().size()));
                    case MergeAction.Insert insert ->
                            new BoundStatement.MergeAction.Insert(
                                    new InsertBinder(state, here)
                                            .row(
                                                    target,
                                                    insert(merge, insert),
                                                    insert.values(),
                                                    binder.in(Clause.plain("VALUES"))));
                });
    }

    private static DataStatement.Insert insert(
            DataStatement.Merge merge, MergeAction.Insert action) {
        return new DataStatement.Insert(
                List.of(),
                false,
                merge.table(),
                merge.alias(),
                action.columns(),
                null,
                action.overriding(),
                null,
                List.of());
    }
}
