package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds the items of FROM to joins and the names over their rows. */
final class FromBinder {
    /** A plan with the names over its rows. */
    record From(LogicalPlan plan, Namespace namespace) {}

    private final BindState state;
    private final Environment environment;

    /** What lies around the whole FROM. */
    private @Nullable Scope outside;

    FromBinder(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    /** All items, separated by commas. */
    From bind(List<TableExpr> items, @Nullable Scope parent) {
        outside = parent;
        if (items.isEmpty()) {
            return new From(Plans.oneRow(), Namespace.EMPTY);
        }
        return append(bind(items.getFirst(), parent), items.subList(1, items.size()), parent);
    }

    /**
     * An item joined with a relation of its own: how MERGE reads.
     *
     * @param type INNER or LEFT
     */
    From joined(TableExpr item, From other, JoinType type, SqlExpr condition) {
        From left = bind(item, null);
        String name = other.namespace().relations().getFirst().name();
        if (left.namespace().relations().stream().anyMatch(r -> r.name().equals(name))) {
            throw new SqlException(
                            SqlState.DUPLICATE_ALIAS,
                            "name \"" + name + "\" specified more than once")
                    .withDetail("The name is used both as MERGE target table and data source.");
        }
        Namespace both = left.namespace().with(other.namespace(), position(item));
        Expr on =
                new ExpressionBinder(
                                state,
                                environment,
                                Scope.of(null, both),
                                Clause.plain("JOIN conditions"))
                        .condition(condition);
        return new From(
                new LogicalPlan.Join(
                        type,
                        left.plan(),
                        other.plan(),
                        on,
                        false,
                        Plans.concat(left.plan().columns(), other.plan().columns())),
                both);
    }

    /** Further items to the right of what is there: the FROM of an UPDATE. */
    From append(From first, List<TableExpr> items, @Nullable Scope parent) {
        outside = parent;
        From left = first;
        for (TableExpr item : items) {
            left = join(left, item, JoinType.INNER, parent, null, List.of(), null, false, 0);
        }
        return left;
    }

    private From bind(TableExpr item, @Nullable Scope parent) {
        return switch (item) {
            case TableExpr.Named named ->
                    named.sample() == null
                            ? new NamedRelationBinder(state, environment).bind(named)
                            : new SampleBinder(state, environment)
                                    .bind(named, named.sample(), parent, outside);
            case TableExpr.Derived derived -> {
                LogicalPlan plan = derived(derived, parent);
                yield new From(
                        plan,
                        relation(
                                state,
                                plan.columns(),
                                derived.alias() == null ? "" : derived.alias(),
                                derived.columnAliases(),
                                derived.position()));
            }
            case TableExpr.Function function ->
                    ChangesBinder.isCall(function.call())
                            ? new ChangesBinder(state, environment).bind(function, parent)
                            : new TableFunctionBinder(state, environment).bind(function, parent);
            case TableExpr.Join join -> {
                From left = bind(join.left(), parent);
                JoinType type =
                        switch (join.kind()) {
                            case INNER, CROSS -> JoinType.INNER;
                            case LEFT -> JoinType.LEFT;
                            case RIGHT -> JoinType.RIGHT;
                            case FULL -> JoinType.FULL;
                        };
                yield join(
                        left,
                        join.right(),
                        type,
                        parent,
                        join.condition(),
                        join.using(),
                        join.usingAlias(),
                        join.natural(),
                        join.position());
            }
        };
    }

    /**
     * A subquery that does not say LATERAL looks past the left rows of joins around it, which still
     * count as rows between it and what it reads outside.
     */
    @SuppressWarnings("ReferenceEquality") // a scope is itself only
    private LogicalPlan derived(TableExpr.Derived derived, @Nullable Scope parent) {
        Scope around = parent;
        int skipped = 0;
        while (!derived.lateral() && around != null && around != outside && around.leftRow()) {
            around = around.parent();
            skipped++;
        }
        LogicalPlan plan = new QueryBinder(state, environment).bind(derived.query(), around);
        return skipped == 0 ? plan : Lateral.shifted(plan, skipped);
    }

    private From join(
            From left,
            TableExpr item,
            JoinType type,
            @Nullable Scope parent,
            @Nullable SqlExpr condition,
            List<String> using,
            @Nullable String usingAlias,
            boolean natural,
            int position) {
        boolean maybeLateral = Lateral.mayRead(item);
        List<Relation> passed = left.namespace().relations();
        boolean mayBeLateral =
                item instanceof TableExpr.Derived
                        || (item instanceof TableExpr.Named named && named.sample() != null);
        passed.forEach(relation -> state.hide(relation, mayBeLateral));
        From right;
        boolean lateral = false;
        if (maybeLateral) {
            Scope row = Lateral.leftRow(parent, left.namespace(), type);
            right = bind(item, row);
            lateral = Lateral.readsLeft(right.plan());
            if (!lateral) {
                right = new From(Lateral.shifted(right.plan(), -1), right.namespace());
            }
        } else {
            right = bind(item, parent);
        }
        state.unhide(passed.size());
        int at = position > 0 ? position : position(item);
        Namespace both = left.namespace().with(right.namespace(), at);
        List<OutputColumn> columns = Plans.concat(left.plan().columns(), right.plan().columns());
        if (natural || !using.isEmpty()) {
            return new UsingJoin(state, left, right, type, lateral, both, columns, at)
                    .bind(natural, using, usingAlias);
        }
        Expr on = null;
        if (condition != null) {
            on =
                    new ExpressionBinder(
                                    state,
                                    environment,
                                    Scope.of(parent, both),
                                    Clause.plain("JOIN conditions"))
                            .condition(condition);
        }
        return new From(
                new LogicalPlan.Join(type, left.plan(), right.plan(), on, lateral, columns), both);
    }

    private static int position(TableExpr item) {
        return switch (item) {
            case TableExpr.Named named -> named.position();
            case TableExpr.Derived derived -> derived.position();
            case TableExpr.Function function -> function.position();
            case TableExpr.Join join -> join.position();
        };
    }

    /** The names over the rows of a subquery, function or common table. */
    static Namespace relation(
            BindState state,
            List<OutputColumn> output,
            String name,
            List<String> aliases,
            int position) {
        checkAliases(name, output.size(), aliases, position);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < output.size(); i++) {
            OutputColumn column = output.get(i);
            columns.add(
                    new Column(
                            i < aliases.size() ? aliases.get(i) : column.name(),
                            i,
                            column.type(),
                            column.typmod(),
                            column.tableId(),
                            column.columnNumber(),
                            state.fields(column)));
        }
        return Namespace.of(
                new Relation(name, null, null, columns, List.of(), null), columns.size());
    }

    static void checkAliases(String name, int available, List<String> aliases, int position) {
        if (aliases.size() > available) {
            throw new SqlException(
                    SqlState.INVALID_COLUMN_REFERENCE,
                    "table \""
                            + name
                            + "\" has "
                            + available
                            + " columns available but "
                            + aliases.size()
                            + " columns specified");
        }
    }
}
