package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one committed entry with the rows as they were and as they are. Made for one
 * entry, used by one thread; holds nothing but the ids of truncated storages, whatever the entry's
 * size.
 */
final class RowChanges {
    private final long offset;
    private final PublishedTables tables;
    private final RowsBefore before;
    private final LongFunction<ReadView> views;
    private final RowChange.Sink sink;
    private final Set<Integer> truncated = new HashSet<>();

    /**
     * @param offset the entry's
     * @param before stands before this entry
     * @param views gives the view of the state after the entry at an offset
     */
    RowChanges(
            long offset,
            PublishedTables tables,
            RowsBefore before,
            LongFunction<ReadView> views,
            RowChange.Sink sink) {
        this.offset = offset;
        this.tables = tables;
        this.before = before;
        this.views = views;
        this.sink = sink;
    }

    /** The storage that a change is about; that of the old rows for {@link Change.Rekey}. */
    static int storageOf(Change change) {
        return switch (change) {
            case Change.Put put -> put.storageId();
            case Change.Append append -> append.storageId();
            case Change.Delete delete -> delete.storageId();
            case Change.Forget forget -> forget.storageId();
            case Change.Truncate truncate -> truncate.storageId();
            case Change.BuildIndex _, Change.AddEntry _, Change.RemoveEntry _ -> 0;
            case Change.Rekey rekey -> rekey.fromStorageId();
        };
    }

    /** Hands the published ones among these changes on; in the order of the entry. */
    void add(List<Change> changes) {
        for (Change change : changes) {
            if (change instanceof Change.Rekey rekey) {
                rekey(rekey);
                continue;
            }
            PublishedTable table = tables.byStorage(storageOf(change));
            if (table != null) {
                add(change, table);
            }
        }
    }

    /** Whether all rows of a storage went or came at once. */
    boolean replacedStorages() {
        return !truncated.isEmpty();
    }

    private void add(Change change, PublishedTable table) {
        switch (change) {
            case Change.Put(int storageId, Change.Kind _, Bytes key, Bytes row) -> {
                byte[] old = rowBefore(storageId, key);
                RowChange.Op op = old == null ? RowChange.Op.CREATE : RowChange.Op.UPDATE;
                emit(table, op, key, old, row.array());
                before.set(storageId, key, row.array());
            }
            case Change.Append(int storageId, int ordinal, Bytes row) -> {
                Bytes key = KeyCodec.rowId(offset, ordinal);
                emit(table, RowChange.Op.CREATE, key, null, row.array());
                before.set(storageId, key, row.array());
            }
            case Change.Delete(int storageId, Bytes key) -> delete(table, storageId, key);
            case Change.Forget(int storageId, Bytes key) -> delete(table, storageId, key);
            case Change.Truncate(int storageId) -> {
                truncated.add(storageId);
                emit(table, RowChange.Op.TRUNCATE, null, null, null);
            }
            case Change.BuildIndex _, Change.Rekey _, Change.AddEntry _, Change.RemoveEntry _ -> {}
        }
    }

    private void delete(PublishedTable table, int storageId, Bytes key) {
        byte[] old = rowBefore(storageId, key);
        if (old != null) {
            emit(table, RowChange.Op.DELETE, key, old, null);
            before.set(storageId, key, null);
        }
    }

    /** Every row has another key now: for a consumer they are all gone, and there again. */
    private void rekey(Change.Rekey rekey) {
        truncated.add(rekey.toStorageId());
        PublishedTable table = tables.byId(rekey.tableId());
        if (table == null) {
            return;
        }
        emit(table, RowChange.Op.TRUNCATE, null, null, null);
        try (ReadView after = views.apply(offset);
                RowCursor rows = after.scan(rekey.toStorageId(), KeyRange.ALL, false)) {
            while (rows.next()) {
                emit(table, RowChange.Op.CREATE, Bytes.wrap(rows.key()), null, rows.row());
            }
        }
    }

    private void emit(
            PublishedTable table,
            RowChange.Op op,
            @Nullable Bytes key,
            byte @Nullable [] old,
            byte @Nullable [] row) {
        sink.accept(new RowChange(table, op, key, old, row));
    }

    private byte @Nullable [] rowBefore(int storageId, Bytes key) {
        return truncated.contains(storageId) ? null : before.get(storageId, key);
    }
}
