package dev.driftdb.query.define;

import dev.driftdb.query.ast.TableDefinition.CreateTableAs;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** CREATE TABLE … AS. */
public final class TableCopies {
    /** The query whose rows are copied. */
    public interface QueryRunner {
        List<OutputColumn> columns();

        void run(Consumer<@Nullable Object[]> target);
    }

    private final DefinitionScope scope;
    private final Names names;

    public TableCopies(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /**
     * Whether IF NOT EXISTS has nothing to do.
     *
     * @throws SqlException 42P07 if the name is taken
     */
    public boolean isThere(CreateTableAs statement) {
        if (statement.temporary() && scope.findTemporarySchema() == null) {
            return false; // The schema is made with the first table in it.
        }
        SchemaDef schema = names.creationSchema(statement.name(), statement.temporary());
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        if (statement.ifNotExists() && scope.catalog().findRelation(schema.id(), name) != null) {
            scope.notice("relation \"" + name + "\" already exists, skipping");
            return true;
        }
        names.requireFree(schema, name);
        return false;
    }

    /** The number of rows copied. */
    public long create(CreateTableAs statement, QueryRunner runner) {
        SchemaDef schema = names.creationSchema(statement.name(), statement.temporary());
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        if (statement.ifNotExists() && scope.catalog().findRelation(schema.id(), name) != null) {
            scope.notice("relation \"" + name + "\" already exists, skipping");
            return 0;
        }
        names.requireFree(schema, name);
        TableOptions.check(statement.options());
        List<ColumnDef> columns =
                ViewDefinitions.columns(
                        runner.columns(),
                        statement.columns(),
                        "too many column names were specified");
        int id = scope.newId();
        TableDef table =
                TableDef.made(id, schema.id(), name, scope.ownerId(), columns, statement.options());
        long[] count = {0};
        if (statement.withData()) {
            List<@Nullable Object[]> rows = new ArrayList<>();
            runner.run(row -> rows.add(row.clone()));
            scope.write(table);
            for (@Nullable Object[] row : rows) {
                scope.tables().insert(table, row);
            }
            count[0] = rows.size();
        } else {
            scope.write(table);
        }
        if (statement.onCommit() != null) {
            scope.onCommit(table, statement.onCommit());
        }
        return count[0];
    }
}
