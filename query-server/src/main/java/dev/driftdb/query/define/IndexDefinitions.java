package dev.driftdb.query.define;

import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.TableDefinition.CreateIndex;
import dev.driftdb.query.ast.TableDefinition.IndexItem;
import dev.driftdb.query.ast.TableDefinition.Reindex;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CREATE INDEX. */
public final class IndexDefinitions {
    private static final int COLUMNS_MAX = 32;

    /** PostgreSQL's access methods that are not made here. */
    private static final Set<String> OTHER_METHODS =
            Set.of("hash", "gist", "gin", "spgist", "brin");

    private final DefinitionScope scope;
    private final Names names;

    public IndexDefinitions(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void create(CreateIndex statement) {
        TableDef table = table(statement);
        checkMethod(statement.method());
        if (statement.items().size() + statement.include().size() > COLUMNS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_COLUMNS,
                    "cannot use more than " + COLUMNS_MAX + " columns in an index");
        }
        List<String> parts = new ArrayList<>();
        List<IndexDef.IndexColumn> columns = new ArrayList<>();
        if (!(scope.catalog().find(table.schemaId()) instanceof SchemaDef schema)) {
            throw new IllegalStateException("table " + table.name() + " has no schema");
        }
        if (statement.name() != null
                && statement.ifNotExists()
                && scope.catalog().findRelation(schema.id(), cut(statement.name())) != null) {
            scope.notice("relation \"" + cut(statement.name()) + "\" already exists, skipping");
            return;
        }
        String predicate = predicate(table, statement.where());
        for (IndexItem item : statement.items()) {
            columns.add(column(table, item, parts));
        }
        List<Integer> include = new ArrayList<>();
        for (String name : statement.include()) {
            ColumnDef column = find(table, name);
            include.add(column.number());
            addPart(parts, column.name());
        }
        String name;
        if (statement.name() == null) {
            parts.addFirst(table.name());
            parts.add("idx");
            name = names.choose(schema, parts.toArray(String[]::new));
        } else {
            name = cut(statement.name());
            names.requireFree(schema, name);
        }
        new TableConstraints(scope)
                .addIndex(
                        table,
                        new IndexDef(
                                scope.newId(),
                                schema.id(),
                                name,
                                table.id(),
                                columns,
                                statement.unique(),
                                !statement.nullsNotDistinct(),
                                false,
                                include,
                                predicate),
                        false);
    }

    /** 42P01 or 42809 unless the name is an index's, or a table's, as it is asked for. */
    public void find(Reindex statement) {
        Relation found = names.find(statement.name());
        if (found == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_TABLE,
                    "relation \"" + statement.name() + "\" does not exist");
        }
        if (statement.index() ? !(found instanceof IndexDef) : !(found instanceof TableDef)) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    statement.index()
                            ? "\"" + found.name() + "\" is not an index"
                            : "\"" + found.name() + "\" is not a table or materialized view");
        }
    }

    private static String cut(String name) {
        return Names.cut(name, Names.NAME_BYTES_MAX);
    }

    private TableDef table(CreateIndex statement) {
        return switch (names.find(statement.table())) {
            case TableDef table -> table;
            case ViewDef view ->
                    throw wrong("cannot create index on relation \"" + view.name(), "views");
            case SequenceDef sequence ->
                    throw wrong(
                            "cannot create index on relation \"" + sequence.name(), "sequences");
            case IndexDef index -> throw wrong("cannot open relation \"" + index.name(), "indexes");
            case null ->
                    throw new SqlException(
                            SqlState.UNDEFINED_TABLE,
                            "relation \"" + statement.table() + "\" does not exist");
        };
    }

    private static SqlException wrong(String message, String kinds) {
        return new SqlException(SqlState.WRONG_OBJECT_TYPE, message + "\"")
                .withDetail("This operation is not supported for " + kinds + ".");
    }

    private static void checkMethod(String method) {
        if (OTHER_METHODS.contains(method)) {
            throw SqlException.notSupported("access method \"" + method + "\"");
        }
        if (!method.equals("btree")) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "access method \"" + method + "\" does not exist");
        }
    }

    private static ColumnDef find(TableDef table, String name) {
        ColumnDef column = table.findColumn(name);
        if (column == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN, "column \"" + name + "\" does not exist");
        }
        return column;
    }

    private IndexDef.IndexColumn column(TableDef table, IndexItem item, List<String> parts) {
        boolean nullsFirst = Objects.requireNonNullElse(item.nullsFirst(), item.descending());
        SqlText text = item.expression();
        if (item.column() != null) {
            ColumnDef column = find(table, item.column());
            TableDefinitions.requireKeyable(column.type());
            addPart(parts, column.name());
            return new IndexDef.IndexColumn(column.number(), item.descending(), nullsFirst);
        }
        if (text == null) {
            throw new IllegalStateException("an index column is a name or an expression");
        }
        Expr bound =
                scope.bind(
                        text.expression(),
                        TableDefinitions.columnsOf(table),
                        IndexTexts.EXPRESSIONS);
        requireImmutable(bound, "index expression");
        if (bound instanceof Expr.Input input) {
            ColumnDef column = table.visibleColumns().get(input.index());
            TableDefinitions.requireKeyable(column.type());
            addPart(parts, column.name());
            return new IndexDef.IndexColumn(column.number(), item.descending(), nullsFirst);
        }
        TableDefinitions.requireKeyable(bound.type());
        String given = Binder.outputName(text.expression());
        String name = addPart(parts, given == null ? "expr" : given);
        return new IndexDef.IndexColumn(
                0,
                item.descending(),
                nullsFirst,
                new IndexDef.IndexExpression(
                        stored(table, text, IndexTexts.EXPRESSIONS),
                        bound.type(),
                        bound.typmod(),
                        name));
    }

    /** The name of the index's own column: numbered when another has it. */
    private static String addPart(List<String> parts, String name) {
        String free = name;
        for (int i = 1; parts.contains(free); i++) {
            free = name + i;
        }
        parts.add(free);
        return free;
    }

    private @Nullable String predicate(TableDef table, @Nullable SqlText where) {
        if (where == null) {
            return null;
        }
        Expr bound =
                scope.bind(
                        where.expression(),
                        TableDefinitions.columnsOf(table),
                        IndexTexts.PREDICATES);
        if (!bound.type().equals(Types.BOOL)) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "argument of WHERE must be type boolean, not type " + bound.type().sqlName(),
                    where.expression().position());
        }
        requireImmutable(bound, "index predicate");
        return stored(table, where, IndexTexts.PREDICATES);
    }

    private String stored(TableDef table, SqlText text, String clause) {
        return IndexTexts.renamed(
                scope,
                table,
                table,
                new StoredTexts(scope)
                        .withIds(text.text(), TableDefinitions.columnsOf(table), clause));
    }

    private static void requireImmutable(Expr expression, String clause) {
        if (!ExprTraits.isImmutable(expression)) {
            throw new SqlException(
                    SqlState.INVALID_OBJECT_DEFINITION,
                    "functions in " + clause + " must be marked IMMUTABLE");
        }
    }
}
