package dev.driftdb.query.bind;

import dev.driftdb.query.ast.QualifiedName;
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
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
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
                long first = state.resolve(from);
                long last = state.resolve(to) - (inclusive ? 0 : 1);
                Environment then =
                        environment.at(state.context.catalogAt(Math.max(first, last)), last);
                From versions = at(item, then, new ScanTime.Versions(first, Math.max(first, last)));
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
                        new ScanTime.Versions(0, asOf == null ? Long.MAX_VALUE : asOf));
            }
        };
    }

    private From commonTable(TableExpr.Named item, Environment.CommonTable common) {
        if (item.time() != null) {
            throw SqlException.notSupported(
                    "FOR SYSTEM_TIME of a common table expression", item.position());
        }
        List<OutputColumn> columns = common.columns();
        if (columns == null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "WITH query \"" + common.name() + "\" does not have a RETURNING clause",
                    item.position());
        }
        return new From(
                state.scanAt(
                        new LogicalPlan.CteScan(common.id(), common.name(), columns),
                        item.position()),
                FromBinder.relation(
                        state, columns, name(item), item.columnAliases(), item.position()));
    }

    private static String name(TableExpr.Named item) {
        String alias = item.alias();
        return alias == null ? item.name().last() : alias;
    }

    private From at(TableExpr.Named item, Environment where, ScanTime.@Nullable Versions versions) {
        QualifiedName name = item.name();
        Relations.Found found = new Relations(state.context).find(name, where, item.position());
        SystemRelation system = found.system();
        if (system == null && found.stored() instanceof SequenceDef sequence) {
            system = sequence(found.schema(), sequence);
        }
        if (versions != null && !(found.stored() instanceof TableDef)) {
            throw SqlException.notSupported(
                    "versions of \"" + name + "\", which is not a table,", item.position());
        }
        if (system != null) {
            List<OutputColumn> columns = system.columns().stream().map(c -> column(c, 0)).toList();
            return new From(
                    new LogicalPlan.SystemScan(system, where.asOf(), columns),
                    names(item, found.schema(), system.columns(), 0, List.of(), null));
        }
        return switch (found.stored()) {
            case TableDef table -> scan(item, found.schema(), table, where.asOf(), versions);
            case ViewDef view -> view(item, found.schema(), view, where);
            case IndexDef _ ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\"" + name.last() + "\" is an index",
                            item.position());
            case null, default -> throw new IllegalStateException("no relation " + name);
        };
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
            @Nullable Long asOf,
            ScanTime.@Nullable Versions versions) {
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
                new LogicalPlan.Scan(table, time, pseudo, columns),
                names(item, schema, table.visibleColumns(), table.id(), hidden, table));
    }

    private static Column hidden(String name, int index, PseudoColumn column) {
        return new Column(name, index, type(column), -1, 0, 0, null);
    }

    private static SqlType type(PseudoColumn column) {
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
            List<ColumnDef> definitions,
            int tableId,
            List<Column> hidden,
            @Nullable TableDef table) {
        List<String> aliases = item.columnAliases();
        FromBinder.checkAliases(name(item), definitions.size(), aliases, item.position());
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < definitions.size(); i++) {
            ColumnDef column = definitions.get(i);
            columns.add(
                    new Column(
                            i < aliases.size() ? aliases.get(i) : column.name(),
                            i,
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
                columns.size() + pseudo);
    }

    private From view(TableExpr.Named item, String schema, ViewDef view, Environment where) {
        if (where.viewDepth() >= VIEW_DEPTH_MAX) {
            throw new SqlException(
                    SqlState.INVALID_OBJECT_DEFINITION,
                    "infinite recursion detected in rules for relation \"" + view.name() + "\"");
        }
        LogicalPlan plan;
        try {
            plan =
                    new QueryBinder(state, where.insideView(view.searchPath()))
                            .bind(SqlTexts.query(view.query()), null);
        } catch (SqlException e) {
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
        Namespace names = names(item, schema, view.columns(), view.id(), List.of(), null);
        return new From(new LogicalPlan.Project(plan, values, columns), names);
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
