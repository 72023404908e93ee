package dev.driftdb.query.define;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement.ConstraintSpec;
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
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Adds constraints to tables: their indexes are made and the rows that are there are checked. */
final class TableConstraints {
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
                    case ConstraintSpec.ForeignKey _ ->
                            throw SqlException.notSupported("FOREIGN KEY");
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

    private TableDef addPrimaryKey(TableDef table, ConstraintSpec.PrimaryKey spec, boolean empty) {
        if (table.hasPrimaryKey()) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "multiple primary keys for table \"" + table.name() + "\" are not allowed");
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
            keyed = TableDefinitions.withColumn(keyed, notNull(table.column(number)));
        }
        keyed = TableDefinitions.withKey(keyed, empty ? table.storageId() : scope.newId(), numbers);
        keyed = with(keyed, new Constraint.PrimaryKey(scope.newId(), name, numbers, indexId));
        scope.write(index);
        scope.write(keyed);
        if (!empty) {
            scope.rekey(table, keyed);
        }
        return keyed;
    }

    static ColumnDef notNull(ColumnDef c) {
        return new ColumnDef(
                c.number(),
                c.name(),
                c.type(),
                c.typmod(),
                true,
                c.defaultSql(),
                c.missingValue(),
                c.identity(),
                c.dropped());
    }

    private TableDef addUnique(TableDef table, ConstraintSpec.Unique spec, boolean empty) {
        List<Integer> numbers = TableDefinitions.keyNumbers(table, spec.columns(), "unique");
        String name =
                relationName(
                        table, spec.name(), table.name(), String.join("_", spec.columns()), "key");
        int indexId = scope.newId();
        IndexDef index = index(indexId, table, name, numbers, false, !spec.nullsNotDistinct());
        TableDef changed =
                with(table, new Constraint.Unique(scope.newId(), name, numbers, indexId));
        addIndex(changed, index, empty);
        return changed;
    }

    /** Writes an index of a table that may have rows. */
    void addIndex(TableDef table, IndexDef index, boolean empty) {
        if (!empty && index.unique()) {
            checkUniqueRows(table, index);
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
                        "CHECK constraint");
        String name = spec.name() != null ? unusedName(table, spec.name()) : checkName(table, spec);
        if (!empty) {
            checkRows(table, name, condition);
            scope.requireUnchanged(table);
        }
        return with(table, new Constraint.Check(scope.newId(), name, spec.condition().text()));
    }

    private static String unusedName(TableDef table, String name) {
        if (table.constraints().stream().anyMatch(c -> c.name().equals(name))) {
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
        String stem =
                columns.size() == 1
                        ? table.name() + "_" + columns.getFirst().name() + "_check"
                        : table.name() + "_check";
        String name = stem;
        for (int i = 1; isTaken(table, name); i++) {
            name = stem + i;
        }
        return name;
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
        return name;
    }

    private static TableDef with(TableDef table, Constraint constraint) {
        List<Constraint> constraints = new ArrayList<>(table.constraints());
        constraints.add(constraint);
        return TableDefinitions.withConstraints(table, constraints);
    }

    // ---- rows that are there ----

    /** 23505 if two rows are equal in an index's columns. */
    void checkUniqueRows(TableDef table, IndexDef index) {
        Set<IndexKey> seen = new java.util.HashSet<>();
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                @Nullable Object[] values = RowCodec.decode(table.columns(), rows.row());
                IndexKey key = IndexKey.of(index, table, values);
                if (!key.neverConflicts(index) && !seen.add(key)) {
                    throw new SqlException(
                                    SqlState.UNIQUE_VIOLATION,
                                    "could not create unique index \"" + index.name() + "\"")
                            .withDetail("Key " + key.text(index, table) + " is duplicated.")
                            .withConstraint(index.name());
                }
            }
        }
    }

    /** 23502 if a row has NULL in the column. */
    void checkNoNulls(TableDef table, ColumnDef column) {
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                if (RowCodec.decodeColumn(column, rows.row()) == null) {
                    throw new SqlException(
                                    SqlState.NOT_NULL_VIOLATION,
                                    "column \""
                                            + column.name()
                                            + "\" of relation \""
                                            + table.name()
                                            + "\" contains null values")
                            .withColumn(column.name());
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
                            .withConstraint(name);
                }
            }
        }
    }

    /** The visible columns that a condition reads. */
    List<ColumnDef> columnsOf(TableDef table, SqlExpr condition) {
        Expr bound =
                scope.bind(
                        condition,
                        TableDefinitions.columnsOf(table),
                        Types.BOOL,
                        -1,
                        "CHECK constraint");
        List<ColumnDef> visible = table.visibleColumns();
        return ExprTraits.columns(bound).stream().mapToObj(visible::get).toList();
    }
}
