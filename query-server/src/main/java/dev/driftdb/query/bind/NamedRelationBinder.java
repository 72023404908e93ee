package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TimeClause;
import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.catalog.SystemRelation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.PseudoColumn;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.MaterializedView;
import dev.driftdb.schemas.catalog.RelationReference;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds a FROM item that is a name, at its point in time. */
final class NamedRelationBinder {
    private static final int VIEW_DEPTH_MAX = 32;

    private final BindState state;
    private final Environment environment;

    NamedRelationBinder(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    From bind(TableExpr.Named item) {
        Environment.CommonTable common =
                item.name().parts().size() == 1
                        ? environment.commonTables().get(item.name().last())
                        : null;
        if (common != null) {
            return commonTable(item, common);
        }
        TimeClause time = item.time();
        if (time == null) {
            return at(item, environment, null);
        }
        return switch (time) {
            case TimeClause.AsOf(var point) -> {
                long offset = state.resolve(point);
                yield at(item, environment.at(state.context.catalogAt(offset), offset), null);
            }
            case TimeClause.Between(var from, var to, boolean inclusive) -> {
                long first = Math.max(0, state.resolveBound(from));
                long last = state.resolve(to) - (inclusive ? 0 : 1);
                Environment then =
                        environment.at(state.context.catalogAt(Math.max(first, last)), last);
                long end = Math.max(first, last);
                Long asOf = environment.asOf();
                From versions =
                        at(
                                item,
                                then,
                                new ScanTime.Versions(
                                        first,
                                        end,
                                        asOf == null || asOf < end ? null : asOf,
                                        false));
                yield last >= first
                        ? versions
                        : new From(
                                new LogicalPlan.Filter(versions.plan(), Expr.Constant.FALSE),
                                versions.namespace());
            }
            case TimeClause.All() -> {
                Long asOf = environment.asOf();
                yield at(
                        item,
                        environment,
                        new ScanTime.Versions(
                                ScanTime.Versions.ALL,
                                asOf == null ? Long.MAX_VALUE : asOf,
                                asOf,
                                false));
            }
        };
    }

    private From commonTable(TableExpr.Named item, Environment.CommonTable common) {
        Long asOf =
                switch (item.time()) {
                    case null -> environment.asOf();
                    case TimeClause.AsOf(var point) -> (Long) state.resolve(point);
                    case TimeClause.Between _, TimeClause.All _ ->
                            throw SqlException.notSupported(
                                    "versions of a common table expression", item.position());
                };
        if (asOf != null && !asOf.equals(common.asOf())) {
            return commonTableAt(item, common, asOf);
        }
        List<OutputColumn> columns = common.columns();
        if (columns == null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "WITH query \"" + common.name() + "\" does not have a RETURNING clause",
                    item.position());
        }
        Namespace names =
                FromBinder.relation(
                        state, columns, name(item), item.columnAliases(), item.position());
        return new From(
                state.scanAt(
                        new LogicalPlan.CteScan(common.id(), common.name(), columns, name(item)),
                        item.position()),
                common.unexpanded() == 0 ? names : unexpanded(names, common.unexpanded()));
    }

    /** The common table once more, as its whole WITH list is at another point in time. */
    private From commonTableAt(TableExpr.Named item, Environment.CommonTable common, long asOf) {
        Environment.WithList list = common.list();
        boolean reads =
                list != null
                        && list.tables().stream()
                                .allMatch(t -> t.statement() instanceof DataStatement.Select);
        if (list == null || !reads) {
            throw SqlException.notSupported(
                    list == null
                            ? "a point in time of a recursive reference"
                            : "a point in time of a common table expression beside one that"
                                    + " changes data",
                    item.position());
        }
        TableExpr table =
                new TableExpr.Named(
                        new QualifiedName(List.of(common.name()), item.position()),
                        null,
                        List.of(),
                        null,
                        null,
                        item.position());
        Query all = Query.allOf(table, item.position()).behind(list.tables(), list.recursive());
        Environment then = list.around().at(state.context.catalogAt(asOf), asOf);
        LogicalPlan rows = new QueryBinder(state, then).bind(all, null);
        return new From(
                rows,
                FromBinder.relation(
                        state, rows.columns(), name(item), item.columnAliases(), item.position()));
    }

    /** The names of a relation whose last columns are only found by their names. */
    private static Namespace unexpanded(Namespace names, int last) {
        Relation relation = names.relations().getFirst();
        int shown = relation.columns().size() - last;
        return Namespace.of(
                new Relation(
                        relation.name(),
                        null,
                        null,
                        relation.columns().subList(0, shown),
                        relation.columns().subList(shown, shown + last),
                        null),
                names.width());
    }

    private static String name(TableExpr.Named item) {
        String alias = item.alias();
        return alias == null ? item.name().last() : alias;
    }

    private From at(TableExpr.Named item, Environment where, ScanTime.@Nullable Versions versions) {
        QualifiedName name = item.name();
        RelationReference pinned = where.pinned().get(name.position());
        Relations.Found found =
                pinned == null
                        ? new Relations(state.context).find(name, where, item.position())
                        : new Relations.Found(
                                schema(name, pinned, where), stored(pinned, name, where), null);
        SystemRelation system =
                found.system() == null && found.stored() instanceof SequenceDef sequence
                        ? sequence(found.schema(), sequence)
                        : found.system();
        if (found.stored() instanceof SequenceDef sequence) {
            collect(name, sequence.id(), List.of());
        }
        if (system != null) {
            if (versions != null) {
                throw SqlException.notSupported(
                        "versions of \"" + name.last() + "\"", item.position());
            }
            if (found.stored() instanceof SequenceDef && where.asOf() != null) {
                throw SqlException.notSupported(
                        "the state of a sequence as of a point in time", item.position());
            }
            List<OutputColumn> columns = system.columns().stream().map(c -> column(c, 0)).toList();
            return new From(
                    new LogicalPlan.SystemScan(system, where.asOf(), columns, name(item)),
                    names(item, found.schema(), shown(system.columns(), null), 0, List.of(), null));
        }
        return switch (found.stored()) {
            case TableDef table -> scan(item, found.schema(), table, where, versions, pinned);
            case ViewDef view -> {
                if (versions != null) {
                    throw SqlException.notSupported("versions of a view", item.position());
                }
                yield view(item, found.schema(), view, where, pinned);
            }
            case IndexDef _ ->
                    throw new SqlException(
                                    SqlState.WRONG_OBJECT_TYPE,
                                    "cannot open relation \"" + name.last() + "\"",
                                    item.position())
                            .withDetail("This operation is not supported for indexes.");
            case null, default -> throw new IllegalStateException("no relation " + name);
        };
    }

    /** What a name stands for, whatever it is called now. */
    private static dev.driftdb.schemas.catalog.Relation stored(
            RelationReference pinned, QualifiedName name, Environment where) {
        if (where.catalog().find(pinned.relationId())
                instanceof dev.driftdb.schemas.catalog.Relation relation) {
            return relation;
        }
        throw new SqlException(
                SqlState.UNDEFINED_TABLE, "relation \"" + name + "\" does not exist");
    }

    /** The schema as the text may say it before a column. */
    private static String schema(QualifiedName name, RelationReference pinned, Environment where) {
        List<String> parts = name.parts();
        if (parts.size() > 1) {
            return parts.get(parts.size() - 2);
        }
        CatalogObject schema = where.catalog().find(stored(pinned, name, where).schemaId());
        return schema == null ? "" : schema.name();
    }

    /** The stored relation of a FROM item without a point in time; null if it is none. */
    @Nullable Object stored(TableExpr.Named item) {
        RelationReference pinned = environment.pinned().get(item.name().position());
        return pinned != null
                ? stored(pinned, item.name(), environment)
                : new Relations(state.context)
                        .find(item.name(), environment, item.position())
                        .stored();
    }

    private void collect(QualifiedName name, int id, List<Shown> columns) {
        if (state.references != null) {
            state.references.relation(
                    name.position(),
                    id,
                    columns.stream()
                            .map(c ->
                                    new RelationReference.Named(
                                            c.definition().number(), c.name(), false))
                            .toList());
        }
    }

    /**
     * A column as a name sees it.
     *
     * @param index in the relation's row
     */
    private record Shown(String name, int index, ColumnDef definition) {}

    /** All columns; for a name in a view those that were there when it was made, as they were. */
    private static List<Shown> shown(
            List<ColumnDef> definitions, @Nullable RelationReference pinned) {
        List<Shown> shown = new ArrayList<>();
        if (pinned == null) {
            for (int i = 0; i < definitions.size(); i++) {
                shown.add(new Shown(definitions.get(i).name(), i, definitions.get(i)));
            }
            return shown;
        }
        for (RelationReference.Named named : pinned.columns()) {
            for (int i = 0; i < definitions.size(); i++) {
                if (definitions.get(i).number() == named.number()) {
                    shown.add(new Shown(named.name(), i, definitions.get(i)));
                }
            }
        }
        return shown;
    }

    static OutputColumn column(ColumnDef column, int tableId) {
        return new OutputColumn(
                column.name(),
                column.type(),
                column.typmod(),
                tableId,
                tableId == 0 ? 0 : column.number());
    }

    private From scan(
            TableExpr.Named item,
            String schema,
            TableDef table,
            Environment where,
            ScanTime.@Nullable Versions versions,
            @Nullable RelationReference pinned) {
        Long asOf = where.asOf();
        MaterializedView materialized = where.catalog().materializedView(table.id());
        if (materialized != null && !materialized.populated() && state.references == null) {
            throw new SqlException(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "materialized view \"" + table.name() + "\" has not been populated")
                    .withHint("Use the REFRESH MATERIALIZED VIEW command.");
        }
        List<Shown> named = shown(table.visibleColumns(), pinned);
        collect(item.name(), table.id(), named);
        ScanTime time =
                versions != null
                        ? versions
                        : asOf == null ? new ScanTime.Now() : new ScanTime.At(asOf);
        boolean pseudo = versions != null || state.pseudoColumns;
        List<OutputColumn> columns = new ArrayList<>();
        for (ColumnDef column : table.visibleColumns()) {
            columns.add(column(column, table.id()));
        }
        int width = columns.size();
        List<Column> hidden = new ArrayList<>();
        int next = width;
        for (PseudoColumn column : PseudoColumn.values()) {
            boolean shown =
                    versions != null
                            || column == PseudoColumn.OFFSET_FROM
                            || column == PseudoColumn.TIME_FROM;
            int index = pseudo ? next++ : -1;
            if (pseudo) {
                columns.add(OutputColumn.of(column.columnName(), type(column)));
            }
            if (shown) {
                hidden.add(hidden(column.columnName(), index, column));
            }
            if (versions != null && column == PseudoColumn.TIME_FROM) {
                hidden.add(hidden("system_time_start", index, column));
            }
            if (versions != null && column == PseudoColumn.TIME_TO) {
                hidden.add(hidden("system_time_end", index, column));
            }
        }
        return new From(
                new LogicalPlan.Scan(table, time, pseudo, columns, name(item)),
                names(item, schema, named, table.id(), hidden, table, width));
    }

    private static Column hidden(String name, int index, PseudoColumn column) {
        return new Column(name, index, type(column), -1, 0, 0, null);
    }

    static SqlType type(PseudoColumn column) {
        return switch (column) {
            case OFFSET_FROM, OFFSET_TO -> Types.INT8;
            case TIME_FROM, TIME_TO -> Types.TIMESTAMPTZ;
            case OP, USER, ORIGIN -> Types.TEXT;
            case TRANSACTION -> Types.UUID;
        };
    }

    private static Namespace names(
            TableExpr.Named item,
            String schema,
            List<Shown> shown,
            int tableId,
            List<Column> hidden,
            @Nullable TableDef table) {
        return names(item, schema, shown, tableId, hidden, table, shown.size());
    }

    private static Namespace names(
            TableExpr.Named item,
            String schema,
            List<Shown> shown,
            int tableId,
            List<Column> hidden,
            @Nullable TableDef table,
            int width) {
        List<String> aliases = item.columnAliases();
        FromBinder.checkAliases(name(item), shown.size(), aliases, item.position());
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            ColumnDef column = shown.get(i).definition();
            columns.add(
                    new Column(
                            i < aliases.size() ? aliases.get(i) : shown.get(i).name(),
                            shown.get(i).index(),
                            column.type(),
                            column.typmod(),
                            tableId,
                            tableId == 0 ? 0 : column.number(),
                            null));
        }
        int pseudo =
                hidden.stream().anyMatch(c -> c.index() >= 0) ? PseudoColumn.values().length : 0;
        return Namespace.of(
                new Relation(
                        name(item),
                        item.alias() == null ? schema : null,
                        item.name().last(),
                        columns,
                        hidden,
                        table),
                width + pseudo);
    }

    private From view(
            TableExpr.Named item,
            String schema,
            ViewDef view,
            Environment where,
            @Nullable RelationReference pinned) {
        List<Shown> shown = shown(view.columns(), pinned);
        collect(item.name(), view.id(), shown);
        ReferenceCollector outside = state.references;
        state.references = null;
        LogicalPlan rows;
        try {
            rows = rowsOf(view, where);
        } finally {
            state.references = outside;
        }
        Namespace names =
                names(item, schema, shown, view.id(), List.of(), null, view.columns().size());
        return new From(rows, names);
    }

    /** A view's query as of now. */
    LogicalPlan rowsOf(ViewDef view) {
        return rowsOf(view, environment);
    }

    private LogicalPlan rowsOf(ViewDef view, Environment where) {
        if (where.viewDepth() >= VIEW_DEPTH_MAX) {
            throw new SqlException(
                    SqlState.INVALID_OBJECT_DEFINITION,
                    "infinite recursion detected in rules for relation \"" + view.name() + "\"");
        }
        LogicalPlan plan;
        try {
            plan =
                    new QueryBinder(state, where.insideView(view))
                            .bind(SqlTexts.query(view.query()), null);
        } catch (SqlException e) {
            if (e.state() == SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE) {
                throw e;
            }
            throw withoutPosition(e)
                    .withDetail("In the definition of view \"" + view.name() + "\".");
        }
        List<OutputColumn> columns = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        if (plan.columns().size() < view.columns().size()) {
            throw new SqlException(
                    SqlState.INVALID_OBJECT_DEFINITION,
                    "view \"" + view.name() + "\" no longer has the columns it was made with");
        }
        for (int i = 0; i < view.columns().size(); i++) {
            ColumnDef column = view.columns().get(i);
            OutputColumn answered = plan.columns().get(i);
            Expr value = Plans.input(i, answered);
            if (!answered.type().equals(column.type())) {
                value = state.coercion.explicit(value, column.type(), column.typmod(), 0);
            }
            values.add(value);
            columns.add(
                    new OutputColumn(
                            column.name(),
                            value.type(),
                            value.typmod(),
                            view.id(),
                            column.number()));
        }
        return new LogicalPlan.Project(plan, values, columns);
    }

    /** Positions in a view's text mean nothing in the statement's text. */
    private static SqlException withoutPosition(SqlException e) {
        String message = e.getMessage();
        return new SqlException(e.state(), message == null ? e.state().code() : message);
    }

    private static SystemRelation sequence(String schema, SequenceDef sequence) {
        return new SystemRelation(
                sequence.id(),
                schema,
                sequence.name(),
                List.of(
                        ColumnDef.of(1, "last_value", Types.INT8),
                        ColumnDef.of(2, "log_cnt", Types.INT8),
                        ColumnDef.of(3, "is_called", Types.BOOL)),
                (catalog, context) -> {
                    SequenceState now = context.sequenceState(sequence.id());
                    @Nullable Object[] row = {now.last(), 0L, now.called()};
                    List<@Nullable Object[]> rows = new ArrayList<>();
                    rows.add(row);
                    Iterator<@Nullable Object[]> iterator = rows.iterator();
                    return iterator;
                });
    }
}
