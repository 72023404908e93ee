package dev.driftdb.query.define;

import dev.driftdb.query.ast.Statement.CreateIndex;
import dev.driftdb.query.ast.Statement.IndexItem;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** CREATE INDEX. */
public final class IndexDefinitions {
    private static final int COLUMNS_MAX = 32;

    private final DefinitionScope scope;
    private final Names names;

    public IndexDefinitions(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void create(CreateIndex statement) {
        TableDef table = names.table(statement.table());
        if (!statement.method().equals("btree")) {
            throw SqlException.notSupported("access method \"" + statement.method() + "\"");
        }
        if (!statement.include().isEmpty()) {
            throw SqlException.notSupported("INCLUDE in CREATE INDEX");
        }
        if (statement.where() != null) {
            throw SqlException.notSupported("a partial index");
        }
        if (statement.items().size() > COLUMNS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_COLUMNS,
                    "cannot use more than " + COLUMNS_MAX + " columns in an index");
        }
        List<IndexDef.IndexColumn> columns = new ArrayList<>();
        List<String> parts = new ArrayList<>(List.of(table.name()));
        for (IndexItem item : statement.items()) {
            if (item.column() == null) {
                throw SqlException.notSupported("an index on an expression");
            }
            ColumnDef column = table.findColumn(item.column());
            if (column == null) {
                throw new SqlException(
                        SqlState.UNDEFINED_COLUMN,
                        "column \"" + item.column() + "\" does not exist");
            }
            TableDefinitions.requireKeyable(column.type());
            boolean nullsFirst = Objects.requireNonNullElse(item.nullsFirst(), item.descending());
            columns.add(new IndexDef.IndexColumn(column.number(), item.descending(), nullsFirst));
            parts.add(column.name());
        }
        if (!(scope.catalog().find(table.schemaId()) instanceof SchemaDef schema)) {
            throw new IllegalStateException("table " + table.name() + " has no schema");
        }
        String name;
        if (statement.name() == null) {
            parts.add("idx");
            name = names.choose(schema, parts.toArray(String[]::new));
        } else {
            name = Names.cut(statement.name(), Names.NAME_BYTES_MAX);
            if (statement.ifNotExists()
                    && scope.catalog().findRelation(schema.id(), name) != null) {
                scope.notice("relation \"" + name + "\" already exists, skipping");
                return;
            }
            names.requireFree(schema, name);
        }
        new TableConstraints(scope)
                .addIndex(
                        table,
                        new IndexDef(
                                scope.newId(),
                                schema.id(),
                                name,
                                table.id(),
                                columns,
                                statement.unique(),
                                !statement.nullsNotDistinct(),
                                false),
                        false);
    }
}
