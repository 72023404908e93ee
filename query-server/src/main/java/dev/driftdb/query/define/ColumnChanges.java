package dev.driftdb.query.define;

import dev.driftdb.query.ast.SequenceOptions;
import dev.driftdb.query.ast.TableDefinition.AlterAction;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** ALTER TABLE: columns dropped, renamed, with another default, identity or nullability. */
final class ColumnChanges {
    /** Changes one row, by column number. */
    interface RowChange {
        void on(@Nullable Object[] row);
    }

    private final DefinitionScope scope;

    ColumnChanges(DefinitionScope scope) {
        this.scope = scope;
    }

    static SqlException duplicate(TableDef table, String name) {
        return new SqlException(
                SqlState.DUPLICATE_COLUMN,
                "column \"" + name + "\" of relation \"" + table.name() + "\" already exists");
    }

    /**
     * Stores every row anew, under the changed definition and in another storage: the old rows stay
     * what the old definition says.
     *
     * @param changed has all columns of {@code table} and maybe more
     */
    TableDef rewrite(TableDef table, TableDef changed, RowChange change) {
        TableDef moved = changed.withKey(scope.newId(), changed.keyColumns());
        scope.write(moved);
        scope.requireUnchanged(table);
        scope.rewrite(
                table,
                moved,
                row -> {
                    @Nullable Object[] wider = Arrays.copyOf(row, moved.columns().size());
                    change.on(wider);
                    return wider;
                });
        return moved;
    }

    /** Computes a generated column for the rows that are there. */
    TableDef fillGenerated(TableDef before, TableDef table, ColumnDef column) {
        String text = column.defaultSql();
        if (text == null) {
            return table;
        }
        RowExpression value =
                RowExpression.of(
                        scope.bind(
                                scope.parse(text),
                                TableDefinitions.columnsOf(table),
                                column.type(),
                                column.typmod(),
                                "column generation expressions"));
        List<ColumnDef> visible = table.visibleColumns();
        return rewrite(
                before,
                table,
                row -> {
                    @Nullable Object[] seen =
                            visible.stream().map(c -> row[c.number() - 1]).toArray();
                    Object computed = value.evaluate(seen, scope.evalContext());
                    if (computed == null && column.notNull()) {
                        throw TableConstraints.nulls(scope, table, column);
                    }
                    row[column.number() - 1] = computed;
                });
    }

    // ---- DROP COLUMN ----

    TableDef drop(TableDef table, AlterAction.DropColumn drop) {
        ColumnDef column = table.findColumn(drop.column());
        if (column == null && drop.ifExists()) {
            scope.notice(
                    "column \""
                            + drop.column()
                            + "\" of relation \""
                            + table.name()
                            + "\" does not exist, skipping");
            return table;
        }
        ColumnDef dropped = TableDefinitions.column(table, drop.column());
        List<Dependencies.Thing> targets =
                List.of(new Dependencies.Thing.Column(table.id(), dropped));
        Drops drops = new Drops(scope);
        for (Dependencies.Thing thing : new Dependencies(scope).of(targets, drop.cascade())) {
            drops.drop(thing);
        }
        return current(table);
    }

    /** Drops a column with the constraints, indexes and sequences of its table that need it. */
    TableDef dropAlone(TableDef table, ColumnDef dropped) {
        int number = dropped.number();
        ColumnTexts texts = new ColumnTexts(scope);
        List<Constraint> kept = new ArrayList<>();
        for (Constraint constraint : table.constraints()) {
            boolean goes =
                    switch (constraint) {
                        case Constraint.PrimaryKey key -> key.columns().contains(number);
                        case Constraint.Unique unique -> unique.columns().contains(number);
                        case Constraint.Check check ->
                                texts.columnsIn(table, check.sql(), Types.BOOL).contains(number);
                        case Constraint.ForeignKey key ->
                                key.columns().contains(number)
                                        || (key.parentTableId() == table.id()
                                                && key.parentColumns().contains(number));
                    };
            if (!goes) {
                kept.add(constraint);
            }
        }
        for (IndexDef index : scope.catalog().indexesOf(table.id())) {
            if (IndexTexts.columns(scope, table, index).contains(number)) {
                scope.drop(index);
            }
        }
        for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == table.id() && sequence.ownerColumn() == number) {
                scope.drop(sequence);
            }
        }
        TableDef without = table.withConstraints(kept);
        if (table.keyColumns().contains(number)) {
            TableDef rekeyed = without.withKey(scope.newId(), List.of());
            scope.requireUnchanged(table);
            scope.write(rekeyed);
            scope.rekey(without, rekeyed);
            scope.advance();
            without = rekeyed;
        }
        TableDef changed =
                without.withColumn(
                        new ColumnDef(
                                number,
                                "........pg.dropped." + number + "........",
                                dropped.type(),
                                dropped.typmod(),
                                false,
                                null,
                                null,
                                ColumnDef.Identity.NONE,
                                true));
        scope.write(changed);
        return changed;
    }

    /** As this statement has left it so far. */
    private TableDef current(TableDef table) {
        TableDef now = scope.catalog().findTable(table.id());
        if (now == null) {
            throw new IllegalStateException("table " + table.name() + " is gone");
        }
        return now;
    }

    // ---- names, defaults, NULL ----

    TableDef rename(TableDef table, AlterAction.RenameColumn rename) {
        ColumnDef column = table.findColumn(rename.column());
        if (column == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN, "column \"" + rename.column() + "\" does not exist");
        }
        String name = Names.cut(rename.newName(), Names.NAME_BYTES_MAX);
        if (table.findColumn(name) != null) {
            throw duplicate(table, name);
        }
        TableDef renamed = table.withColumn(column.withName(name));
        TableDef changed =
                new ColumnTexts(scope).afterColumnRename(table, renamed, column.name(), name);
        scope.write(changed);
        for (IndexDef index : scope.catalog().indexesOf(table.id())) {
            if (index.computed()) {
                scope.write(IndexTexts.renamed(scope, table, changed, index));
            }
        }
        return changed;
    }

    TableDef setDefault(TableDef table, AlterAction.SetDefault set) {
        ColumnDef column = TableDefinitions.column(table, set.column());
        if (column.isIdentity()) {
            SqlException error = isA(table, column, "an identity column");
            throw set.value() == null
                    ? error.withHint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.")
                    : error;
        }
        if (column.isGenerated()) {
            SqlException error = isA(table, column, "a generated column");
            throw set.value() == null
                    ? error.withHint(
                            "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.")
                    : error;
        }
        String text =
                set.value() == null
                        ? null
                        : new TableDefinitions(scope)
                                .checkedDefault(set.value(), column.type(), column.typmod());
        return table.withColumn(column.withDefault(text));
    }

    private static SqlException isA(TableDef table, ColumnDef column, String what) {
        return new SqlException(
                SqlState.SYNTAX_ERROR,
                "column \"" + column.name() + "\" of relation \"" + table.name() + "\" is " + what);
    }

    TableDef setNotNull(TableDef table, AlterAction.SetNotNull set) {
        ColumnDef column = TableDefinitions.column(table, set.column());
        if (set.notNull()) {
            new TableConstraints(scope).checkNoNulls(table, column);
            scope.requireUnchanged(table);
            return table.withColumn(column.withNotNull(true));
        }
        if (column.isIdentity()) {
            throw isA(table, column, "an identity column");
        }
        if (table.keyColumns().contains(column.number())) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "column \"" + column.name() + "\" is in a primary key");
        }
        return table.withColumn(column.withNotNull(false));
    }

    // ---- identity and generated columns ----

    TableDef addIdentity(TableDef table, AlterAction.AddIdentity add) {
        ColumnDef column = TableDefinitions.column(table, add.column());
        if (!Set.of(Types.INT2, Types.INT4, Types.INT8).contains(column.type())) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "identity column type must be smallint, integer, or bigint");
        }
        if (!column.notNull()) {
            throw state(table, column, " must be declared NOT NULL before identity can be added");
        }
        if (column.isIdentity()) {
            throw state(table, column, " is already an identity column");
        }
        if (column.defaultSql() != null) {
            throw state(table, column, " already has a default value");
        }
        String text =
                new SequenceDefinitions(scope)
                        .createOwned(
                                table,
                                column.number(),
                                column.name(),
                                column.type(),
                                add.options());
        return table.withColumn(
                column.withDefault(text).withIdentity(TableDefinitions.identityOf(add.identity())));
    }

    private static SqlException state(TableDef table, ColumnDef column, String problem) {
        return new SqlException(
                SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                "column \"" + column.name() + "\" of relation \"" + table.name() + "\"" + problem);
    }

    TableDef setIdentity(TableDef table, AlterAction.SetIdentity set) {
        ColumnDef column = TableDefinitions.column(table, set.column());
        if (!column.isIdentity()) {
            throw state(table, column, " is not an identity column");
        }
        if (!set.options().equals(SequenceOptions.NONE)) {
            new SequenceDefinitions(scope).alter(sequenceOf(table, column), set.options());
        }
        return set.identity() == null
                ? table
                : table.withColumn(
                        column.withIdentity(TableDefinitions.identityOf(set.identity())));
    }

    private SequenceDef sequenceOf(TableDef table, ColumnDef column) {
        for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == table.id()
                    && sequence.ownerColumn() == column.number()) {
                return sequence;
            }
        }
        throw new IllegalStateException("identity column " + column.name() + " has no sequence");
    }

    TableDef dropIdentity(TableDef table, AlterAction.DropIdentity drop) {
        ColumnDef column = TableDefinitions.column(table, drop.column());
        if (!column.isIdentity()) {
            if (!drop.ifExists()) {
                throw state(table, column, " is not an identity column");
            }
            scope.notice(
                    "column \""
                            + column.name()
                            + "\" of relation \""
                            + table.name()
                            + "\" is not an identity column, skipping");
            return table;
        }
        scope.drop(sequenceOf(table, column));
        return table.withColumn(column.withDefault(null).withIdentity(ColumnDef.Identity.NONE));
    }

    TableDef dropExpression(TableDef table, AlterAction.DropExpression drop) {
        ColumnDef column = TableDefinitions.column(table, drop.column());
        if (!column.isGenerated()) {
            if (!drop.ifExists()) {
                throw state(table, column, " is not a stored generated column");
            }
            scope.notice(
                    "column \""
                            + column.name()
                            + "\" of relation \""
                            + table.name()
                            + "\" is not a stored generated column, skipping");
            return table;
        }
        return table.withColumn(column.withDefault(null).withIdentity(ColumnDef.Identity.NONE));
    }
}
