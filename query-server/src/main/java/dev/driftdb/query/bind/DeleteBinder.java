package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.CteDefinition;
import java.util.ArrayList;
import java.util.List;

/** Binds DELETE. */
record DeleteBinder(BindState state, Environment environment) {

    BoundStatement bind(DataStatement.Delete delete) {
        List<CteDefinition> with = new ArrayList<>();
        Environment here =
                new CommonTableBinder(state)
                        .bind(delete.with(), delete.recursive(), environment, null, with);
        Target target = Target.find(state, here, delete.table(), delete.alias(), "DELETE");
        From source =
                new FromBinder(state, here)
                        .append(new From(target.scan(), target.names()), delete.using(), null);
        LogicalPlan plan = source.plan();
        if (delete.where() instanceof SqlExpr.CurrentOf current) {
            plan = new LogicalPlan.Filter(plan, target.currentOf(current));
        } else if (delete.where() != null) {
            ExpressionBinder binder =
                    new ExpressionBinder(
                            state, here, Scope.of(null, source.namespace()), Clause.plain("WHERE"));
            plan = new LogicalPlan.Filter(plan, target.resolved(binder.condition(delete.where())));
        }
        Target.Returning returning = target.returning(delete.returning(), source.namespace(), here);
        return new BoundStatement.Delete(
                with, target.table(), plan, returning.values(), returning.columns());
    }
}
