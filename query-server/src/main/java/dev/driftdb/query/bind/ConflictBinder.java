package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement.Assignment;
import dev.driftdb.query.ast.DataStatement.OnConflict;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.expr.Implication;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.BoundStatement.SetColumn;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Binds ON CONFLICT: the arbiter, and what to do with the row that is there. */
record ConflictBinder(BindState state, Environment environment, Target target) {
    private static final String EXCLUDED = "excluded";

    BoundStatement.Conflict bind(OnConflict written) {
        IndexDef index = arbiter(written);
        List<Assignment> assignments = written.updates();
        if (assignments == null) {
            return new BoundStatement.Conflict(index, null, null);
        }
        if (index == null) {
            throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "ON CONFLICT DO UPDATE requires inference specification or constraint"
                                    + " name")
                    .withHint("For example, ON CONFLICT (column_name).");
        }
        Namespace names = target.names().with(target.names(EXCLUDED, null), 0);
        ExpressionBinder binder =
                new ExpressionBinder(
                        state, environment, Scope.of(null, names), Clause.plain("UPDATE"));
        List<SetColumn> updates =
                new UpdateBinder(state, environment).assignments(target, assignments, binder, 0);
        Expr where =
                written.where() == null
                        ? null
                        : target.resolved(
                                binder.in(Clause.plain("WHERE")).condition(written.where()));
        return new BoundStatement.Conflict(index, updates, where);
    }

    /** 55000 for an index whose constraint is deferrable: a conflict is not known in time. */
    private @Nullable IndexDef arbiter(OnConflict written) {
        IndexDef index = findArbiter(written);
        Constraint deferrable =
                index == null ? null : environment.catalog().deferrableConstraint(index.id());
        if (deferrable != null) {
            throw new SqlException(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "ON CONFLICT does not support deferrable unique constraints/exclusion"
                                    + " constraints as arbiters")
                    .withConstraint(deferrable.name());
        }
        return index;
    }

    private @Nullable IndexDef findArbiter(OnConflict written) {
        List<IndexDef> indexes =
                environment.catalog().indexesOf(target.table().id()).stream()
                        .filter(IndexDef::unique)
                        .toList();
        String constraint = written.constraint();
        if (constraint != null) {
            int id =
                    target.table().constraints().stream()
                            .filter(c -> c.name().equals(constraint))
                            .mapToInt(c ->
                                    switch (c) {
                                        case Constraint.PrimaryKey key -> key.indexId();
                                        case Constraint.Unique unique -> unique.indexId();
                                        case Constraint.Check _, Constraint.ForeignKey _ -> -1;
                                    })
                            .findFirst()
                            .orElse(0);
            if (id == 0) {
                throw new SqlException(
                        SqlState.UNDEFINED_OBJECT,
                        "constraint \""
                                + constraint
                                + "\" for table \""
                                + target.table().name()
                                + "\" does not exist");
            }
            return indexes.stream()
                    .filter(i -> i.id() == id)
                    .findFirst()
                    .orElseThrow(() ->
                            new SqlException(
                                    SqlState.WRONG_OBJECT_TYPE,
                                    "constraint in ON CONFLICT clause has no associated"
                                            + " index"));
        }
        if (written.columns().isEmpty() && written.expressions().isEmpty()) {
            return null;
        }
        Set<Integer> wanted = new HashSet<>();
        for (String name : written.columns()) {
            wanted.add(target.column(name, 0).number());
        }
        ExpressionBinder binder =
                new ExpressionBinder(
                        state,
                        environment,
                        Scope.of(null, target.names()),
                        Clause.plain("ON CONFLICT"));
        Set<Expr> expressions = new HashSet<>();
        for (SqlExpr expression : written.expressions()) {
            expressions.add(state.coercion.known(binder.bind(expression)));
        }
        SqlExpr where = written.targetWhere();
        List<Expr> known =
                where == null ? List.of() : ExprTraits.conjuncts(binder.condition(where));
        IndexDef partial = null;
        for (IndexDef index : indexes) {
            if (!infers(index, wanted, expressions, binder)) {
                continue;
            }
            String predicate = index.predicate();
            if (predicate == null) {
                return index;
            }
            List<Expr> terms =
                    ExprTraits.conjuncts(binder.condition(SqlTexts.expression(predicate)));
            if (partial == null && new Implication(known).all(terms)) {
                partial = index;
            }
        }
        if (partial != null) {
            return partial;
        }
        throw new SqlException(
                SqlState.INVALID_COLUMN_REFERENCE,
                "there is no unique or exclusion constraint matching the ON CONFLICT"
                        + " specification");
    }

    private boolean infers(
            IndexDef index, Set<Integer> columns, Set<Expr> expressions, ExpressionBinder binder) {
        Set<Integer> numbers = new HashSet<>();
        Set<Expr> computed = new HashSet<>();
        for (IndexDef.IndexColumn column : index.columns()) {
            IndexDef.IndexExpression expression = column.expression();
            if (expression == null) {
                numbers.add(column.number());
            } else {
                computed.add(
                        state.coercion.known(binder.bind(SqlTexts.expression(expression.sql()))));
            }
        }
        return numbers.equals(columns) && computed.equals(expressions);
    }
}
