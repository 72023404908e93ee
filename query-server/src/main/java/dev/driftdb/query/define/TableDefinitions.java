package dev.driftdb.query.define;

import dev.driftdb.query.ast.SequenceOptions;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.ast.TableDefinition.ColumnSpec;
import dev.driftdb.query.ast.TableDefinition.ConstraintSpec;
import dev.driftdb.query.ast.TableDefinition.CreateTable;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CREATE TABLE, and the parts of it that ALTER TABLE needs too. */
public final class TableDefinitions {
    /** PostgreSQL's MaxHeapAttributeNumber. */
    static final int COLUMNS_MAX = 1600;

    private static final Map<String, SqlType> SERIALS =
            Map.of(
                    "smallserial",
                    Types.INT2,
                    "serial2",
                    Types.INT2,
                    "serial",
                    Types.INT4,
                    "serial4",
                    Types.INT4,
                    "bigserial",
                    Types.INT8,
                    "serial8",
                    Types.INT8);

    private final DefinitionScope scope;
    private final Names names;

    public TableDefinitions(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /** Null if the table was there already and IF NOT EXISTS was said. */
    public @Nullable TableDef create(CreateTable statement) {
        SchemaDef schema = names.creationSchema(statement.name(), statement.temporary());
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        if (statement.ifNotExists() && scope.catalog().findRelation(schema.id(), name) != null) {
            scope.notice("relation \"" + name + "\" already exists, skipping");
            return null;
        }
        names.requireFree(schema, name);
        names.requireFreeRowType(schema, name);
        TableOptions.check(statement.options());
        if (statement.columns().size() > COLUMNS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_COLUMNS,
                    "tables can have at most " + COLUMNS_MAX + " columns");
        }
        int id = scope.newId();
        TableDef table =
                TableDef.made(
                        id, schema.id(), name, scope.ownerId(), List.of(), statement.options());
        scope.write(table);
        TableLikes likes = new TableLikes(scope);
        List<ConstraintSpec> constraints = new ArrayList<>();
        for (int i = 0; i <= statement.columns().size(); i++) {
            for (TableDefinition.LikeClause like : statement.likes()) {
                if (like.after() == i) {
                    table = likes.addColumns(table, like);
                }
            }
            if (i < statement.columns().size()) {
                ColumnSpec column = statement.columns().get(i);
                table = addColumn(table, column);
                constraints.addAll(column.constraints());
            }
        }
        table = checkGenerated(table);
        constraints.addAll(statement.constraints());
        scope.write(table);
        TableConstraints adder = new TableConstraints(scope);
        table = likes.addChecks(table);
        // The primary key first: it decides how rows are stored. Then what foreign keys may refer
        // to.
        Set<Object> added = new HashSet<>();
        for (int pass = 0; pass <= LAST_PASS; pass++) {
            for (ConstraintSpec constraint : constraints) {
                if (pass(constraint) == pass && added.add(unnamed(constraint))) {
                    table = adder.add(table, constraint, true);
                }
            }
            if (pass == 0) {
                table = likes.addIndexes(table);
            }
        }
        if (statement.onCommit() != null) {
            scope.onCommit(table, statement.onCommit());
        }
        return table;
    }

    private static final int LAST_PASS = 3;

    /** Equal for UNIQUE constraints of which one is enough. */
    private static Object unnamed(ConstraintSpec constraint) {
        return constraint instanceof ConstraintSpec.Unique unique && unique.name() == null
                ? unique
                : new Object();
    }

    private static int pass(ConstraintSpec constraint) {
        return switch (constraint) {
            case ConstraintSpec.PrimaryKey _ -> 0;
            case ConstraintSpec.Unique _ -> 1;
            case ConstraintSpec.Check _ -> 2;
            case ConstraintSpec.ForeignKey _ -> LAST_PASS;
        };
    }

    /** The table with the expressions of generated columns as they are stored. */
    TableDef checkGenerated(TableDef table) {
        TableDef result = table;
        for (ColumnDef column : table.visibleColumns()) {
            String text = column.defaultSql();
            if (column.isGenerated() && text != null) {
                checkGenerated(table, column, scope.parse(text));
                String stored =
                        new StoredTexts(scope)
                                .withIds(text, columnsOf(table), StoredTexts.GENERATED);
                result = result.withColumn(column.withDefault(stored));
            }
        }
        return result;
    }

    /** 42P17 for a generation expression that may not stand there. */
    private void checkGenerated(TableDef table, ColumnDef column, SqlExpr expression) {
        Expr bound =
                scope.bind(
                        expression,
                        columnsOf(table),
                        column.type(),
                        column.typmod(),
                        "column generation expressions");
        List<ColumnDef> visible = table.visibleColumns();
        for (int position : ExprTraits.columns(bound).stream().toArray()) {
            ColumnDef used = visible.get(position);
            if (used.isGenerated()) {
                throw new SqlException(
                                SqlState.INVALID_OBJECT_DEFINITION,
                                "cannot use generated column \""
                                        + used.name()
                                        + "\" in column generation expression")
                        .withDetail(
                                used.number() == column.number()
                                        ? "This would cause the generated column to depend on its"
                                                + " own value."
                                        : "A generated column cannot reference another generated"
                                                + " column.");
            }
        }
        if (!ExprTraits.isImmutable(bound)) {
            throw new SqlException(
                    SqlState.INVALID_OBJECT_DEFINITION, "generation expression is not immutable");
        }
    }

    /** The table with one more column; its sequence, if it needs one, is written too. */
    TableDef addColumn(TableDef table, ColumnSpec spec) {
        if (table.findColumn(spec.name()) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_COLUMN,
                    "column \"" + spec.name() + "\" specified more than once",
                    spec.position());
        }
        checkCombination(table, spec);
        if (spec.collation() != null
                && !Set.of("C", "POSIX", "default").contains(spec.collation())) {
            throw SqlException.notSupported(
                    "collation \"" + spec.collation() + "\"", spec.position());
        }
        int number = table.columns().size() + 1;
        SqlType serial = serialType(spec.type());
        boolean identity = spec.identity() != null;
        SqlType type;
        int typmod = -1;
        if (serial != null) {
            type = serial;
        } else {
            TypeNames.Resolved resolved =
                    TypeNames.resolve(spec.type(), scope.catalog(), scope.searchPath());
            type = resolved.type();
            typmod = resolved.typmod();
        }
        if (type.isPseudo() || type.equals(Types.UNKNOWN)) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    "column \"" + spec.name() + "\" has pseudo-type " + type.sqlName(),
                    spec.position());
        }
        String defaultSql = null;
        if (serial != null || identity) {
            if (identity && !Set.of(Types.INT2, Types.INT4, Types.INT8).contains(type)) {
                throw new SqlException(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "identity column type must be smallint, integer, or bigint",
                        spec.position());
            }
            SequenceOptions options = identity ? spec.identityOptions() : SequenceOptions.NONE;
            defaultSql =
                    new SequenceDefinitions(scope)
                            .createOwned(table, number, spec.name(), type, options);
        } else if (spec.defaultValue() != null) {
            defaultSql = checkedDefault(spec.defaultValue(), type, typmod);
        } else if (spec.generated() != null) {
            defaultSql = spec.generated().text();
        }
        ColumnDef column =
                new ColumnDef(
                        number,
                        Names.cut(spec.name(), Names.NAME_BYTES_MAX),
                        type,
                        typmod,
                        spec.notNull() || serial != null || identity,
                        defaultSql,
                        null,
                        spec.generated() != null
                                ? ColumnDef.Identity.STORED
                                : identityOf(spec.identity()),
                        false);
        List<ColumnDef> columns = new ArrayList<>(table.columns());
        columns.add(column);
        return table.withColumns(columns);
    }

    private static void checkCombination(TableDef table, ColumnSpec spec) {
        boolean serial = serialType(spec.type()) != null;
        String both = null;
        if (spec.identity() != null && (spec.defaultValue() != null || serial)) {
            both = "both default and identity";
        } else if (spec.generated() != null && (spec.defaultValue() != null || serial)) {
            both = "both default and generation expression";
        } else if (spec.generated() != null && spec.identity() != null) {
            both = "both identity and generation expression";
        } else if (serial && spec.defaultValue() != null) {
            both = "multiple default values";
        }
        if (both != null) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    both
                            + " specified for column \""
                            + spec.name()
                            + "\" of table \""
                            + table.name()
                            + "\"",
                    spec.position());
        }
    }

    static ColumnDef.Identity identityOf(@Nullable String identity) {
        if (identity == null) {
            return ColumnDef.Identity.NONE;
        }
        return identity.equals("always")
                ? ColumnDef.Identity.ALWAYS
                : ColumnDef.Identity.BY_DEFAULT;
    }

    private static @Nullable SqlType serialType(TypeName name) {
        return name.parts().size() == 1 && name.arrayDimensions() == 0
                ? SERIALS.get(name.parts().getFirst())
                : null;
    }

    /** The text of a DEFAULT that binds to the column's type. */
    String checkedDefault(SqlText value, SqlType type, int typmod) {
        scope.bind(value.expression(), List.of(), type, typmod, "DEFAULT expressions");
        return new StoredTexts(scope).withIds(value.text(), List.of(), StoredTexts.DEFAULTS);
    }

    // ---- shared with ALTER TABLE ----

    static ColumnDef column(TableDef table, String name) {
        ColumnDef column = table.findColumn(name);
        if (column == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN,
                    "column \"" + name + "\" of relation \"" + table.name() + "\" does not exist");
        }
        return column;
    }

    static List<OutputColumn> columnsOf(TableDef table) {
        return table.visibleColumns().stream()
                .map(c -> new OutputColumn(c.name(), c.type(), c.typmod(), table.id(), c.number()))
                .toList();
    }

    /** The numbers of named key columns: known, each once, of types with an order. */
    static List<Integer> keyNumbers(TableDef table, List<String> columns, String clause) {
        List<Integer> numbers = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (String name : columns) {
            ColumnDef column = table.findColumn(name);
            if (column == null) {
                throw new SqlException(
                        SqlState.UNDEFINED_COLUMN,
                        "column \"" + name + "\" named in key does not exist");
            }
            if (!seen.add(column.number())) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column \"" + name + "\" appears twice in " + clause + " constraint");
            }
            requireKeyable(column.type());
            numbers.add(column.number());
        }
        return numbers;
    }

    static void requireKeyable(SqlType type) {
        if (!KeyCodec.isKeyable(type)) {
            throw new SqlException(
                            SqlState.UNDEFINED_OBJECT,
                            "data type "
                                    + type.sqlName()
                                    + " has no default operator class for access method \"btree\"")
                    .withHint(
                            "You must specify an operator class for the index or define a default"
                                    + " operator class for the data type.");
        }
    }
}
