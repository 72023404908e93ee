package dev.driftdb.query.define;

import dev.driftdb.query.ast.ObjectDefinition.Undrop;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.define.DroppedTables.Dropped;
import dev.driftdb.query.parse.StoredNames;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.CommentDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * UNDROP TABLE: the definitions of a dropped table are written again, under the ids that they had,
 * and so its rows are found where they always were. Indexes are built anew.
 */
public final class Undrops {
    private final DefinitionScope scope;
    private final Names names;

    public Undrops(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void undrop(Undrop statement) {
        DroppedTables dropped = new DroppedTables(scope);
        List<Dropped> found = new ArrayList<>();
        for (QualifiedName name : statement.tables()) {
            Dropped table = dropped.find(name);
            if (table != null) {
                write(table);
                found.add(table);
            } else if (statement.ifExists()) {
                scope.notice("there is no dropped table \"" + name + "\", skipping");
            } else {
                throw new SqlException(
                        SqlState.UNDEFINED_TABLE,
                        "there is no dropped table \"" + name + "\"",
                        name.position());
            }
        }
        // Tables that come back together may need one another.
        found.forEach(this::requireMeaning);
        for (Dropped table : found) {
            new RevivedTypes(scope).checkRows(now(table), table.then());
            buildIndexes(now(table));
        }
        found.forEach(this::connect);
    }

    private TableDef now(Dropped dropped) {
        TableDef table = scope.catalog().findTable(dropped.table().id());
        if (table == null) {
            throw new IllegalStateException("table " + dropped.table().name() + " is not written");
        }
        return table;
    }

    /** Table, indexes, owned sequences and comments. */
    private void write(Dropped dropped) {
        TableDef table = dropped.table();
        Catalog then = dropped.then();
        names.requireFreeRowType(dropped.schema(), table.name());
        Set<Integer> ids = new HashSet<>();
        ids.add(table.id());
        table.constraints().forEach(constraint -> ids.add(constraint.id()));
        for (SequenceDef sequence : then.objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == table.id() && isAway(sequence.id())) {
                SchemaDef schema = free(dropped, sequence);
                scope.write(sequence.named(schema.id(), sequence.name()));
                ids.add(sequence.id());
            }
        }
        scope.write(table.named(dropped.schema().id(), table.name()));
        for (IndexDef index : then.indexesOf(table.id())) {
            SchemaDef schema = free(dropped, index);
            scope.write(index.withSchema(schema.id()));
            ids.add(index.id());
        }
        for (int id : ids) {
            for (CommentDef comment : then.commentsOn(id)) {
                if (isAway(comment.id())) {
                    scope.write(comment);
                }
            }
        }
    }

    private boolean isAway(int id) {
        return scope.catalog().find(id) == null;
    }

    /**
     * The schema in which a part of the table comes back.
     *
     * @throws SqlException 42P07 if there is a relation of the same name
     */
    private SchemaDef free(Dropped dropped, Relation part) {
        SchemaDef schema =
                part.schemaId() == dropped.table().schemaId()
                        ? dropped.schema()
                        : names.schema(dropped.then().schemaName(part), 0);
        names.requireFree(schema, part.name());
        return schema;
    }

    /**
     * @throws SqlException if a type, a relation or a function that the table uses is not there, or
     *     another one
     */
    private void requireMeaning(Dropped dropped) {
        new RevivedTypes(scope).require(dropped.table());
        TableDef table = now(dropped);
        for (ColumnDef column : table.visibleColumns()) {
            requireRelations(
                    dropped.then(),
                    column.defaultSql(),
                    "default value of column \"" + column.name() + "\"",
                    table);
        }
        for (Constraint constraint : table.constraints()) {
            if (constraint instanceof Constraint.Check check) {
                requireRelations(
                        dropped.then(),
                        check.sql(),
                        "check constraint \"" + check.name() + "\"",
                        table);
            }
        }
        try {
            TypeUses texts = new TypeUses(scope);
            texts.bind(table);
            scope.catalog().indexesOf(table.id()).forEach(texts::bind);
        } catch (SqlException e) {
            throw new SqlException(
                    e.state(),
                    "table \"" + table.name() + "\" cannot come back: " + e.getMessage());
        }
    }

    private void requireRelations(
            Catalog then, @Nullable String text, String what, TableDef table) {
        for (Relation relation : text == null ? List.<Relation>of() : relations(then)) {
            boolean named =
                    StoredNames.namesRelation(text, relation.id())
                            || (relation instanceof SequenceDef sequence
                                    && SequenceTexts.uses(then, text, sequence));
            if (named && isAway(relation.id())) {
                throw new SqlException(
                        SqlState.UNDEFINED_TABLE,
                        what
                                + " of table \""
                                + table.name()
                                + "\" uses relation \""
                                + relation.name()
                                + "\", which does not exist");
            }
        }
    }

    private static List<Relation> relations(Catalog catalog) {
        return catalog.objects().stream()
                .filter(Relation.class::isInstance)
                .map(Relation.class::cast)
                .toList();
    }

    private void buildIndexes(TableDef table) {
        for (IndexDef index : scope.catalog().indexesOf(table.id())) {
            if (index.primary()) {
                continue;
            }
            if (index.unique() && index.computed()) {
                // What it computes may answer otherwise now.
                new TableConstraints(scope).checkUniqueRows(table, index);
            }
            scope.buildIndex(table, index);
        }
    }

    /** Foreign keys: what the rows refer to may have gone. */
    private void connect(Dropped dropped) {
        for (Constraint constraint : now(dropped).constraints()) {
            if (constraint instanceof Constraint.ForeignKey key) {
                new ForeignKeys(scope).reconnect(now(dropped), key, dropped.then());
            }
        }
    }
}
