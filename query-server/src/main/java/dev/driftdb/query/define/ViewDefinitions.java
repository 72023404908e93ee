package dev.driftdb.query.define;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.ObjectDefinition.CreateView;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** CREATE VIEW. */
public final class ViewDefinitions {
    private static final List<String> TRUE = List.of("on", "true", "yes", "1");
    private static final List<String> FALSE = List.of("off", "false", "no", "0");

    private final DefinitionScope scope;
    private final Names names;

    public ViewDefinitions(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void create(CreateView statement) {
        if (statement.query().with().stream()
                .anyMatch(table -> !(table.statement() instanceof DataStatement.Select))) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "views must not contain data-modifying statements in WITH");
        }
        checkOptions(statement.options());
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        // Bound as it was sent first: its errors then have their places in what was sent.
        scope.defineView(new DataStatement.Select(statement.query()));
        Binder.ViewShape shape = shape(scope, statement.queryText());
        boolean temporary =
                statement.temporary()
                        || shape.references().stream()
                                .anyMatch(r -> isTemporary(scope, r.relationId()));
        if (temporary && !statement.temporary()) {
            scope.notice("view \"" + statement.name().last() + "\" will be a temporary view");
        }
        SchemaDef schema = names.creationSchema(statement.name().withoutPosition(), temporary);
        List<ColumnDef> columns =
                columns(
                        shape.columns(),
                        statement.columns(),
                        "CREATE VIEW specifies more column names than columns");
        Relation existing = scope.catalog().findRelation(schema.id(), name);
        int id;
        int ownerId = scope.ownerId();
        if (existing != null && statement.orReplace()) {
            if (!(existing instanceof ViewDef old)) {
                throw new SqlException(
                        SqlState.WRONG_OBJECT_TYPE, "\"" + name + "\" is not a view");
            }
            id = old.id();
            ownerId = old.ownerId();
            columns = replacing(old, columns);
            if (shape.references().stream().anyMatch(r -> leadsTo(r.relationId(), old.id()))) {
                throw new SqlException(
                        SqlState.INVALID_OBJECT_DEFINITION,
                        "infinite recursion detected in rules for relation \"" + name + "\"");
            }
        } else {
            names.requireFree(schema, name);
            names.requireFreeRowType(schema, name);
            id = scope.newId();
        }
        ViewDef view =
                new ViewDef(
                        id,
                        schema.id(),
                        name,
                        ownerId,
                        columns,
                        statement.queryText(),
                        scope.searchPath(),
                        shape.references(),
                        statement.options());
        scope.write(view);
        write(view, statement.options());
    }

    static boolean isTemporary(DefinitionScope scope, int relationId) {
        return scope.catalog().find(relationId) instanceof Relation relation
                && TemporarySchemas.isTemporary(scope.catalog(), relation.schemaId());
    }

    /** Writes a view with its options and what follows from its text. */
    void write(ViewDef view, Map<String, String> given) {
        Map<String, String> options = new HashMap<>(given);
        List<Integer> updatable = scope.updatableColumns(view);
        options.put(
                ViewDef.UPDATABLE_COLUMNS,
                String.join(",", updatable.stream().map(n -> Integer.toString(n)).toList()));
        if (options.containsKey(ViewDef.CHECK_OPTION) && updatable.isEmpty()) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "WITH CHECK OPTION is supported only on automatically updatable"
                                    + " views")
                    .withHint(scope.whyNotUpdatable(view));
        }
        scope.write(view.withOptions(options));
    }

    /** The names of a text and what they stand for, by their positions in it. */
    static Binder.ViewShape shape(DefinitionScope scope, String text) {
        if (scope.parseStatement(text) instanceof DataStatement.Select select) {
            return scope.defineView(select);
        }
        throw new IllegalStateException("a view is one SELECT");
    }

    private boolean leadsTo(int relationId, int viewId) {
        if (relationId == viewId) {
            return true;
        }
        return scope.catalog().find(relationId) instanceof ViewDef view
                && view.references().stream().anyMatch(r -> leadsTo(r.relationId(), viewId));
    }

    static void checkOptions(Map<String, String> options) {
        options.forEach((name, value) -> {
            switch (name) {
                case "security_barrier", "security_invoker" -> {
                    String lower = value.toLowerCase(Locale.ROOT);
                    if (!TRUE.contains(lower) && !FALSE.contains(lower)) {
                        throw new SqlException(
                                SqlState.INVALID_PARAMETER_VALUE,
                                "invalid value for boolean option \"" + name + "\": " + value);
                    }
                }
                case ViewDef.CHECK_OPTION -> {
                    if (!value.equals("local") && !value.equals("cascaded")) {
                        throw new SqlException(
                                        SqlState.INVALID_PARAMETER_VALUE,
                                        "invalid value for enum option \"check_option\": " + value)
                                .withDetail("Valid values are \"local\" and \"cascaded\".");
                    }
                }
                default ->
                        throw new SqlException(
                                SqlState.INVALID_PARAMETER_VALUE,
                                "unrecognized parameter \"" + name + "\"");
            }
        });
    }

    static List<ColumnDef> columns(
            List<OutputColumn> output, List<String> given, String tooManyNames) {
        if (given.size() > output.size()) {
            throw new SqlException(SqlState.SYNTAX_ERROR, tooManyNames);
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
            boolean rows = type.isArray() && type.element().equals(Types.RECORD);
            if (type.equals(Types.RECORD) || rows) {
                throw new SqlException(
                        SqlState.INVALID_TABLE_DEFINITION,
                        "column \"" + name + "\" has pseudo-type " + type.sqlName());
            }
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

    /** The columns of a view that takes another's place: its own must stay as they are. */
    private List<ColumnDef> replacing(ViewDef old, List<ColumnDef> columns) {
        if (columns.size() < old.columns().size()) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION, "cannot drop columns from view");
        }
        List<ColumnDef> result = new ArrayList<>(columns);
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
                                        + "\"")
                        .withHint(
                                "Use ALTER VIEW ... RENAME COLUMN ... to change name of view"
                                        + " column instead.");
            }
            if (!before.type().equals(after.type()) || before.typmod() != after.typmod()) {
                throw new SqlException(
                        SqlState.INVALID_TABLE_DEFINITION,
                        "cannot change data type of view column \""
                                + before.name()
                                + "\" from "
                                + scope.typeName(before.type(), before.typmod())
                                + " to "
                                + scope.typeName(after.type(), after.typmod()));
            }
            result.set(i, after.withDefault(before.defaultSql()));
        }
        return result;
    }
}
