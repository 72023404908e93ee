package dev.driftdb.query.define;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.ast.Statement.AlterAction;
import dev.driftdb.query.ast.Statement.AlterTable;
import dev.driftdb.query.ast.Statement.ColumnSpec;
import dev.driftdb.query.ast.Statement.ConstraintSpec;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** ALTER TABLE. */
public final class TableAlterations {
    private final DefinitionScope scope;
    private final Names names;
    private final TableDefinitions definitions;

    public TableAlterations(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
        this.definitions = new TableDefinitions(scope);
    }

    public void alter(AlterTable statement) {
        if (statement.ifExists() && names.find(statement.table()) == null) {
            scope.notice("relation \"" + statement.table() + "\" does not exist, skipping");
            return;
        }
        TableDef table = names.table(statement.table());
        for (AlterAction action : statement.actions()) {
            table = apply(table, action);
            scope.write(table);
        }
    }

    private TableDef apply(TableDef table, AlterAction action) {
        return switch (action) {
            case AlterAction.AddColumn add -> addColumn(table, add);
            case AlterAction.DropColumn drop -> dropColumn(table, drop);
            case AlterAction.RenameColumn rename -> renameColumn(table, rename);
            case AlterAction.RenameTable rename -> renameTable(table, rename.newName());
            case AlterAction.RenameConstraint rename -> renameConstraint(table, rename);
            case AlterAction.SetDefault set -> setDefault(table, set);
            case AlterAction.SetNotNull set -> setNotNull(table, set);
            case AlterAction.SetType set -> setType(table, set);
            case AlterAction.AddConstraint add ->
                    new TableConstraints(scope).add(table, add.constraint(), false);
            case AlterAction.DropConstraint drop -> dropConstraint(table, drop);
            case AlterAction.SetOptions set -> {
                TableOptions.check(set.options());
                Map<String, String> options = new HashMap<>(table.options());
                options.putAll(set.options());
                yield TableDefinitions.withOptions(table, options);
            }
            case AlterAction.SetSchema set -> {
                SchemaDef schema = names.schema(set.schema(), 0);
                names.requireFree(schema, table.name());
                TableDef moved = TableDefinitions.withName(table, schema.id(), table.name());
                yield requireViews(moved, "moving a table that a view uses");
            }
            case AlterAction.SetOwner set -> {
                if (scope.catalog().findRole(set.owner()) == null) {
                    throw new SqlException(
                            SqlState.UNDEFINED_OBJECT,
                            "role \"" + set.owner() + "\" does not exist");
                }
                yield table;
            }
        };
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
            throw new SqlException(
                    SqlState.DUPLICATE_COLUMN,
                    "column \""
                            + spec.name()
                            + "\" of relation \""
                            + table.name()
                            + "\" already exists");
        }
        TableDef changed = definitions.addColumn(table, spec);
        ColumnDef column = changed.columns().getLast();
        String text = column.defaultSql();
        if (text == null) {
            if (column.notNull() && hasRows(table)) {
                throw new SqlException(
                                SqlState.NOT_NULL_VIOLATION,
                                "column \""
                                        + column.name()
                                        + "\" of relation \""
                                        + table.name()
                                        + "\" contains null values")
                        .withColumn(column.name());
            }
        } else {
            changed = fillColumn(table, changed, column, text);
        }
        scope.write(changed);
        for (ConstraintSpec constraint : spec.constraints()) {
            changed = new TableConstraints(scope).add(changed, constraint, false);
        }
        return changed;
    }

    /** Rows that are there get the DEFAULT: one value for all, unless each row needs its own. */
    private TableDef fillColumn(TableDef table, TableDef changed, ColumnDef column, String text) {
        Expr value =
                scope.bind(
                        scope.parse(text),
                        List.of(),
                        column.type(),
                        column.typmod(),
                        "DEFAULT expression");
        RowExpression compiled = RowExpression.of(value);
        if (ExprTraits.isVolatile(value)) {
            scope.write(changed);
            rewriteRows(
                    changed,
                    row -> row[column.number() - 1] = compiled.evaluate(scope.evalContext()));
            return changed;
        }
        Object constant = compiled.evaluate(scope.evalContext());
        if (constant == null && column.notNull() && hasRows(table)) {
            throw new SqlException(
                            SqlState.NOT_NULL_VIOLATION,
                            "column \""
                                    + column.name()
                                    + "\" of relation \""
                                    + table.name()
                                    + "\" contains null values")
                    .withColumn(column.name());
        }
        Bytes missing = constant == null ? null : RowCodec.encodeValue(column.type(), constant);
        return TableDefinitions.withColumn(
                changed,
                new ColumnDef(
                        column.number(),
                        column.name(),
                        column.type(),
                        column.typmod(),
                        column.notNull(),
                        text,
                        missing,
                        column.identity(),
                        false));
    }

    private interface RowChange {
        void on(@Nullable Object[] row);
    }

    private void rewriteRows(TableDef table, RowChange change) {
        scope.requireUnchanged(table);
        TableAccess tables = scope.tables();
        List<Bytes> keys = new ArrayList<>();
        try (RowCursor rows = tables.scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                keys.add(Bytes.copyOf(rows.key()));
            }
        }
        for (Bytes key : keys) {
            scope.evalContext().checkCanceled();
            var stored = tables.lock(table, key, false, false);
            if (stored != null) {
                @Nullable Object[] before = RowCodec.decode(table.columns(), stored.row());
                @Nullable Object[] after = before.clone();
                change.on(after);
                tables.update(table, key, before, after);
            }
        }
    }

    private boolean hasRows(TableDef table) {
        scope.requireUnchanged(table);
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            return rows.next();
        }
    }

    private TableDef dropColumn(TableDef table, AlterAction.DropColumn drop) {
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
        if (table.keyColumns().contains(dropped.number())) {
            throw SqlException.notSupported("dropping a column of the primary key");
        }
        List<Constraint> kept = new ArrayList<>();
        for (Constraint constraint : table.constraints()) {
            boolean goes =
                    switch (constraint) {
                        case Constraint.Unique unique ->
                                unique.columns().contains(dropped.number());
                        case Constraint.Check check ->
                                new TableConstraints(scope)
                                        .columnsOf(table, scope.parse(check.sql()))
                                        .contains(dropped);
                        case Constraint.PrimaryKey _, Constraint.ForeignKey _ -> false;
                    };
            if (!goes) {
                kept.add(constraint);
            }
        }
        for (IndexDef index : scope.catalog().indexesOf(table.id())) {
            if (TableDefinitions.mentions(index, dropped.number())) {
                scope.drop(index);
            }
        }
        for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == table.id()
                    && sequence.ownerColumn() == dropped.number()) {
                scope.drop(sequence);
            }
        }
        TableDef changed =
                TableDefinitions.withColumn(
                        TableDefinitions.withConstraints(table, kept),
                        new ColumnDef(
                                dropped.number(),
                                "........pg.dropped." + dropped.number() + "........",
                                dropped.type(),
                                dropped.typmod(),
                                false,
                                null,
                                null,
                                ColumnDef.Identity.NONE,
                                true));
        scope.write(changed);
        ViewDefinitions views = new ViewDefinitions(scope);
        for (List<ViewDef> broken = views.broken(); !broken.isEmpty(); broken = views.broken()) {
            if (!drop.cascade()) {
                throw new SqlException(
                                SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                                "cannot drop column "
                                        + dropped.name()
                                        + " of table "
                                        + table.name()
                                        + " because other objects depend on it")
                        .withDetail(
                                "view "
                                        + broken.getFirst().name()
                                        + " depends on column "
                                        + dropped.name()
                                        + " of table "
                                        + table.name())
                        .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
            }
            broken.forEach(scope::drop);
        }
        return changed;
    }

    private TableDef renameColumn(TableDef table, AlterAction.RenameColumn rename) {
        ColumnDef column = TableDefinitions.column(table, rename.column());
        String name = Names.cut(rename.newName(), Names.NAME_BYTES_MAX);
        if (table.findColumn(name) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_COLUMN,
                    "column \"" + name + "\" of relation \"" + table.name() + "\" already exists");
        }
        for (Constraint constraint : table.constraints()) {
            if (constraint instanceof Constraint.Check check
                    && new TableConstraints(scope)
                            .columnsOf(table, scope.parse(check.sql()))
                            .contains(column)) {
                throw SqlException.notSupported("renaming a column that a CHECK constraint uses");
            }
        }
        TableDef changed =
                TableDefinitions.withColumn(
                        table,
                        new ColumnDef(
                                column.number(),
                                name,
                                column.type(),
                                column.typmod(),
                                column.notNull(),
                                column.defaultSql(),
                                column.missingValue(),
                                column.identity(),
                                false));
        return requireViews(changed, "renaming a column that a view uses");
    }

    /** Views are kept as text: what would break one is refused. */
    private TableDef requireViews(TableDef changed, String what) {
        scope.write(changed);
        if (!new ViewDefinitions(scope).broken().isEmpty()) {
            throw SqlException.notSupported(what);
        }
        return changed;
    }

    private TableDef renameTable(TableDef table, String newName) {
        String name = Names.cut(newName, Names.NAME_BYTES_MAX);
        if (!(scope.catalog().find(table.schemaId()) instanceof SchemaDef schema)) {
            throw new IllegalStateException("table " + table.name() + " has no schema");
        }
        names.requireFree(schema, name);
        return requireViews(
                TableDefinitions.withName(table, table.schemaId(), name),
                "renaming a table that a view uses");
    }

    static ColumnDef withDefault(ColumnDef c, @Nullable String text) {
        return new ColumnDef(
                c.number(),
                c.name(),
                c.type(),
                c.typmod(),
                c.notNull(),
                text,
                c.missingValue(),
                c.identity(),
                c.dropped());
    }

    private TableDef setDefault(TableDef table, AlterAction.SetDefault set) {
        ColumnDef column = TableDefinitions.column(table, set.column());
        if (column.identity() != ColumnDef.Identity.NONE) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "column \""
                            + column.name()
                            + "\" of relation \""
                            + table.name()
                            + "\" is an identity column");
        }
        String text =
                set.value() == null
                        ? null
                        : definitions.checkedDefault(set.value(), column.type(), column.typmod());
        return TableDefinitions.withColumn(table, withDefault(column, text));
    }

    private TableDef setNotNull(TableDef table, AlterAction.SetNotNull set) {
        ColumnDef column = TableDefinitions.column(table, set.column());
        if (set.notNull()) {
            new TableConstraints(scope).checkNoNulls(table, column);
            scope.requireUnchanged(table);
            return TableDefinitions.withColumn(table, TableConstraints.notNull(column));
        }
        if (table.keyColumns().contains(column.number())) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "column \"" + column.name() + "\" is in a primary key");
        }
        return TableDefinitions.withColumn(
                table,
                new ColumnDef(
                        column.number(),
                        column.name(),
                        column.type(),
                        column.typmod(),
                        false,
                        column.defaultSql(),
                        column.missingValue(),
                        column.identity(),
                        false));
    }

    /** Only changes after which every stored value means the same: wider integers, longer text. */
    private TableDef setType(TableDef table, AlterAction.SetType set) {
        ColumnDef column = TableDefinitions.column(table, set.column());
        TypeNames.Resolved target = TypeNames.resolve(set.type());
        if (set.using() != null || !sameBytes(column, target.type(), target.typmod())) {
            throw SqlException.notSupported(
                    "ALTER COLUMN TYPE from "
                            + column.type().sqlName()
                            + " to "
                            + target.type().sqlName()
                            + (set.using() != null ? " USING" : ""));
        }
        TableDef changed =
                TableDefinitions.withColumn(
                        table,
                        new ColumnDef(
                                column.number(),
                                column.name(),
                                target.type(),
                                target.typmod(),
                                column.notNull(),
                                column.defaultSql(),
                                column.missingValue(),
                                column.identity(),
                                false));
        return requireViews(changed, "changing the type of a column that a view uses");
    }

    private static boolean sameBytes(ColumnDef column, SqlType type, int typmod) {
        SqlType before = column.type();
        if (before.equals(type) && (typmod == -1 || typmod == column.typmod())) {
            return !type.equals(Types.BPCHAR);
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

    // ---- constraints ----

    private TableDef renameConstraint(TableDef table, AlterAction.RenameConstraint rename) {
        Constraint found = findConstraint(table, rename.constraint());
        String name = Names.cut(rename.newName(), Names.NAME_BYTES_MAX);
        Constraint renamed =
                switch (found) {
                    case Constraint.PrimaryKey k -> {
                        renameIndex(k.indexId(), name);
                        yield new Constraint.PrimaryKey(k.id(), name, k.columns(), k.indexId());
                    }
                    case Constraint.Unique u -> {
                        renameIndex(u.indexId(), name);
                        yield new Constraint.Unique(u.id(), name, u.columns(), u.indexId());
                    }
                    case Constraint.Check c -> new Constraint.Check(c.id(), name, c.sql());
                    case Constraint.ForeignKey _ -> throw SqlException.notSupported("FOREIGN KEY");
                };
        List<Constraint> constraints = new ArrayList<>(table.constraints());
        constraints.set(constraints.indexOf(found), renamed);
        return TableDefinitions.withConstraints(table, constraints);
    }

    private void renameIndex(int indexId, String name) {
        if (scope.catalog().find(indexId) instanceof IndexDef index
                && scope.catalog().find(index.schemaId()) instanceof SchemaDef schema) {
            names.requireFree(schema, name);
            scope.write(
                    new IndexDef(
                            index.id(),
                            index.schemaId(),
                            name,
                            index.tableId(),
                            index.columns(),
                            index.unique(),
                            index.nullsDistinct(),
                            index.primary()));
        }
    }

    private static Constraint findConstraint(TableDef table, String name) {
        return table.constraints().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new SqlException(
                                SqlState.UNDEFINED_OBJECT,
                                "constraint \""
                                        + name
                                        + "\" of relation \""
                                        + table.name()
                                        + "\" does not exist"));
    }

    private TableDef dropConstraint(TableDef table, AlterAction.DropConstraint drop) {
        if (drop.ifExists()
                && table.constraints().stream()
                        .noneMatch(c -> c.name().equals(drop.constraint()))) {
            scope.notice(
                    "constraint \""
                            + drop.constraint()
                            + "\" of relation \""
                            + table.name()
                            + "\" does not exist, skipping");
            return table;
        }
        Constraint found = findConstraint(table, drop.constraint());
        if (found instanceof Constraint.PrimaryKey) {
            throw SqlException.notSupported("dropping a primary key");
        }
        if (found instanceof Constraint.Unique unique
                && scope.catalog().find(unique.indexId()) instanceof IndexDef index) {
            scope.drop(index);
        }
        List<Constraint> constraints = new ArrayList<>(table.constraints());
        constraints.remove(found);
        return TableDefinitions.withConstraints(table, constraints);
    }
}
