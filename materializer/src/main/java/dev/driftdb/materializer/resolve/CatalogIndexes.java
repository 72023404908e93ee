package dev.driftdb.materializer.resolve;

import dev.driftdb.materializer.state.IndexEntry;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowReader;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one image of the catalog says of index entries that follow from rows' bytes, prepared. Owned
 * by one thread.
 */
final class CatalogIndexes {
    private static final Storage NOT_A_TABLE = new Storage(null, List.of());

    final Catalog catalog;
    private final Map<Integer, Storage> storages = new HashMap<>();
    private int lastId;
    private Storage last = NOT_A_TABLE;

    CatalogIndexes(Catalog catalog) {
        this.catalog = catalog;
    }

    /**
     * The table whose rows a storage holds now.
     *
     * @param table null if there is none
     * @param indexes the table's indexes but the primary and the computed ones
     */
    record Storage(@Nullable TableDef table, List<RowIndex> indexes) {}

    Storage storage(int storageId) {
        if (storageId == lastId) {
            return last;
        }
        Storage storage = storages.get(storageId);
        if (storage == null) {
            TableDef table = catalog.findTableByStorage(storageId);
            storage = table == null ? NOT_A_TABLE : new Storage(table, rowIndexes(table));
            storages.put(storageId, storage);
        }
        lastId = storageId;
        last = storage;
        return storage;
    }

    private List<RowIndex> rowIndexes(TableDef table) {
        List<RowIndex> indexes = new ArrayList<>();
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (!index.primary() && !index.computed()) {
                indexes.add(new RowIndex(index, table));
            }
        }
        return indexes;
    }

    /** An index whose entries follow from the rows' bytes. */
    static final class RowIndex {
        private final IndexDef index;
        private final List<ColumnDef> columns = new ArrayList<>();
        private final RowReader reader = new RowReader();
        private final KeyCodec.Writer writer = new KeyCodec.Writer();

        RowIndex(IndexDef index, TableDef table) {
            this.index = index;
            for (IndexDef.IndexColumn indexed : index.columns()) {
                columns.add(table.column(indexed.number()));
            }
        }

        int id() {
            return index.id();
        }

        /** The entry of a row. */
        IndexEntry entry(Bytes rowKey, byte[] row) {
            reader.reset(row);
            writer.reset();
            boolean hasNull = false;
            for (int i = 0; i < columns.size(); i++) {
                IndexDef.IndexColumn indexed = index.columns().get(i);
                hasNull |=
                        !writer.add(
                                reader, columns.get(i), indexed.descending(), indexed.nullsFirst());
            }
            boolean unique = index.unique() && !(hasNull && index.nullsDistinct());
            return new IndexEntry(index.id(), writer.toBytes(), rowKey, unique);
        }
    }
}
