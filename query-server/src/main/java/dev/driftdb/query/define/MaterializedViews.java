package dev.driftdb.query.define;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.ObjectDefinition.CreateMaterializedView;
import dev.driftdb.query.ast.ObjectDefinition.RefreshMaterializedView;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.MaterializedView;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CREATE and REFRESH MATERIALIZED VIEW: a table whose rows are a query's. */
public final class MaterializedViews {
    private final DefinitionScope scope;
    private final Names names;

    public MaterializedViews(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /** The number of its rows; -1 if none were asked for or it was there already. */
    public long create(CreateMaterializedView statement) {
        SchemaDef schema = names.creationSchema(statement.name());
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        if (statement.ifNotExists() && scope.catalog().findRelation(schema.id(), name) != null) {
            scope.notice("relation \"" + name + "\" already exists, skipping");
            return -1;
        }
        names.requireFree(schema, name);
        TableOptions.check(statement.options());
        scope.defineView(new DataStatement.Select(statement.query()));
        Binder.ViewShape shape = ViewDefinitions.shape(scope, statement.queryText());
        if (shape.references().stream()
                .anyMatch(r -> ViewDefinitions.isTemporary(scope, r.relationId()))) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "materialized views must not use temporary tables or views");
        }
        List<ColumnDef> columns =
                ViewDefinitions.columns(
                        shape.columns(),
                        statement.columns(),
                        "too many column names were specified");
        int id = scope.newId();
        TableDef table =
                TableDef.made(id, schema.id(), name, scope.ownerId(), columns, statement.options());
        MaterializedView query =
                new MaterializedView(
                        scope.newId(),
                        id,
                        statement.queryText(),
                        scope.searchPath(),
                        shape.references(),
                        statement.withData());
        List<@Nullable Object[]> rows =
                statement.withData() ? rows(table, query) : new ArrayList<>();
        scope.write(table);
        scope.write(query);
        for (@Nullable Object[] row : rows) {
            scope.tables().insert(table, row);
        }
        return statement.withData() ? rows.size() : -1;
    }

    private List<@Nullable Object[]> rows(TableDef table, MaterializedView query) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        scope.run(asView(table, query), row -> rows.add(row.clone()));
        return rows;
    }

    /** The query as that of a view. */
    static ViewDef asView(TableDef table, MaterializedView query) {
        return new ViewDef(
                table.id(),
                table.schemaId(),
                table.name(),
                table.ownerId(),
                table.visibleColumns(),
                query.query(),
                query.searchPath(),
                query.references(),
                Map.of());
    }

    public void refresh(RefreshMaterializedView statement) {
        if (statement.concurrently() && !statement.withData()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "CONCURRENTLY and WITH NO DATA options cannot be used together");
        }
        Relation found = names.find(statement.name());
        if (found == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_TABLE,
                    "relation \"" + statement.name() + "\" does not exist");
        }
        MaterializedView query =
                found instanceof TableDef t ? scope.catalog().materializedView(t.id()) : null;
        if (!(found instanceof TableDef table) || query == null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "\"" + found.name() + "\" is not a materialized view");
        }
        if (statement.concurrently()) {
            checkConcurrently(table, query);
        }
        List<@Nullable Object[]> rows =
                statement.withData() ? rows(table, query) : new ArrayList<>();
        scope.empty(table);
        for (@Nullable Object[] row : rows) {
            scope.evalContext().checkCanceled();
            scope.tables().insert(table, row);
        }
        if (query.populated() != statement.withData()) {
            scope.write(query.populated(statement.withData()));
        }
    }

    private void checkConcurrently(TableDef table, MaterializedView query) {
        if (!query.populated()) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "CONCURRENTLY cannot be used when the materialized view is not populated");
        }
        for (IndexDef index : scope.catalog().indexesOf(table.id())) {
            if (index.unique() && !index.computed()) {
                return;
            }
        }
        String schema = scope.catalog().schemaName(table);
        throw new SqlException(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "cannot refresh materialized view \""
                                + schema
                                + "."
                                + table.name()
                                + "\" concurrently")
                .withHint(
                        "Create a unique index with no WHERE clause on one or more columns of the"
                                + " materialized view.");
    }
}
