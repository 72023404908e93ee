package dev.driftdb.query.define;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.ast.ObjectDefinition.ObjectAction;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.TableDefinition.AlterAction;
import dev.driftdb.query.ast.TableDefinition.AlterTable;
import dev.driftdb.query.ast.TableDefinition.ColumnSpec;
import dev.driftdb.query.ast.TableDefinition.ConstraintSpec;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** ALTER TABLE. */
public final class TableAlterations {
    private final DefinitionScope scope;
    private final Names names;
    private final TableDefinitions definitions;
    private final ColumnChanges columns;
    private final ConstraintChanges constraints;

    public TableAlterations(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
        this.definitions = new TableDefinitions(scope);
        this.columns = new ColumnChanges(scope);
        this.constraints = new ConstraintChanges(scope);
    }

    public void alter(AlterTable statement) {
        if (statement.ifExists() && names.find(statement.table()) == null) {
            scope.notice("relation \"" + statement.table() + "\" does not exist, skipping");
            return;
        }
        if (ofOtherKind(statement)) {
            return;
        }
        TableDef table = names.table(new QualifiedName(statement.table().parts(), 0));
        scope.requireNoPendingChecks(table, "ALTER TABLE");
        for (int pass = 0; pass <= LAST_PASS; pass++) {
            for (AlterAction action : statement.actions()) {
                if (pass(action) == pass) {
                    table = apply(table, action);
                    scope.write(table);
                    scope.advance();
                }
            }
        }
    }

    /**
     * Carries out on a view, index, sequence or materialized view what ALTER TABLE can do there.
     */
    private boolean ofOtherKind(AlterTable statement) {
        Relation found = names.find(statement.table());
        boolean plain =
                found instanceof TableDef table
                        && scope.catalog().materializedView(table.id()) == null;
        if (found == null || plain) {
            return false;
        }
        for (AlterAction action : statement.actions()) {
            ObjectAction other =
                    switch (action) {
                        case AlterAction.RenameTable(String name) ->
                                new ObjectAction.RenameTo(name);
                        case AlterAction.RenameColumn(String column, String name)
                                when found instanceof ViewDef || found instanceof TableDef ->
                                new ObjectAction.RenameColumn(column, name);
                        case AlterAction.SetSchema(String schema) ->
                                new ObjectAction.SetSchema(schema);
                        case AlterAction.SetOwner(String owner) -> new ObjectAction.SetOwner(owner);
                        case AlterAction.SetDefault(String column, var value)
                                when found instanceof ViewDef ->
                                new ObjectAction.ColumnDefault(column, value);
                        default -> null;
                    };
            if (other == null) {
                throw new SqlException(
                                SqlState.WRONG_OBJECT_TYPE,
                                "ALTER action "
                                        + spelled(action)
                                        + " cannot be performed on relation \""
                                        + found.name()
                                        + "\"")
                        .withDetail(
                                "This operation is not supported for "
                                        + switch (found) {
                                            case ViewDef _ -> "views";
                                            case IndexDef _ -> "indexes";
                                            case SequenceDef _ -> "sequences";
                                            case TableDef _ -> "materialized views";
                                        }
                                        + ".");
            }
            new ObjectAlterations(scope).apply((CatalogObject) found, other);
        }
        return true;
    }

    private static String spelled(AlterAction action) {
        return switch (action) {
            case AlterAction.AddColumn _ -> "ADD COLUMN";
            case AlterAction.DropColumn _ -> "DROP COLUMN";
            case AlterAction.RenameColumn _ -> "RENAME COLUMN";
            case AlterAction.SetDefault _ -> "ALTER COLUMN ... SET DEFAULT";
            case AlterAction.SetNotNull set ->
                    set.notNull()
                            ? "ALTER COLUMN ... SET NOT NULL"
                            : "ALTER COLUMN ... DROP NOT NULL";
            case AlterAction.SetType _ -> "ALTER COLUMN ... SET DATA TYPE";
            case AlterAction.AddConstraint _ -> "ADD CONSTRAINT";
            case AlterAction.DropConstraint _ -> "DROP CONSTRAINT";
            case AlterAction.SetOptions _ -> "SET";
            default -> "";
        };
    }

    private static final int LAST_PASS = 8;

    /** PostgreSQL's order of the actions of one statement, whatever order they are written in. */
    private static int pass(AlterAction action) {
        return switch (action) {
            case AlterAction.DropColumn _,
                    AlterAction.DropConstraint _,
                    AlterAction.DropIdentity _,
                    AlterAction.DropExpression _ ->
                    0;
            case AlterAction.SetNotNull set -> set.notNull() ? 5 : 0;
            case AlterAction.SetDefault set -> set.value() == null ? 0 : 4;
            case AlterAction.SetType _ -> 1;
            case AlterAction.AddColumn _ -> 3;
            case AlterAction.AddIdentity _, AlterAction.SetIdentity _ -> 4;
            case AlterAction.AddConstraint add ->
                    switch (add.constraint()) {
                        case ConstraintSpec.PrimaryKey _, ConstraintSpec.Unique _ -> 6;
                        case ConstraintSpec.Check _, ConstraintSpec.ForeignKey _ -> 7;
                    };
            case AlterAction.RenameColumn _,
                    AlterAction.RenameTable _,
                    AlterAction.RenameConstraint _,
                    AlterAction.AlterConstraint _,
                    AlterAction.ValidateConstraint _,
                    AlterAction.SetOptions _,
                    AlterAction.ResetOptions _,
                    AlterAction.SetSchema _,
                    AlterAction.SetOwner _ ->
                    LAST_PASS;
        };
    }

    private TableDef apply(TableDef table, AlterAction action) {
        return switch (action) {
            case AlterAction.AddColumn add -> addColumn(table, add);
            case AlterAction.DropColumn drop -> columns.drop(table, drop);
            case AlterAction.RenameColumn rename -> columns.rename(table, rename);
            case AlterAction.RenameTable rename -> renameTable(table, rename.newName());
            case AlterAction.RenameConstraint rename -> constraints.rename(table, rename);
            case AlterAction.SetDefault set -> columns.setDefault(table, set);
            case AlterAction.SetNotNull set -> columns.setNotNull(table, set);
            case AlterAction.SetType set -> new ColumnTypeChanges(scope).change(table, set);
            case AlterAction.AddIdentity add -> columns.addIdentity(table, add);
            case AlterAction.SetIdentity set -> columns.setIdentity(table, set);
            case AlterAction.DropIdentity drop -> columns.dropIdentity(table, drop);
            case AlterAction.DropExpression drop -> columns.dropExpression(table, drop);
            case AlterAction.AddConstraint add ->
                    new TableConstraints(scope).add(table, add.constraint(), false);
            case AlterAction.DropConstraint drop -> constraints.drop(table, drop);
            case AlterAction.ValidateConstraint validate ->
                    new TableConstraints(scope)
                            .validate(table, ConstraintChanges.find(table, validate.constraint()));
            case AlterAction.AlterConstraint alter -> constraints.alter(table, alter);
            case AlterAction.SetOptions set -> {
                TableOptions.check(set.options());
                Map<String, String> options = new HashMap<>(table.options());
                options.putAll(set.options());
                yield table.withOptions(options);
            }
            case AlterAction.ResetOptions reset -> {
                Map<String, String> options = new HashMap<>(table.options());
                options.keySet().removeAll(reset.options());
                yield table.withOptions(options);
            }
            case AlterAction.SetSchema set -> setSchema(table, set.schema());
            case AlterAction.SetOwner set -> {
                boolean self =
                        List.of("current_user", "current_role", "session_user")
                                .contains(set.owner());
                if (!self && scope.catalog().findRole(set.owner()) == null) {
                    throw new SqlException(
                            SqlState.UNDEFINED_OBJECT,
                            "role \"" + set.owner() + "\" does not exist");
                }
                yield table;
            }
        };
    }

    /** Its indexes and the sequences of its columns go with it. */
    private TableDef setSchema(TableDef table, String name) {
        new ObjectAlterations(scope).setSchema(table, name);
        TableDef now = scope.catalog().findTable(table.id());
        if (now == null) {
            throw new IllegalStateException("table " + table.name() + " is gone");
        }
        return now;
    }

    // ---- columns ----

    private TableDef addColumn(TableDef table, AlterAction.AddColumn add) {
        ColumnSpec spec = add.column();
        if (table.findColumn(spec.name()) != null) {
            if (add.ifNotExists()) {
                scope.notice(
                        "column \""
                                + spec.name()
                                + "\" of relation \""
                                + table.name()
                                + "\" already exists, skipping");
                return table;
            }
            throw ColumnChanges.duplicate(table, spec.name());
        }
        if (table.columns().size() >= TableDefinitions.COLUMNS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_COLUMNS,
                    "tables can have at most " + TableDefinitions.COLUMNS_MAX + " columns");
        }
        TableDef changed = definitions.addColumn(table, spec);
        ColumnDef column = changed.columns().getLast();
        String text = column.defaultSql();
        boolean key =
                spec.constraints().stream().anyMatch(ConstraintSpec.PrimaryKey.class::isInstance);
        if (column.isGenerated()) {
            changed = definitions.checkGenerated(changed);
            column = changed.column(column.number());
            changed = columns.fillGenerated(table, changed, column);
        } else if (text == null && column.type().isDomain()) {
            Expr inherited = scope.inheritedDefault(column.type());
            if (inherited != null) {
                changed = fillColumn(table, changed, column, inherited);
            }
        } else if (text == null) {
            if ((column.notNull() || key) && hasRows(table)) {
                throw TableConstraints.nulls(scope, table, column);
            }
        } else {
            Expr value =
                    scope.bind(
                            scope.parse(text),
                            List.of(),
                            column.type(),
                            column.typmod(),
                            "DEFAULT expressions");
            changed = fillColumn(table, changed, column, value);
        }
        scope.write(changed);
        scope.advance();
        for (ConstraintSpec constraint : spec.constraints()) {
            changed = new TableConstraints(scope).add(changed, constraint, false);
        }
        return changed;
    }

    /** Rows that are there get the DEFAULT: one value for all, unless each row needs its own. */
    private TableDef fillColumn(TableDef table, TableDef changed, ColumnDef column, Expr value) {
        RowExpression compiled = RowExpression.of(value);
        if (ExprTraits.isVolatile(value)) {
            return columns.rewrite(
                    table,
                    changed,
                    row -> {
                        row[column.number() - 1] = compiled.evaluate(scope.evalContext());
                        if (column.notNull() && row[column.number() - 1] == null) {
                            throw TableConstraints.nulls(scope, table, column);
                        }
                    });
        }
        if (!hasRows(table)) {
            return changed;
        }
        Object constant = compiled.evaluate(scope.evalContext());
        if (constant == null && column.notNull()) {
            throw TableConstraints.nulls(scope, table, column);
        }
        return changed.withColumn(
                column.withMissing(
                        constant == null ? null : RowCodec.encodeValue(column.type(), constant)));
    }

    private boolean hasRows(TableDef table) {
        scope.requireUnchanged(table);
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            return rows.next();
        }
    }

    private TableDef renameTable(TableDef table, String newName) {
        String name = Names.cut(newName, Names.NAME_BYTES_MAX);
        if (!(scope.catalog().find(table.schemaId()) instanceof SchemaDef schema)) {
            throw new IllegalStateException("table " + table.name() + " has no schema");
        }
        names.requireFree(schema, name);
        names.requireFreeType(schema, name);
        TableDef renamed = table.named(table.schemaId(), name);
        scope.write(renamed);
        return new ColumnTexts(scope).afterTableRename(renamed, table.name());
    }
}
