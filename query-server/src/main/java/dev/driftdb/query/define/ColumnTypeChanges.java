package dev.driftdb.query.define;

import dev.driftdb.query.ast.TableDefinition.AlterAction;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * ALTER COLUMN … TYPE. Where every stored value stays what it is, only the definition changes; else
 * all rows are stored anew in another storage.
 */
final class ColumnTypeChanges {
    private final DefinitionScope scope;

    ColumnTypeChanges(DefinitionScope scope) {
        this.scope = scope;
    }

    TableDef change(TableDef table, AlterAction.SetType set) {
        ColumnDef column = TableDefinitions.column(table, set.column());
        TypeNames.Resolved target =
                TypeNames.resolve(set.type(), scope.catalog(), scope.searchPath());
        SqlType type = target.type();
        if (type.isPseudo() || type.equals(Types.UNKNOWN)) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "column \"" + column.name() + "\" has pseudo-type " + type.sqlName());
        }
        if (column.isIdentity() && !Set.of(Types.INT2, Types.INT4, Types.INT8).contains(type)) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "identity column type must be smallint, integer, or bigint");
        }
        for (ColumnDef other : new ColumnTexts(scope).generatedFrom(table, column)) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot alter type of a column used by a generated column")
                    .withDetail(
                            "Column \""
                                    + column.name()
                                    + "\" is used by generated column \""
                                    + other.name()
                                    + "\".");
        }
        for (IndexDef index : scope.catalog().indexesOf(table.id())) {
            if (index.computed()
                    && IndexTexts.columns(scope, table, index).contains(column.number())) {
                throw SqlException.notSupported(
                        "changing the type of a column that an expression or partial index uses");
            }
            if (IndexTexts.mentions(index, column.number())) {
                TableDefinitions.requireKeyable(type);
            }
        }
        new Dependencies(scope).refuseTypeChange(table, column);
        boolean same = set.using() == null && sameBytes(column, type, target.typmod());
        ColumnDef altered = column.withType(type, target.typmod());
        RowExpression value = same ? null : RowExpression.of(value(table, altered, set));
        requireDefault(altered);
        TableDef changed = table.withColumn(altered);
        if (value != null) {
            changed =
                    table.withColumn(altered.withMissing(null))
                            .withKey(scope.newId(), table.keyColumns());
        }
        scope.write(changed);
        requireTexts(changed);
        if (value != null) {
            scope.requireUnchanged(table);
            rewrite(table, changed, altered, value);
            scope.advance();
        }
        requireForeignKeys(changed, altered, value != null);
        return changed;
    }

    private Expr value(TableDef table, ColumnDef altered, AlterAction.SetType set) {
        String text = ColumnTexts.quoted(altered.name());
        try {
            return scope.bind(
                    set.using() == null ? scope.parse(text) : set.using().expression(),
                    TableDefinitions.columnsOf(table),
                    altered.type(),
                    altered.typmod(),
                    set.using() == null ? "ALTER COLUMN TYPE" : "transform expressions");
        } catch (SqlException e) {
            if (e.state() != SqlState.DATATYPE_MISMATCH) {
                throw e;
            }
            throw set.using() == null
                    ? new SqlException(
                                    SqlState.DATATYPE_MISMATCH,
                                    "column \""
                                            + altered.name()
                                            + "\" cannot be cast automatically to type "
                                            + altered.type().sqlName())
                            .withHint(
                                    "You might need to specify \"USING "
                                            + text
                                            + "::"
                                            + altered.type().sqlName()
                                            + "\".")
                    : new SqlException(
                                    SqlState.DATATYPE_MISMATCH,
                                    "result of USING clause for column \""
                                            + altered.name()
                                            + "\" cannot be cast automatically to type "
                                            + altered.type().sqlName())
                            .withHint("You might need to add an explicit cast.");
        }
    }

    private void requireDefault(ColumnDef altered) {
        String text = altered.defaultSql();
        if (text == null || altered.isGenerated()) {
            return;
        }
        try {
            scope.bind(
                    scope.parse(text),
                    List.of(),
                    altered.type(),
                    altered.typmod(),
                    "DEFAULT expressions");
        } catch (SqlException e) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "default for column \""
                            + altered.name()
                            + "\" cannot be cast automatically to type "
                            + altered.type().sqlName());
        }
    }

    /** The CHECK conditions must still bind. */
    private void requireTexts(TableDef changed) {
        for (Constraint constraint : changed.constraints()) {
            if (constraint instanceof Constraint.Check check) {
                bind(changed, check);
            }
        }
    }

    private Expr bind(TableDef table, Constraint.Check check) {
        return scope.bind(
                scope.parse(check.sql()),
                TableDefinitions.columnsOf(table),
                Types.BOOL,
                -1,
                TableConstraints.CHECK);
    }

    private void rewrite(TableDef table, TableDef changed, ColumnDef altered, RowExpression value) {
        List<ColumnDef> visible = table.visibleColumns();
        Map<Constraint.Check, RowExpression> checks = new HashMap<>();
        for (Constraint constraint : changed.constraints()) {
            if (constraint instanceof Constraint.Check check && check.validated()) {
                checks.put(check, RowExpression.of(bind(changed, check)));
            }
        }
        Map<IndexDef, Set<Bytes>> unique = new HashMap<>();
        for (IndexDef index : scope.catalog().indexesOf(table.id())) {
            if (index.unique() && IndexTexts.mentions(index, altered.number())) {
                unique.put(index, new HashSet<>());
            }
        }
        scope.rewrite(
                table,
                changed,
                row -> {
                    @Nullable Object[] seen =
                            visible.stream().map(c -> row[c.number() - 1]).toArray();
                    @Nullable Object[] next = row.clone();
                    next[altered.number() - 1] = value.evaluate(seen, scope.evalContext());
                    check(changed, altered, next, checks, unique);
                    return next;
                });
    }

    private void check(
            TableDef table,
            ColumnDef altered,
            @Nullable Object[] row,
            Map<Constraint.Check, RowExpression> checks,
            Map<IndexDef, Set<Bytes>> unique) {
        String schema = scope.catalog().schemaName(table);
        if (altered.notNull() && row[altered.number() - 1] == null) {
            throw new SqlException(
                            SqlState.NOT_NULL_VIOLATION,
                            "column \""
                                    + altered.name()
                                    + "\" of relation \""
                                    + table.name()
                                    + "\" contains null values")
                    .withTable(schema, table.name())
                    .withColumn(altered.name());
        }
        @Nullable Object[] seen =
                table.visibleColumns().stream().map(c -> row[c.number() - 1]).toArray();
        checks.forEach((check, condition) -> {
            if (Boolean.FALSE.equals(condition.evaluate(seen, scope.evalContext()))) {
                throw new SqlException(
                                SqlState.CHECK_VIOLATION,
                                "check constraint \""
                                        + check.name()
                                        + "\" of relation \""
                                        + table.name()
                                        + "\" is violated by some row")
                        .withTable(schema, table.name())
                        .withConstraint(check.name());
            }
        });
        unique.forEach((index, keys) -> {
            IndexKey made = IndexKeys.make(scope, table, index);
            Bytes key = made.of(row, scope.evalContext());
            if (key != null && !made.neverConflicts(row, scope.evalContext()) && !keys.add(key)) {
                throw new SqlException(
                                SqlState.UNIQUE_VIOLATION,
                                "could not create unique index \"" + index.name() + "\"")
                        .withDetail(
                                "Key " + made.text(row, scope.evalContext()) + " is duplicated.")
                        .withTable(schema, table.name())
                        .withConstraint(index.name());
            }
        });
    }

    private void requireForeignKeys(TableDef changed, ColumnDef altered, boolean rewritten) {
        ForeignKeys keys = new ForeignKeys(scope);
        List<Catalog.Reference> all = new ArrayList<>(scope.catalog().referencesFrom(changed.id()));
        all.addAll(scope.catalog().referencesTo(changed.id()));
        for (Catalog.Reference reference : all) {
            Constraint.ForeignKey key = reference.key();
            boolean concerned =
                    (reference.child().id() == changed.id()
                                    && key.columns().contains(altered.number()))
                            || (key.parentTableId() == changed.id()
                                    && key.parentColumns().contains(altered.number()));
            TableDef parent = scope.catalog().findTable(key.parentTableId());
            if (concerned && parent != null) {
                keys.requireComparable(reference.child(), parent, key);
                if (rewritten && key.validated()) {
                    keys.validate(reference.child(), key);
                }
            }
        }
    }

    /** Changes after which every stored value means the same: wider integers, longer text. */
    private static boolean sameBytes(ColumnDef column, SqlType type, int typmod) {
        SqlType before = column.type();
        if (before.equals(type) && (typmod == -1 || typmod == column.typmod())) {
            return !type.equals(Types.BPCHAR) || typmod == column.typmod();
        }
        List<SqlType> integers = List.of(Types.INT2, Types.INT4, Types.INT8);
        if (integers.contains(before) && integers.contains(type)) {
            return integers.indexOf(type) >= integers.indexOf(before);
        }
        boolean texts =
                before.storage() == Storage.TEXT
                        && List.of(Types.TEXT, Types.VARCHAR).contains(before)
                        && List.of(Types.TEXT, Types.VARCHAR).contains(type);
        return texts && (typmod == -1 || (column.typmod() != -1 && typmod >= column.typmod()));
    }
}
