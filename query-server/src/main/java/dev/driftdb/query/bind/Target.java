package dev.driftdb.query.bind;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query.SelectItem;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.BoundStatement.CheckCondition;
import dev.driftdb.query.plan.BoundStatement.SetColumn;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table that a statement writes to.
 *
 * @param name its alias or own name, for the names over its rows
 * @param schema where it was found; null if it has an alias
 * @param view the view that the statement names, null if it names the table
 */
record Target(
        BindState state,
        Environment environment,
        TableDef table,
        String name,
        @Nullable String schema,
        String verb,
        @Nullable ViewTarget view) {
    /**
     * Where columns of a view that are no columns of its table stand in its rows: there is no such
     * place, {@link #resolved} puts what they are instead.
     */
    private static final int COMPUTED_FIRST = 1 << 24;

    /** A row has fewer columns, so a place behind {@code COMPUTED_FIRST} tells both. */
    private static final int COMPUTED_STEP = 1 << 13;

    /** A list of RETURNING, bound. */
    record Returning(List<Expr> values, List<OutputColumn> columns) {}

    /**
     * @param verb INSERT, UPDATE or DELETE
     */
    static Target find(
            BindState state,
            Environment environment,
            QualifiedName name,
            @Nullable String alias,
            String verb) {
        if (state.context.sessionAsOf() != null || environment.asOf() != null) {
            throw new SqlException(
                            SqlState.READ_ONLY_SQL_TRANSACTION,
                            "cannot execute " + verb + " in a read-only transaction")
                    .withDetail("The past is read as of an offset and cannot be changed.");
        }
        if (name.parts().size() == 1 && environment.commonTables().containsKey(name.last())) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "relation \""
                            + name.last()
                            + "\" cannot be the target of a modifying"
                            + " statement",
                    name.position());
        }
        Relations.Found found =
                new Relations(state.context).find(name, environment, name.position());
        if (found.system() != null) {
            throw new SqlException(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "permission denied: \"" + name.last() + "\" is a system catalog",
                    name.position());
        }
        boolean materialized =
                found.stored() instanceof TableDef table
                        && environment.catalog().materializedView(table.id()) != null;
        if (verb.equals("MERGE") && (materialized || !(found.stored() instanceof TableDef))) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot execute MERGE on relation \"" + name.last() + "\"")
                    .withDetail(
                            "This operation is not supported for "
                                    + switch (found.stored()) {
                                        case ViewDef _ -> "views.";
                                        case SequenceDef _ -> "sequences.";
                                        case IndexDef _ -> "indexes.";
                                        case TableDef _ -> "materialized views.";
                                        case null -> throw new IllegalStateException();
                                    });
        }
        return switch (found.stored()) {
            case TableDef table -> {
                if (materialized) {
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "cannot change materialized view \"" + table.name() + "\"");
                }
                yield new Target(
                        state,
                        environment,
                        table,
                        alias == null ? table.name() : alias,
                        alias == null ? found.schema() : null,
                        verb,
                        null);
            }
            case ViewDef view -> {
                ViewTarget target = ViewTarget.find(state, environment, view, verb);
                if (!verb.equals("DELETE")
                        && target.columns().stream().allMatch(c -> c.base() == null)) {
                    throw target.withoutColumns(verb);
                }
                yield new Target(
                        state,
                        environment,
                        target.table(),
                        alias == null ? view.name() : alias,
                        alias == null ? found.schema() : null,
                        verb,
                        target);
            }
            case SequenceDef sequence ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "cannot change sequence \"" + sequence.name() + "\"");
            case IndexDef index ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "cannot open relation \"" + index.name() + "\"",
                            name.position());
            case null -> throw new IllegalStateException("no relation " + name);
        };
    }

    List<ColumnDef> columns() {
        return table.visibleColumns();
    }

    List<OutputColumn> output() {
        return columns().stream().map(c -> NamedRelationBinder.column(c, table.id())).toList();
    }

    LogicalPlan scan() {
        LogicalPlan scan =
                new LogicalPlan.Scan(
                        table,
                        new ScanTime.Now(),
                        false,
                        output(),
                        view == null ? name : table.name());
        return view == null || view.conditions().isEmpty()
                ? scan
                : new LogicalPlan.Filter(scan, ExprTraits.conjunction(view.conditions()));
    }

    /** The columns that INSERT without a list of columns gives values to. */
    List<ColumnDef> insertable() {
        return view == null
                ? columns()
                : view.columns().stream()
                        .map(c -> c.base() == null ? c.definition() : c.base())
                        .toList();
    }

    /** 0A000 for a column of a view that is none of its table. */
    void requireBase(ColumnDef column) {
        if (view != null) {
            for (ViewTarget.Shown shown : view.columns()) {
                if (shown.base() == null && shown.definition().equals(column)) {
                    throw notUpdatable(shown, view);
                }
            }
        }
    }

    boolean isView() {
        return view != null;
    }

    private SqlException notUpdatable(ViewTarget.Shown column, ViewTarget of) {
        return new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        (verb.equals("INSERT") ? "cannot insert into" : "cannot update")
                                + " column \""
                                + column.definition().name()
                                + "\" of view \""
                                + of.view().name()
                                + "\"")
                .withDetail(
                        "View columns that are not columns of their base relation are not"
                                + " updatable.");
    }

    /** An expression over {@link #names} as one over the table's rows. */
    Expr resolved(Expr expr) {
        ViewTarget of = view;
        return of == null
                ? expr
                : PlanTree.replace(
                        expr,
                        (index, original, depth) -> {
                            if (index < COMPUTED_FIRST) {
                                return original;
                            }
                            int place = index - COMPUTED_FIRST;
                            Expr value = of.columns().get(place / COMPUTED_STEP).value();
                            return PlanTree.deepen(
                                    PlanTree.shift(value, place % COMPUTED_STEP), depth);
                        });
    }

    /** WHERE CURRENT OF over the table's rows. */
    Expr currentOf(SqlExpr.CurrentOf written) {
        if (view != null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "WHERE CURRENT OF on a view is not implemented");
        }
        if (columns().isEmpty()) {
            throw SqlException.notSupported(
                    "WHERE CURRENT OF on a table without columns", written.position());
        }
        return new Expr.CurrentOf(written.cursor(), Plans.input(0, output().getFirst()));
    }

    /** The names over a row of the table's visible columns, as the statement sees them. */
    Namespace names(String relationName, @Nullable String relationSchema) {
        return view == null
                ? tableNames(relationName, relationSchema)
                : viewNames(view, relationName, relationSchema);
    }

    private Namespace tableNames(String relationName, @Nullable String relationSchema) {
        List<Column> result = new ArrayList<>();
        List<ColumnDef> visible = columns();
        for (int i = 0; i < visible.size(); i++) {
            ColumnDef column = visible.get(i);
            result.add(
                    new Column(
                            column.name(),
                            i,
                            column.type(),
                            column.typmod(),
                            table.id(),
                            column.number(),
                            null));
        }
        return Namespace.of(
                new Relation(relationName, relationSchema, table.name(), result, List.of(), table),
                result.size());
    }

    private Namespace viewNames(
            ViewTarget of, String relationName, @Nullable String relationSchema) {
        List<ColumnDef> visible = columns();
        List<Column> result = new ArrayList<>();
        for (int i = 0; i < of.columns().size(); i++) {
            ViewTarget.Shown shown = of.columns().get(i);
            result.add(
                    new Column(
                            shown.definition().name(),
                            shown.base() == null
                                    ? COMPUTED_FIRST + i * COMPUTED_STEP
                                    : visible.indexOf(shown.base()),
                            shown.value().type(),
                            shown.value().typmod(),
                            of.view().id(),
                            shown.definition().number(),
                            null));
        }
        return Namespace.of(
                new Relation(
                        relationName, relationSchema, of.view().name(), result, List.of(), null),
                visible.size());
    }

    Namespace names() {
        return names(name, schema);
    }

    ColumnDef column(String columnName, int position) {
        if (view != null) {
            return viewColumn(view, columnName, position);
        }
        ColumnDef column = table.findColumn(columnName);
        if (column == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN,
                    "column \""
                            + columnName
                            + "\" of relation \""
                            + table.name()
                            + "\" does not exist",
                    position);
        }
        return column;
    }

    private ColumnDef viewColumn(ViewTarget of, String columnName, int position) {
        for (ViewTarget.Shown shown : of.columns()) {
            if (shown.definition().name().equals(columnName)) {
                if (shown.base() == null) {
                    throw notUpdatable(shown, of);
                }
                return shown.base();
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_COLUMN,
                "column \""
                        + columnName
                        + "\" of relation \""
                        + of.view().name()
                        + "\" does not exist",
                position);
    }

    private @Nullable String defaultSql(ColumnDef column) {
        return view == null
                ? column.defaultSql()
                : view.defaults().getOrDefault(column.number(), column.defaultSql());
    }

    /** What UPDATE … SET column = DEFAULT sets: through a view, what the view itself says. */
    Expr updateDefaultOf(ColumnDef column) {
        return view != null && !view.defaults().containsKey(column.number())
                ? new Expr.Constant(null, column.type(), column.typmod())
                : defaultOf(column);
    }

    /** The column's default, NULL if it has none, of the column's type. */
    Expr defaultOf(ColumnDef column) {
        String sql = defaultSql(column);
        if (sql == null && column.type().isDomain()) {
            Expr inherited = state.coercion.domains().defaultOf(column.type());
            return state.coercion.assignToColumn(
                    inherited == null
                            ? new Expr.Constant(null, column.type().base(), -1)
                            : inherited,
                    column.type(),
                    -1,
                    column.name(),
                    0);
        }
        if (sql == null || column.isGenerated()) {
            return new Expr.Constant(null, column.type(), column.typmod());
        }
        Expr value =
                new ExpressionBinder(
                                state,
                                environment,
                                Scope.empty(null),
                                Clause.plain("DEFAULT expressions"))
                        .bind(SqlTexts.expression(sql));
        return state.coercion.assignToColumn(
                value, column.type(), column.typmod(), column.name(), 0);
    }

    /** The values of generated columns; a row is given NULL for them until they are computed. */
    List<SetColumn> generated() {
        List<SetColumn> result = new ArrayList<>();
        for (ColumnDef column : columns()) {
            String sql = column.defaultSql();
            if (column.isGenerated() && sql != null) {
                Expr value =
                        new ExpressionBinder(
                                        state,
                                        environment,
                                        Scope.of(null, tableNames(table.name(), null)),
                                        Clause.plain("column generation expressions"))
                                .bind(SqlTexts.expression(sql));
                result.add(
                        new SetColumn(
                                column.number(),
                                state.coercion.assignToColumn(
                                        value, column.type(), column.typmod(), column.name(), 0)));
            }
        }
        return result;
    }

    List<CheckCondition> checks() {
        List<CheckCondition> result = new ArrayList<>();
        for (Constraint constraint : table.constraints()) {
            if (constraint instanceof Constraint.Check check) {
                Scope scope = Scope.of(null, tableNames(table.name(), null));
                Expr condition =
                        new ExpressionBinder(
                                        state,
                                        environment,
                                        scope,
                                        Clause.plain("check constraints"))
                                .in(Clause.plain("CHECK"))
                                .condition(SqlTexts.expression(check.sql()));
                result.add(new CheckCondition(check.name(), condition));
            }
        }
        if (view != null) {
            view.checks()
                    .forEach(check ->
                            result.add(new CheckCondition(check.view(), check.condition(), true)));
        }
        return result;
    }

    Returning returning(List<SelectItem> items, Namespace namespace, Environment where) {
        Scope scope = Scope.of(null, namespace);
        TargetList list =
                new TargetList(
                        state,
                        scope,
                        new ExpressionBinder(state, where, scope, Clause.plain("RETURNING")));
        List<TargetList.Target> targets = list.bind(items);
        if (targets.isEmpty() && !items.isEmpty()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "RETURNING must have at least one column",
                    items.getFirst().expression().position());
        }
        List<Expr> values =
                targets.stream().map(t -> resolved(state.coercion.known(t.value()))).toList();
        return new Returning(values, list.columns(targets, values));
    }
}
