package dev.driftdb.query.define;

import dev.driftdb.query.ast.SequenceOptions;
import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.TableDefinition.ConstraintSpec;
import dev.driftdb.query.ast.TableDefinition.LikeClause;
import dev.driftdb.query.ast.TableDefinition.Timing;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;

/** LIKE in CREATE TABLE: what a new table takes over from others. Used for one table. */
final class TableLikes {
    private record Source(TableDef table, LikeClause like) {}

    private final DefinitionScope scope;
    private final Names names;
    private final List<Source> sources = new ArrayList<>();

    TableLikes(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    /** The table with the columns of another at its end. */
    TableDef addColumns(TableDef table, LikeClause like) {
        Relation found = names.find(like.table());
        List<ColumnDef> columns =
                switch (found) {
                    case null -> throw Names.unknown(like.table());
                    case TableDef source -> {
                        sources.add(new Source(source, like));
                        yield source.visibleColumns();
                    }
                    case ViewDef view -> view.columns();
                    default ->
                            throw new SqlException(
                                            SqlState.WRONG_OBJECT_TYPE,
                                            "relation \""
                                                    + like.table().last()
                                                    + "\" is invalid in LIKE clause",
                                            like.table().position())
                                    .withDetail(
                                            found instanceof IndexDef
                                                    ? "This operation is not supported for indexes."
                                                    : "This operation is not supported for"
                                                            + " sequences.");
                };
        List<ColumnDef> all = new ArrayList<>(table.columns());
        for (ColumnDef column : columns) {
            if (all.stream().anyMatch(c -> c.name().equals(column.name()))) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column \"" + column.name() + "\" specified more than once");
            }
            all.add(copied(table, column, all.size() + 1, like));
        }
        return table.withColumns(all);
    }

    private ColumnDef copied(TableDef table, ColumnDef column, int number, LikeClause like) {
        ColumnDef bare =
                column.withNumber(number)
                        .withDefault(null)
                        .withMissing(null)
                        .withIdentity(ColumnDef.Identity.NONE);
        if (column.isGenerated()) {
            return like.including().contains("generated")
                    ? bare.withDefault(column.defaultSql()).withIdentity(ColumnDef.Identity.STORED)
                    : bare;
        }
        if (column.isIdentity()) {
            return like.including().contains("identity")
                    ? bare.withDefault(ownSequence(table, column, number))
                            .withIdentity(column.identity())
                    : bare;
        }
        return like.including().contains("defaults") ? bare.withDefault(column.defaultSql()) : bare;
    }

    /** A sequence like that of another table's identity column; answers the DEFAULT. */
    private String ownSequence(TableDef table, ColumnDef column, int number) {
        SequenceOptions options = SequenceOptions.NONE;
        for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == sources.getLast().table().id()
                    && sequence.ownerColumn() == column.number()) {
                options =
                        new SequenceOptions(
                                sequence.start(),
                                sequence.increment(),
                                sequence.min(),
                                sequence.max(),
                                false,
                                false,
                                (long) sequence.cache(),
                                sequence.cycle(),
                                false,
                                null,
                                null);
            }
        }
        return new SequenceDefinitions(scope)
                .createOwned(table, number, column.name(), column.type(), options);
    }

    TableDef addChecks(TableDef table) {
        TableDef changed = table;
        for (Source source : sources) {
            if (!source.like().including().contains("constraints")) {
                continue;
            }
            for (Constraint constraint : source.table().constraints()) {
                if (constraint instanceof Constraint.Check check) {
                    changed =
                            new TableConstraints(scope)
                                    .add(
                                            changed,
                                            new ConstraintSpec.Check(
                                                    check.name(),
                                                    new SqlText(
                                                            check.sql(), scope.parse(check.sql())),
                                                    false,
                                                    check.noInherit()),
                                            true);
                }
            }
        }
        return changed;
    }

    TableDef addIndexes(TableDef table) {
        TableDef changed = table;
        for (Source source : sources) {
            if (source.like().including().contains("indexes")) {
                for (IndexDef index : scope.catalog().indexesOf(source.table().id())) {
                    changed = addIndex(changed, source.table(), index);
                }
            }
        }
        return changed;
    }

    /** The number of another table's column here; texts of indexes say just its name. */
    private static int number(TableDef table, TableDef source, int number) {
        return TableDefinitions.column(table, source.column(number).name()).number();
    }

    private TableDef addIndex(TableDef table, TableDef source, IndexDef index) {
        List<String> columns = new ArrayList<>();
        for (IndexDef.IndexColumn column : index.columns()) {
            IndexDef.IndexExpression expression = column.expression();
            columns.add(
                    expression == null ? source.column(column.number()).name() : expression.name());
        }
        TableConstraints constraints = new TableConstraints(scope);
        for (Constraint constraint : source.constraints()) {
            if (constraint instanceof Constraint.PrimaryKey key && key.indexId() == index.id()) {
                return constraints.add(
                        table,
                        new ConstraintSpec.PrimaryKey(null, columns, null, Timing.IMMEDIATE),
                        true);
            }
            if (constraint instanceof Constraint.Unique unique && unique.indexId() == index.id()) {
                return constraints.add(
                        table,
                        new ConstraintSpec.Unique(
                                null,
                                columns,
                                !index.nullsDistinct(),
                                null,
                                new Timing(unique.deferrable(), unique.initiallyDeferred())),
                        true);
            }
        }
        if (!(scope.catalog().find(table.schemaId()) instanceof SchemaDef schema)) {
            throw new IllegalStateException("table " + table.name() + " has no schema");
        }
        List<String> parts = new ArrayList<>(List.of(table.name()));
        parts.addAll(columns);
        index.include().forEach(number -> parts.add(source.column(number).name()));
        parts.add("idx");
        scope.write(
                new IndexDef(
                        scope.newId(),
                        schema.id(),
                        names.choose(schema, parts.toArray(String[]::new)),
                        table.id(),
                        index.columns().stream()
                                .map(column ->
                                        new IndexDef.IndexColumn(
                                                column.expression() == null
                                                        ? number(table, source, column.number())
                                                        : 0,
                                                column.descending(),
                                                column.nullsFirst(),
                                                column.expression()))
                                .toList(),
                        index.unique(),
                        index.nullsDistinct(),
                        false,
                        index.include().stream()
                                .map(included -> number(table, source, included))
                                .toList(),
                        index.predicate()));
        return table;
    }
}
