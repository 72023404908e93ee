package dev.driftdb.materializer.changelog;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which tables are published, as one entry sees them, or all entries between two changes of the
 * catalog: with the definition after the entry; a table that the entry drops with the one before.
 * Looks each up once. Owned by the publisher's thread.
 */
final class PublishedTables {
    private final Catalog before;
    private final Catalog after;
    private final Map<Integer, Optional<PublishedTable>> byStorage = new HashMap<>();

    PublishedTables(Catalog before, Catalog after) {
        this.before = before;
        this.after = after;
    }

    /** The published table that has, or had, its rows in a storage; null if there is none. */
    @Nullable PublishedTable byStorage(int storageId) {
        Optional<PublishedTable> known = byStorage.get(storageId);
        if (known == null) {
            TableDef table = after.findTableByStorage(storageId);
            known =
                    Optional.ofNullable(
                            published(
                                    table == null ? before.findTableByStorage(storageId) : table));
            byStorage.put(storageId, known);
        }
        return known.orElse(null);
    }

    /** The table with an id if it is published after the entry. */
    @Nullable PublishedTable byId(int tableId) {
        return published(after.findTable(tableId));
    }

    private @Nullable PublishedTable published(@Nullable TableDef table) {
        if (table == null || !TableOptions.changelog(table)) {
            return null;
        }
        Catalog catalog = after.findTable(table.id()) != null ? after : before;
        String schemaName =
                catalog.find(table.schemaId()) instanceof SchemaDef schema ? schema.name() : "?";
        return TemporarySchemas.isTemporary(schemaName)
                ? null
                : new PublishedTable(whileChanging(table), schemaName);
    }

    /**
     * Rows that an entry changes together with their table may hold NULL in a column that is NOT
     * NULL only after it: such a column is optional in the records of this entry.
     */
    private TableDef whileChanging(TableDef table) {
        TableDef former = before.findTable(table.id());
        if (former == null || former.equals(table)) {
            return table;
        }
        List<ColumnDef> columns = new ArrayList<>();
        for (ColumnDef column : table.columns()) {
            boolean wasNotNull =
                    column.number() <= former.columns().size()
                            && former.column(column.number()).notNull();
            columns.add(wasNotNull ? column : column.withNotNull(false));
        }
        return table.withColumns(columns);
    }
}
