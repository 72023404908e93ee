package dev.driftdb.query.bind;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TableSample;
import dev.driftdb.query.ast.TimeClause;
import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Binds a table with TABLESAMPLE. */
final class SampleBinder {
    private static final Set<String> METHODS = Set.of("bernoulli", "system");

    private final BindState state;
    private final Environment environment;

    SampleBinder(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    /**
     * @param query the scope around the whole FROM; the rows within it are no concern of a sample
     */
    @SuppressWarnings("ReferenceEquality") // a scope is itself only
    From bind(
            TableExpr.Named item,
            TableSample sample,
            @Nullable Scope parent,
            @Nullable Scope query) {
        if (item.time() instanceof TimeClause.Between || item.time() instanceof TimeClause.All) {
            throw SqlException.notSupported("TABLESAMPLE of versions of rows", item.position());
        }
        From table = new NamedRelationBinder(state, environment).bind(item);
        if (table.plan() instanceof LogicalPlan.SystemScan) {
            throw SqlException.notSupported("TABLESAMPLE of a system relation", item.position());
        }
        if (!(table.plan() instanceof LogicalPlan.Scan)) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "TABLESAMPLE clause can only be applied to tables and materialized views",
                    item.position());
        }
        String method = method(sample);
        // Like a subquery without LATERAL, it reads no row of the joins around it.
        Scope around = parent;
        int skipped = 0;
        while (around != null && around != query && around.leftRow()) {
            around = around.parent();
            skipped++;
        }
        List<Relation> own = table.namespace().relations();
        own.forEach(relation -> state.hide(relation, false));
        Expr percentage =
                argument(sample.arguments().getFirst(), "TABLESAMPLE", Types.FLOAT4, around);
        SqlExpr written = sample.seed();
        Expr seed = written == null ? null : argument(written, "REPEATABLE", Types.FLOAT8, around);
        state.unhide(own.size());
        LogicalPlan plan = new LogicalPlan.Sample(table.plan(), method, percentage, seed);
        return new From(skipped == 0 ? plan : Lateral.shifted(plan, skipped), table.namespace());
    }

    private static String method(TableSample sample) {
        QualifiedName name = sample.method();
        String method = name.last();
        boolean known =
                METHODS.contains(method)
                        && (name.parts().size() == 1
                                || (name.parts().size() == 2
                                        && name.parts().getFirst().equals("pg_catalog")));
        if (!known) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT,
                    "tablesample method " + String.join(".", name.parts()) + " does not exist",
                    name.position());
        }
        if (sample.arguments().size() != 1) {
            throw new SqlException(
                    SqlState.INVALID_TABLESAMPLE_ARGUMENT,
                    "tablesample method "
                            + method
                            + " requires 1 argument, not "
                            + sample.arguments().size(),
                    name.position());
        }
        return method;
    }

    private Expr argument(SqlExpr written, String clause, SqlType type, @Nullable Scope around) {
        SetCollector sets = new SetCollector();
        Expr bound =
                new ExpressionBinder(
                                state,
                                environment,
                                Scope.empty(around),
                                new Clause("functions in FROM", null, sets, null))
                        .bind(written);
        Expr argument = state.coercion.assignment(bound, type, -1);
        int start = state.position(bound);
        int position = start > 0 ? start : written.position();
        if (argument == null) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "argument of "
                            + clause
                            + " must be type "
                            + type.sqlName()
                            + ", not type "
                            + bound.type().sqlName(),
                    position);
        }
        if (!sets.isEmpty()) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "argument of " + clause + " must not return a set",
                    position);
        }
        return argument;
    }
}
