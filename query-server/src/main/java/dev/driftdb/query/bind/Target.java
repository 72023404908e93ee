package dev.driftdb.query.bind;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query.SelectItem;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement.CheckCondition;
import dev.driftdb.query.plan.BoundStatement.SetColumn;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.query.plan.OutputColumn;
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
 */
record Target(
        BindState state,
        Environment environment,
        TableDef table,
        String name,
        @Nullable String schema) {

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
        if (verb.equals("MERGE") && !(found.stored() instanceof TableDef)) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot execute MERGE on relation \"" + name.last() + "\"")
                    .withDetail(
                            "This operation is not supported for "
                                    + switch (found.stored()) {
                                        case ViewDef _ -> "views.";
                                        case SequenceDef _ -> "sequences.";
                                        case IndexDef _ -> "indexes.";
                                        case TableDef _ -> throw new IllegalStateException();
                                        case null -> throw new IllegalStateException();
                                    });
        }
        return switch (found.stored()) {
            case TableDef table ->
                    new Target(
                            state,
                            environment,
                            table,
                            alias == null ? table.name() : alias,
                            alias == null ? found.schema() : null);
            case ViewDef view ->
                    throw SqlException.notSupported(
                            "updating a view (\"" + view.name() + "\")", name.position());
            case SequenceDef sequence ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "cannot change sequence \"" + sequence.name() + "\"",
                            name.position());
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
        return new LogicalPlan.Scan(table, new ScanTime.Now(), false, output());
    }

    /** The names over a row of the table's visible columns. */
    Namespace names(String relationName, @Nullable String relationSchema) {
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

    Namespace names() {
        return names(name, schema);
    }

    ColumnDef column(String columnName, int position) {
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

    /** The column's default, NULL if it has none, of the column's type. */
    Expr defaultOf(ColumnDef column) {
        String sql = column.defaultSql();
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
                                        Scope.of(null, names(table.name(), null)),
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
                Scope scope = Scope.of(null, names(table.name(), null));
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
        List<Expr> values = targets.stream().map(t -> state.coercion.known(t.value())).toList();
        return new Returning(values, list.columns(targets, values));
    }
}
