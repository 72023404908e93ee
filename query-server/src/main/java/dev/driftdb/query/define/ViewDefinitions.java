package dev.driftdb.query.define;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.Statement.CreateView;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** CREATE VIEW, and what becomes of views when something under them changes. */
public final class ViewDefinitions {
    private final DefinitionScope scope;
    private final Names names;

    public ViewDefinitions(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void create(CreateView statement) {
        if (statement.query().with().stream()
                .anyMatch(table -> !(table.statement() instanceof Statement.Select))) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "views must not contain data-modifying statements in WITH");
        }
        SchemaDef schema = names.creationSchema(statement.name(), statement.temporary());
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        Relation existing = scope.catalog().findRelation(schema.id(), name);
        int id;
        if (existing instanceof ViewDef view && statement.orReplace()) {
            id = view.id();
        } else {
            names.requireFree(schema, name);
            names.requireFreeRowType(schema, name);
            id = scope.newId();
        }
        List<ColumnDef> columns =
                columns(
                        scope.describe(new Statement.Select(statement.query())),
                        statement.columns());
        if (existing instanceof ViewDef old) {
            checkReplaces(old, columns);
        }
        scope.write(
                new ViewDef(
                        id,
                        schema.id(),
                        name,
                        scope.ownerId(),
                        columns,
                        statement.queryText(),
                        scope.searchPath()));
    }

    private static List<ColumnDef> columns(List<OutputColumn> output, List<String> given) {
        if (given.size() > output.size()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "CREATE VIEW specifies more column names than columns");
        }
        List<ColumnDef> columns = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < output.size(); i++) {
            OutputColumn column = output.get(i);
            String name = i < given.size() ? given.get(i) : column.name();
            if (!seen.add(name)) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column \"" + name + "\" specified more than once");
            }
            SqlType type = column.type().equals(Types.UNKNOWN) ? Types.TEXT : column.type();
            columns.add(
                    new ColumnDef(
                            i + 1,
                            name,
                            type,
                            column.typmod(),
                            false,
                            null,
                            null,
                            ColumnDef.Identity.NONE,
                            false));
        }
        return columns;
    }

    private static void checkReplaces(ViewDef old, List<ColumnDef> columns) {
        if (columns.size() < old.columns().size()) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION, "cannot drop columns from view");
        }
        for (int i = 0; i < old.columns().size(); i++) {
            ColumnDef before = old.columns().get(i);
            ColumnDef after = columns.get(i);
            if (!before.name().equals(after.name())) {
                throw new SqlException(
                        SqlState.INVALID_TABLE_DEFINITION,
                        "cannot change name of view column \""
                                + before.name()
                                + "\" to \""
                                + after.name()
                                + "\"");
            }
            if (!before.type().equals(after.type())) {
                throw new SqlException(
                        SqlState.INVALID_TABLE_DEFINITION,
                        "cannot change data type of view column \""
                                + before.name()
                                + "\" from "
                                + before.type().sqlName()
                                + " to "
                                + after.type().sqlName());
            }
        }
    }

    /**
     * The views that no longer bind, in the order of their ids. A view depends on what its text
     * names, so whether it still binds is the test.
     */
    List<ViewDef> broken() {
        List<ViewDef> broken = new ArrayList<>();
        for (CatalogObject object : scope.catalog().objects()) {
            if (object instanceof ViewDef view && !binds(view)) {
                broken.add(view);
            }
        }
        return broken;
    }

    private boolean binds(ViewDef view) {
        try {
            return scope.parseStatement(view.query()) instanceof Statement.Select query
                    && scope.describe(query).size() >= view.columns().size();
        } catch (SqlException e) {
            return false;
        }
    }
}
