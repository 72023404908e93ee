package dev.driftdb.query.define;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableDefinition.ConstraintSpec;
import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Adds constraints to tables: their indexes are made and the rows that are there are checked. */
final class TableConstraints {
    static final String CHECK = "check constraints";

    private final DefinitionScope scope;
    private final Names names;

    TableConstraints(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /**
     * The table with one more constraint, written.
     *
     * @param empty the table was made by this statement and has no rows
     */
    TableDef add(TableDef table, ConstraintSpec spec, boolean empty) {
        TableDef changed =
                switch (spec) {
                    case ConstraintSpec.PrimaryKey key -> addPrimaryKey(table, key, empty);
                    case ConstraintSpec.Unique unique -> addUnique(table, unique, empty);
                    case ConstraintSpec.Check check -> addCheck(table, check, empty);
                    case ConstraintSpec.ForeignKey key ->
                            new ForeignKeys(scope).add(table, key, empty);
                };
        scope.write(changed);
        return changed;
    }

    private SchemaDef schemaOf(TableDef table) {
        if (scope.catalog().find(table.schemaId()) instanceof SchemaDef schema) {
            return schema;
        }
        throw new IllegalStateException("table " + table.name() + " has no schema");
    }

    private TableDef addPrimaryKey(
            TableDef given, ConstraintSpec.PrimaryKey written, boolean empty) {
        if (given.constraints().stream().anyMatch(Constraint.PrimaryKey.class::isInstance)) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "multiple primary keys for table \"" + given.name() + "\" are not allowed");
        }
        if (written.timing().deferrable()) {
            throw SqlException.notSupported("a deferrable PRIMARY KEY");
        }
        TableDef table = given;
        ConstraintSpec.PrimaryKey spec = written;
        if (written.usingIndex() != null) {
            // The rows are stored under the key itself: the index is no longer needed.
            IndexDef index = indexForConstraint(table, written.usingIndex(), written.name());
            scope.drop(index);
            spec =
                    new ConstraintSpec.PrimaryKey(
                            written.name() == null ? index.name() : written.name(),
                            index.columns().stream()
                                    .map(column -> table.column(column.number()).name())
                                    .toList(),
                            null,
                            written.timing());
        }
        List<Integer> numbers = TableDefinitions.keyNumbers(table, spec.columns(), "primary key");
        String name = relationName(table, spec.name(), table.name(), "pkey");
        int indexId = scope.newId();
        IndexDef index = index(indexId, table, name, numbers, true, true);
        if (!empty) {
            // Also refuses two rows with the same key.
            checkUniqueRows(table, index);
            for (int number : numbers) {
                checkNoNulls(table, table.column(number));
            }
            scope.requireUnchanged(table);
        }
        TableDef keyed = table;
        for (int number : numbers) {
            keyed = keyed.withColumn(table.column(number).withNotNull(true));
        }
        keyed = keyed.withKey(empty ? table.storageId() : scope.newId(), numbers);
        keyed = with(keyed, new Constraint.PrimaryKey(scope.newId(), name, numbers, indexId));
        scope.write(index);
        scope.write(keyed);
        if (!empty) {
            scope.rekey(table, keyed);
        }
        return keyed;
    }

    private TableDef addUnique(TableDef table, ConstraintSpec.Unique spec, boolean empty) {
        boolean deferrable = spec.timing().deferrable();
        boolean deferred = spec.timing().initiallyDeferred();
        if (spec.usingIndex() != null) {
            IndexDef index = indexForConstraint(table, spec.usingIndex(), spec.name());
            List<Integer> numbers =
                    index.columns().stream().map(IndexDef.IndexColumn::number).toList();
            String name = spec.name() == null ? index.name() : unusedName(table, spec.name());
            if (!name.equals(index.name())) {
                names.requireFree(schemaOf(table), name);
                scope.notice(
                        "ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \""
                                + index.name()
                                + "\" to \""
                                + name
                                + "\"");
                scope.write(index.withName(name));
            }
            return with(
                    table,
                    new Constraint.Unique(
                            scope.newId(), name, numbers, index.id(), deferrable, deferred));
        }
        List<Integer> numbers = TableDefinitions.keyNumbers(table, spec.columns(), "unique");
        String name =
                relationName(
                        table, spec.name(), table.name(), String.join("_", spec.columns()), "key");
        int indexId = scope.newId();
        IndexDef index = index(indexId, table, name, numbers, false, !spec.nullsNotDistinct());
        TableDef changed =
                with(
                        table,
                        new Constraint.Unique(
                                scope.newId(), name, numbers, indexId, deferrable, deferred));
        addIndex(changed, index, empty);
        return changed;
    }

    /** The index that becomes a constraint's own. */
    private IndexDef indexForConstraint(TableDef table, String name, @Nullable String newName) {
        if (!(scope.catalog().findRelation(table.schemaId(), name) instanceof IndexDef index)) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "index \"" + name + "\" does not exist");
        }
        if (index.tableId() != table.id()) {
            throw new SqlException(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "index \"" + name + "\" does not belong to table \"" + table.name() + "\"");
        }
        if (index.computed()) {
            throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "index \""
                                    + name
                                    + (index.columns().stream()
                                                    .anyMatch(c -> c.expression() != null)
                                            ? "\" contains expressions"
                                            : "\" is a partial index"))
                    .withDetail(
                            "Cannot create a primary key or unique constraint using such an"
                                    + " index.");
        }
        for (Constraint constraint : table.constraints()) {
            boolean has =
                    (constraint instanceof Constraint.PrimaryKey key && key.indexId() == index.id())
                            || (constraint instanceof Constraint.Unique unique
                                    && unique.indexId() == index.id());
            if (has) {
                throw new SqlException(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "index \"" + name + "\" is already associated with a constraint");
            }
        }
        if (!index.unique()) {
            throw unfit("\"" + name + "\" is not a unique index");
        }
        for (int i = 0; i < index.columns().size(); i++) {
            IndexDef.IndexColumn column = index.columns().get(i);
            if (column.descending() || column.nullsFirst()) {
                throw unfit(
                        "index \""
                                + name
                                + "\" column number "
                                + (i + 1)
                                + " does not have default sorting behavior");
            }
        }
        if (newName != null && !newName.equals(name)) {
            names.requireFree(schemaOf(table), newName);
        }
        return index;
    }

    private static SqlException unfit(String message) {
        return new SqlException(SqlState.WRONG_OBJECT_TYPE, message)
                .withDetail(
                        "Cannot create a primary key or unique constraint using such an index.");
    }

    /** Writes an index of a table that may have rows. */
    void addIndex(TableDef table, IndexDef index, boolean empty) {
        if (!empty && (index.unique() || index.computed())) {
            if (index.unique()) {
                checkUniqueRows(table, index);
            }
            // The entries of a computed index are made here, for just these rows.
            scope.requireUnchanged(table);
        }
        scope.write(index);
        scope.write(table);
        if (!empty) {
            scope.buildIndex(table, index);
        }
    }

    private static IndexDef index(
            int id,
            TableDef table,
            String name,
            List<Integer> numbers,
            boolean primary,
            boolean nullsDistinct) {
        return new IndexDef(
                id,
                table.schemaId(),
                name,
                table.id(),
                numbers.stream().map(IndexDef.IndexColumn::ascending).toList(),
                true,
                nullsDistinct,
                primary);
    }

    private TableDef addCheck(TableDef table, ConstraintSpec.Check spec, boolean empty) {
        Expr condition =
                scope.bind(
                        spec.condition().expression(),
                        TableDefinitions.columnsOf(table),
                        Types.BOOL,
                        -1,
                        CHECK);
        String name =
                spec.name() != null
                        ? unusedName(table, Names.cut(spec.name(), Names.NAME_BYTES_MAX))
                        : checkName(table, spec);
        if (!empty && !spec.notValid()) {
            checkRows(table, name, condition);
            scope.requireUnchanged(table);
        }
        return with(
                table,
                new Constraint.Check(
                        scope.newId(),
                        name,
                        new StoredTexts(scope)
                                .withIds(
                                        spec.condition().text(),
                                        TableDefinitions.columnsOf(table),
                                        CHECK),
                        empty || !spec.notValid(),
                        spec.noInherit()));
    }

    /** VALIDATE CONSTRAINT. */
    TableDef validate(TableDef table, Constraint constraint) {
        Constraint validated =
                switch (constraint) {
                    case Constraint.ForeignKey key -> {
                        if (!key.validated()) {
                            new ForeignKeys(scope).validate(table, key);
                        }
                        yield key.asValidated();
                    }
                    case Constraint.Check check -> {
                        if (!check.validated()) {
                            checkRows(
                                    table,
                                    check.name(),
                                    scope.bind(
                                            scope.parse(check.sql()),
                                            TableDefinitions.columnsOf(table),
                                            Types.BOOL,
                                            -1,
                                            CHECK));
                            scope.requireUnchanged(table);
                        }
                        yield new Constraint.Check(
                                check.id(), check.name(), check.sql(), true, check.noInherit());
                    }
                    case Constraint.PrimaryKey _, Constraint.Unique _ ->
                            throw new SqlException(
                                    SqlState.WRONG_OBJECT_TYPE,
                                    "constraint \""
                                            + constraint.name()
                                            + "\" of relation \""
                                            + table.name()
                                            + "\" is not a foreign key or check constraint");
                };
        return table.withConstraint(validated);
    }

    static String unusedName(TableDef table, String name) {
        if (isTaken(table, name)) {
            throw new SqlException(
                    SqlState.DUPLICATE_OBJECT,
                    "constraint \""
                            + name
                            + "\" for relation \""
                            + table.name()
                            + "\" already exists");
        }
        return name;
    }

    /** t_column_check if the condition reads one column, else t_check; numbered when taken. */
    private String checkName(TableDef table, ConstraintSpec.Check spec) {
        List<ColumnDef> columns = columnsOf(table, spec.condition().expression());
        return names.chooseConstraint(
                table, columns.size() == 1 ? columns.getFirst().name() : "", "check");
    }

    private static boolean isTaken(TableDef table, String name) {
        return table.constraints().stream().anyMatch(c -> c.name().equals(name));
    }

    private String relationName(TableDef table, @Nullable String given, String... parts) {
        if (given == null) {
            return names.choose(schemaOf(table), parts);
        }
        String name = Names.cut(given, Names.NAME_BYTES_MAX);
        names.requireFree(schemaOf(table), name);
        return unusedName(table, name);
    }

    private static TableDef with(TableDef table, Constraint constraint) {
        List<Constraint> constraints = new ArrayList<>(table.constraints());
        constraints.add(constraint);
        return table.withConstraints(constraints);
    }

    // ---- rows that are there ----

    /** 23505 if two rows are equal in an index's columns. */
    void checkUniqueRows(TableDef table, IndexDef index) {
        Set<Bytes> seen = new java.util.HashSet<>();
        IndexKey keys = IndexKeys.make(scope, table, index);
        ExecutionContext context = scope.evalContext();
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                @Nullable Object[] values = RowCodec.decode(table.columns(), rows.row());
                Bytes key = keys.of(values, context);
                if (key != null && !keys.neverConflicts(values, context) && !seen.add(key)) {
                    throw new SqlException(
                                    SqlState.UNIQUE_VIOLATION,
                                    "could not create unique index \"" + index.name() + "\"")
                            .withDetail("Key " + keys.text(values, context) + " is duplicated.")
                            .withTable(schemaOf(table).name(), table.name())
                            .withConstraint(index.name());
                }
            }
        }
    }

    /** 23502: a row has NULL in a column that is to be NOT NULL. */
    static SqlException nulls(DefinitionScope scope, TableDef table, ColumnDef column) {
        return new SqlException(
                        SqlState.NOT_NULL_VIOLATION,
                        "column \""
                                + column.name()
                                + "\" of relation \""
                                + table.name()
                                + "\" contains null values")
                .withTable(scope.catalog().schemaName(table), table.name())
                .withColumn(column.name());
    }

    /** 23502 if a row has NULL in the column. */
    void checkNoNulls(TableDef table, ColumnDef column) {
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                if (RowCodec.decodeColumn(column, rows.row()) == null) {
                    throw nulls(scope, table, column);
                }
            }
        }
    }

    private void checkRows(TableDef table, String name, Expr condition) {
        List<ColumnDef> visible = table.visibleColumns();
        RowExpression check = RowExpression.of(condition);
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                @Nullable Object[] all = RowCodec.decode(table.columns(), rows.row());
                @Nullable Object[] row = visible.stream().map(c -> all[c.number() - 1]).toArray();
                if (Boolean.FALSE.equals(check.evaluate(row, scope.evalContext()))) {
                    throw new SqlException(
                                    SqlState.CHECK_VIOLATION,
                                    "check constraint \""
                                            + name
                                            + "\" of relation \""
                                            + table.name()
                                            + "\" is violated by some row")
                            .withTable(schemaOf(table).name(), table.name())
                            .withConstraint(name);
                }
            }
        }
    }

    /** The visible columns that a condition reads. */
    List<ColumnDef> columnsOf(TableDef table, SqlExpr condition) {
        Expr bound =
                scope.bind(condition, TableDefinitions.columnsOf(table), Types.BOOL, -1, CHECK);
        List<ColumnDef> visible = table.visibleColumns();
        return ExprTraits.columns(bound).stream().mapToObj(visible::get).toList();
    }
}
