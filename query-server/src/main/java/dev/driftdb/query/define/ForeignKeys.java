package dev.driftdb.query.define;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.TableDefinition.ConstraintSpec;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.Constraint.Action;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Adds foreign keys to tables, and checks the rows that are there against them. */
final class ForeignKeys {
    private static final int COLUMNS_MAX = 32;

    private final DefinitionScope scope;
    private final Names names;

    ForeignKeys(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /**
     * The table with one more foreign key, written.
     *
     * @param empty the table was made by this statement and has no rows
     */
    TableDef add(TableDef table, ConstraintSpec.ForeignKey spec, boolean empty) {
        TableDef parent = parent(table, spec.parent());
        requireSamePersistence(table, parent);
        List<Integer> columns = numbers(table, spec.columns());
        List<Integer> parentColumns =
                spec.parentColumns().isEmpty()
                        ? primaryKey(parent)
                        : numbers(parent, spec.parentColumns());
        if (columns.size() > COLUMNS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_COLUMNS,
                    "cannot have more than " + COLUMNS_MAX + " keys in a foreign key");
        }
        if (new HashSet<>(parentColumns).size() < parentColumns.size()) {
            throw new SqlException(
                    SqlState.INVALID_FOREIGN_KEY,
                    "foreign key referenced-columns list must not contain duplicates");
        }
        List<Integer> set = deleteColumns(table, spec, columns);
        Constraint.ForeignKey key =
                new Constraint.ForeignKey(
                        scope.newId(),
                        name(table, spec),
                        columns,
                        parent.id(),
                        parentColumns,
                        action(spec.onDelete()),
                        action(spec.onUpdate()),
                        spec.timing().deferrable(),
                        spec.timing().initiallyDeferred(),
                        spec.matchFull(),
                        set,
                        !spec.notValid());
        requireUnique(parent, key, !spec.parentColumns().isEmpty());
        if (columns.size() != parentColumns.size()) {
            throw new SqlException(
                    SqlState.INVALID_FOREIGN_KEY,
                    "number of referencing and referenced columns for foreign key disagree");
        }
        requireNotGenerated(table, key, spec);
        requireComparable(table, parent, key);
        List<Constraint> constraints = new ArrayList<>(table.constraints());
        constraints.add(key);
        TableDef changed = table.withConstraints(constraints);
        scope.write(changed);
        if (parent.id() != table.id()) {
            // Who deletes rows of it must know that something refers to them now.
            scope.write(parent);
        }
        if (!empty && key.validated()) {
            validate(changed, key);
        }
        return changed;
    }

    /**
     * A foreign key of a table that comes back.
     *
     * @param then the catalog in which the table was
     * @throws SqlException 42P01 if the table that it refers to is not there, 42830 if the columns
     *     are not unique there, 42804, 23503
     */
    void reconnect(TableDef table, Constraint.ForeignKey key, Catalog then) {
        String shown =
                "foreign key constraint \"" + key.name() + "\" of table \"" + table.name() + "\"";
        TableDef parent = scope.catalog().findTable(key.parentTableId());
        if (parent == null) {
            TableDef former = then.findTable(key.parentTableId());
            throw new SqlException(
                            SqlState.UNDEFINED_TABLE,
                            shown
                                    + " refers to table \""
                                    + (former == null ? key.parentTableId() : former.name())
                                    + "\", which does not exist")
                    .withHint("UNDROP TABLE brings several tables back together.");
        }
        if (scope.catalog().parentIndex(key) == null) {
            throw new SqlException(
                    SqlState.INVALID_FOREIGN_KEY,
                    shown
                            + " refers to columns of table \""
                            + parent.name()
                            + "\" that no constraint makes unique any more");
        }
        requireComparable(table, parent, key);
        if (parent.id() != table.id()) {
            // As in add: who deletes rows of it must know.
            scope.write(parent);
        }
        if (key.validated()) {
            validate(table, key);
        }
    }

    private TableDef parent(TableDef table, QualifiedName name) {
        return switch (names.find(name)) {
            case TableDef found when found.id() == table.id() -> table;
            case TableDef found when scope.catalog().materializedView(found.id()) == null -> found;
            case null ->
                    throw new SqlException(
                            SqlState.UNDEFINED_TABLE, "relation \"" + name + "\" does not exist");
            default ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "referenced relation \"" + name.last() + "\" is not a table");
        };
    }

    private void requireSamePersistence(TableDef table, TableDef parent) {
        boolean temporary = TemporarySchemas.isTemporary(scope.catalog(), table.schemaId());
        if (temporary != TemporarySchemas.isTemporary(scope.catalog(), parent.schemaId())) {
            throw new SqlException(
                    SqlState.INVALID_TABLE_DEFINITION,
                    temporary
                            ? "constraints on temporary tables may reference only temporary tables"
                            : "constraints on permanent tables may reference only permanent tables");
        }
    }

    private static List<Integer> numbers(TableDef table, List<String> columns) {
        List<Integer> numbers = new ArrayList<>();
        for (String name : columns) {
            ColumnDef column = table.findColumn(name);
            if (column == null) {
                throw new SqlException(
                        SqlState.UNDEFINED_COLUMN,
                        "column \""
                                + name
                                + "\" referenced in foreign key constraint does not exist");
            }
            numbers.add(column.number());
        }
        return numbers;
    }

    private static List<Integer> primaryKey(TableDef parent) {
        for (Constraint constraint : parent.constraints()) {
            if (constraint instanceof Constraint.PrimaryKey key) {
                return key.columns();
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_OBJECT,
                "there is no primary key for referenced table \"" + parent.name() + "\"");
    }

    private void requireUnique(TableDef parent, Constraint.ForeignKey key, boolean named) {
        Catalog catalog = scope.catalog();
        if (named && catalog.parentIndex(key) == null) {
            Set<Integer> wanted = Set.copyOf(key.parentColumns());
            boolean deferrable =
                    catalog.indexesOf(parent.id()).stream()
                            .anyMatch(index ->
                                    catalog.deferrableConstraint(index.id()) != null
                                            && index.columns().stream()
                                                    .map(IndexDef.IndexColumn::number)
                                                    .collect(java.util.stream.Collectors.toSet())
                                                    .equals(wanted));
            throw deferrable
                    ? new SqlException(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "cannot use a deferrable unique constraint for referenced table \""
                                    + parent.name()
                                    + "\"")
                    : new SqlException(
                            SqlState.INVALID_FOREIGN_KEY,
                            "there is no unique constraint matching given keys for referenced table \""
                                    + parent.name()
                                    + "\"");
        }
    }

    private static List<Integer> deleteColumns(
            TableDef table, ConstraintSpec.ForeignKey spec, List<Integer> columns) {
        List<Integer> set = numbers(table, spec.deleteColumns());
        for (int i = 0; i < set.size(); i++) {
            if (!columns.contains(set.get(i))) {
                throw new SqlException(
                        SqlState.INVALID_COLUMN_REFERENCE,
                        "column \""
                                + spec.deleteColumns().get(i)
                                + "\" referenced in ON DELETE SET action must be part of foreign key");
            }
        }
        return List.copyOf(new java.util.LinkedHashSet<>(set));
    }

    private static void requireNotGenerated(
            TableDef table, Constraint.ForeignKey key, ConstraintSpec.ForeignKey spec) {
        if (key.columns().stream().noneMatch(number -> table.column(number).isGenerated())) {
            return;
        }
        boolean sets = key.onDelete() == Action.SET_NULL || key.onDelete() == Action.SET_DEFAULT;
        boolean updates =
                key.onUpdate() == Action.SET_NULL
                        || key.onUpdate() == Action.SET_DEFAULT
                        || key.onUpdate() == Action.CASCADE;
        if (updates || sets) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "invalid "
                            + (updates ? "ON UPDATE" : "ON DELETE")
                            + " action for foreign key constraint containing generated column");
        }
    }

    void requireComparable(TableDef table, TableDef parent, Constraint.ForeignKey key) {
        for (int i = 0; i < key.columns().size(); i++) {
            ColumnDef from = table.column(key.columns().get(i));
            ColumnDef to = parent.column(key.parentColumns().get(i));
            if (!ForeignKeyTypes.areComparable(from.type(), to.type(), scope.functions())) {
                throw new SqlException(
                                SqlState.DATATYPE_MISMATCH,
                                "foreign key constraint \""
                                        + key.name()
                                        + "\" cannot be implemented")
                        .withDetail(
                                "Key columns \"%s\" and \"%s\" are of incompatible types: %s and %s."
                                        .formatted(
                                                from.name(),
                                                to.name(),
                                                from.type().sqlName(),
                                                to.type().sqlName()));
            }
        }
    }

    private String name(TableDef table, ConstraintSpec.ForeignKey spec) {
        if (spec.name() == null) {
            return names.chooseConstraint(table, String.join("_", spec.columns()), "fkey");
        }
        return TableConstraints.unusedName(table, Names.cut(spec.name(), Names.NAME_BYTES_MAX));
    }

    private static Action action(String action) {
        return switch (action) {
            case "restrict" -> Action.RESTRICT;
            case "cascade" -> Action.CASCADE;
            case "set null" -> Action.SET_NULL;
            case "set default" -> Action.SET_DEFAULT;
            default -> Action.NO_ACTION;
        };
    }

    // ---- rows that are there ----

    /** 23503 if a row refers to nothing. */
    void validate(TableDef table, Constraint.ForeignKey key) {
        TableDef parent = scope.catalog().findTable(key.parentTableId());
        if (parent == null) {
            throw new IllegalStateException("foreign key " + key.name() + " refers to no table");
        }
        scope.requireUnchanged(table);
        scope.requireUnchanged(parent);
        Set<Bytes> known = parentKeys(parent, key);
        List<@Nullable CastDef> casts = new ArrayList<>();
        for (int i = 0; i < key.columns().size(); i++) {
            casts.add(
                    ForeignKeyTypes.cast(
                            scope.functions(),
                            table.column(key.columns().get(i)).type(),
                            parent.column(key.parentColumns().get(i)).type()));
        }
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                @Nullable Object[] values = RowCodec.decode(table.columns(), rows.row());
                validate(table, parent, key, values, casts, known);
            }
        }
    }

    private void validate(
            TableDef table,
            TableDef parent,
            Constraint.ForeignKey key,
            @Nullable Object[] values,
            List<@Nullable CastDef> casts,
            Set<Bytes> known) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        int nulls = 0;
        for (int i = 0; i < casts.size(); i++) {
            Object value = values[key.columns().get(i) - 1];
            if (value == null) {
                nulls++;
                continue;
            }
            CastDef cast = casts.get(i);
            writer.add(
                    parent.column(key.parentColumns().get(i)).type(),
                    cast == null
                            ? value
                            : cast.body().apply(value, -1, false, scope.evalContext()));
        }
        boolean mixed = nulls > 0 && key.matchFull() && nulls < casts.size();
        if (!mixed && (nulls > 0 || known.contains(writer.toBytes()))) {
            return;
        }
        throw new SqlException(
                        SqlState.FOREIGN_KEY_VIOLATION,
                        "insert or update on table \"%s\" violates foreign key constraint \"%s\""
                                .formatted(table.name(), key.name()))
                .withDetail(
                        mixed
                                ? "MATCH FULL does not allow mixing of null and nonnull key values."
                                : "Key %s is not present in table \"%s\"."
                                        .formatted(
                                                KeyText.of(table, key.columns(), values),
                                                parent.name()))
                .withTable(scope.catalog().schemaName(table), table.name())
                .withConstraint(key.name());
    }

    private Set<Bytes> parentKeys(TableDef parent, Constraint.ForeignKey key) {
        Set<Bytes> keys = new HashSet<>();
        try (RowCursor rows = scope.tables().scan(parent, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                @Nullable Object[] values = RowCodec.decode(parent.columns(), rows.row());
                KeyCodec.Writer writer = new KeyCodec.Writer();
                for (int number : key.parentColumns()) {
                    writer.add(parent.column(number).type(), values[number - 1]);
                }
                keys.add(writer.toBytes());
            }
        }
        return keys;
    }
}
