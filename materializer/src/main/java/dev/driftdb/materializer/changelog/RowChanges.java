package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one committed entry with the rows as they were and as they are. Made for one
 * entry, used by one thread; holds nothing but the ids of truncated storages, whatever the entry's
 * size.
 */
public final class RowChanges {
    private final long offset;
    private final ReadView before;
    private final ReadView after;
    private final RowChange.Sink sink;
    private final Set<Integer> truncated = new HashSet<>();

    /**
     * @param before the state after the entry before this one
     * @param after the state after this entry
     */
    public RowChanges(ReadView before, ReadView after, RowChange.Sink sink) {
        this.offset = after.offset();
        this.before = before;
        this.after = after;
        this.sink = sink;
    }

    /** Whether any of these changes is of a published table. */
    public static boolean touchesPublished(Catalog catalog, List<Change> changes) {
        for (Change change : changes) {
            TableDef table = catalog.findTableByStorage(storageOf(change));
            if (table != null && TableOptions.changelog(table)) {
                return true;
            }
        }
        return false;
    }

    /** The storage that a change is about; that of the old rows for {@link Change.Rekey}. */
    static int storageOf(Change change) {
        return switch (change) {
            case Change.Put put -> put.storageId();
            case Change.Append append -> append.storageId();
            case Change.Delete delete -> delete.storageId();
            case Change.Truncate truncate -> truncate.storageId();
            case Change.BuildIndex _ -> 0;
            case Change.Rekey rekey -> rekey.fromStorageId();
        };
    }

    /** Hands the published ones among these changes on; in the order of the entry. */
    public void add(List<Change> changes) {
        for (Change change : changes) {
            if (change instanceof Change.Rekey rekey) {
                rekey(rekey);
                continue;
            }
            TableDef table = published(storageOf(change));
            if (table != null) {
                add(change, table);
            }
        }
    }

    private void add(Change change, TableDef table) {
        switch (change) {
            case Change.Put(int storageId, Change.Kind _, Bytes key, Bytes row) -> {
                byte[] old = rowBefore(storageId, key);
                RowChange.Op op = old == null ? RowChange.Op.CREATE : RowChange.Op.UPDATE;
                emit(table, op, key, old, row.array());
            }
            case Change.Append(int _, int ordinal, Bytes row) ->
                    emit(
                            table,
                            RowChange.Op.CREATE,
                            KeyCodec.rowId(offset, ordinal),
                            null,
                            row.array());
            case Change.Delete(int storageId, Bytes key) -> {
                byte[] old = rowBefore(storageId, key);
                if (old != null) {
                    emit(table, RowChange.Op.DELETE, key, old, null);
                }
            }
            case Change.Truncate(int storageId) -> {
                truncated.add(storageId);
                emit(table, RowChange.Op.TRUNCATE, null, null, null);
            }
            case Change.BuildIndex _, Change.Rekey _ -> {}
        }
    }

    /** Every row has another key now: for a consumer they are all gone, and there again. */
    private void rekey(Change.Rekey rekey) {
        TableDef table = after.catalog().findTable(rekey.tableId());
        if (table == null || !TableOptions.changelog(table)) {
            return;
        }
        emit(table, RowChange.Op.TRUNCATE, null, null, null);
        truncated.add(rekey.toStorageId());
        try (RowCursor rows = after.scan(rekey.toStorageId(), KeyRange.ALL, false)) {
            while (rows.next()) {
                emit(table, RowChange.Op.CREATE, Bytes.wrap(rows.key()), null, rows.row());
            }
        }
    }

    private void emit(
            TableDef table,
            RowChange.Op op,
            @Nullable Bytes key,
            byte @Nullable [] old,
            byte @Nullable [] row) {
        Catalog catalog =
                after.catalog().findTable(table.id()) != null ? after.catalog() : before.catalog();
        String schemaName =
                catalog.find(table.schemaId()) instanceof SchemaDef schema ? schema.name() : "?";
        sink.accept(new RowChange(table, schemaName, op, key, old, row));
    }

    /** With the definition after the entry; a table that the entry drops with the one before. */
    private @Nullable TableDef published(int storageId) {
        TableDef table = after.catalog().findTableByStorage(storageId);
        if (table == null) {
            table = before.catalog().findTableByStorage(storageId);
        }
        return table != null && TableOptions.changelog(table) ? table : null;
    }

    private byte @Nullable [] rowBefore(int storageId, Bytes key) {
        if (truncated.contains(storageId)) {
            return null;
        }
        StoredRow row = before.get(storageId, key);
        return row == null ? null : row.row();
    }
}
