package dev.driftdb.query.define;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.VersionCursor;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogCodec;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds dropped tables by their names, in the history of the catalog. */
final class DroppedTables {
    /**
     * A table that is there no more.
     *
     * @param table as it was
     * @param then the catalog before the entry that dropped it
     * @param schema in which it comes back: the one that now has the name that its schema had
     */
    record Dropped(TableDef table, Catalog then, SchemaDef schema) {}

    private record Deletion(TableDef table, long offset) {}

    private final DefinitionScope scope;

    DroppedTables(DefinitionScope scope) {
        this.scope = scope;
    }

    /**
     * The table of a name that was dropped last; null if none was.
     *
     * @throws SqlException 42P07 if there is a relation of that name, 3F000 if there is no such
     *     schema
     */
    @Nullable Dropped find(QualifiedName name) {
        List<Deletion> deletions = deletions(name.last());
        for (SchemaDef schema : schemas(name)) {
            if (scope.catalog().findRelation(schema.id(), name.last()) != null) {
                throw new SqlException(
                        SqlState.DUPLICATE_TABLE,
                        "relation \"" + name.last() + "\" already exists",
                        name.position());
            }
            requireNotDroppedHere(schema, name.last());
            for (Deletion deletion : deletions) {
                Catalog then = scope.catalogAt(deletion.offset() - 1);
                if (then.find(deletion.table().id()) instanceof TableDef table
                        && then.schemaName(table).equals(schema.name())
                        && then.materializedView(table.id()) == null) {
                    return new Dropped(table, then, schema);
                }
            }
        }
        return null;
    }

    private List<SchemaDef> schemas(QualifiedName name) {
        List<String> parts = name.parts();
        List<SchemaDef> found = new ArrayList<>();
        if (parts.size() > 1) {
            found.add(new Names(scope).schema(parts.get(parts.size() - 2), name.position()));
        } else {
            for (String candidate : scope.searchPath()) {
                SchemaDef schema = scope.catalog().findSchema(candidate);
                if (schema != null) {
                    found.add(schema);
                }
            }
        }
        found.removeIf(schema -> TemporarySchemas.isTemporary(schema.name()));
        return found;
    }

    /** What this very transaction has dropped is not in the history yet. */
    private void requireNotDroppedHere(SchemaDef schema, String name) {
        if (scope.committed().catalog().findRelation(schema.id(), name) instanceof TableDef table
                && scope.catalog().find(table.id()) == null) {
            throw SqlException.notSupported(
                            "UNDROP TABLE of \"" + name + "\", which the same transaction dropped,")
                    .withHint("ROLLBACK brings it back.");
        }
    }

    /** Tables of the name whose last version was ended by a deletion, the latest first. */
    private List<Deletion> deletions(String name) {
        List<Deletion> found = new ArrayList<>();
        try (VersionCursor versions =
                scope.committed()
                        .versions(
                                SystemStorage.CATALOG,
                                KeyRange.ALL,
                                0,
                                scope.committed().offset())) {
            boolean more = versions.next();
            while (more) {
                Bytes key = Bytes.wrap(versions.key());
                byte[] row = versions.row();
                long end = versions.endsDeleted() ? versions.offsetTo() : VersionCursor.LIVE;
                more = versions.next();
                boolean last = !more || !Bytes.wrap(versions.key()).equals(key);
                if (last
                        && end != VersionCursor.LIVE
                        && CatalogCodec.decode(row) instanceof TableDef table
                        && table.name().equals(name)
                        && scope.catalog().find(table.id()) == null) {
                    found.add(new Deletion(table, end));
                }
            }
        }
        found.sort(Comparator.comparingLong(Deletion::offset).reversed());
        return found;
    }
}
