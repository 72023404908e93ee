package dev.driftdb.query.session;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where an entry may have written, by storage: its keys if the log still says them in one record,
 * else anywhere.
 */
final class WrittenKeys {
    private static final List<KeyRange> ANYWHERE = List.of(KeyRange.ALL);

    /** Null if nothing is known. */
    private final @Nullable Map<Integer, List<KeyRange>> byStorage;

    /**
     * @param record of the log at the entry's offset; null if it is not to be had
     */
    WrittenKeys(EntryInfo entry, @Nullable LogRecord record) {
        boolean whole =
                record instanceof LogRecord.TransactionEntry found
                        && found.id().equals(entry.transactionId())
                        && found.chunkCount() == 0;
        byStorage =
                whole && record instanceof LogRecord.TransactionEntry found
                        ? ranges(found.changes(), entry.offset())
                        : null;
    }

    private static Map<Integer, List<KeyRange>> ranges(List<Change> changes, long offset) {
        Map<Integer, List<KeyRange>> ranges = new HashMap<>();
        for (Change change : changes) {
            switch (change) {
                case Change.Put put -> add(ranges, put.storageId(), put.key());
                case Change.Append append ->
                        add(ranges, append.storageId(), KeyCodec.rowId(offset, append.ordinal()));
                case Change.Delete delete -> add(ranges, delete.storageId(), delete.key());
                case Change.Forget forget -> add(ranges, forget.storageId(), forget.key());
                // It comes before any other change of its storage.
                case Change.Truncate truncate -> ranges.put(truncate.storageId(), ANYWHERE);
                case Change.Rekey rekey -> {
                    ranges.put(rekey.fromStorageId(), ANYWHERE);
                    ranges.put(rekey.toStorageId(), ANYWHERE);
                }
                case Change.BuildIndex _, Change.AddEntry _, Change.RemoveEntry _ -> {}
            }
        }
        return ranges;
    }

    @SuppressWarnings("ReferenceEquality") // one list stands for all keys
    private static void add(Map<Integer, List<KeyRange>> ranges, int storageId, Bytes key) {
        List<KeyRange> known = ranges.computeIfAbsent(storageId, id -> new ArrayList<>());
        if (known != ANYWHERE) {
            known.add(new KeyRange(key, KeyCodec.after(key)));
        }
    }

    /** Empty if it has not written there. */
    List<KeyRange> in(int storageId) {
        return byStorage == null ? ANYWHERE : byStorage.getOrDefault(storageId, List.of());
    }
}
