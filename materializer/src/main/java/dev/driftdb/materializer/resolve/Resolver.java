package dev.driftdb.materializer.resolve;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.StateReader;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Decides whether an entry takes effect at its place in the log. */
public final class Resolver {
    private Resolver() {}

    /**
     * The outcome of a transaction against the state before it. The preconditions of its chunks
     * come first, in the order of their numbers; without effect is also one of which a chunk is
     * missing or too old.
     *
     * @param timestampMs the time of the entry, not before those of the entries before it
     */
    public static Outcome resolve(
            LogRecord.TransactionEntry entry, long offset, long timestampMs, StateReader state) {
        LogRecord.SourcePosition source = entry.metadata().source();
        if (!state.hasChunks(entry.id(), entry.chunkCount(), offset)
                || (source != null
                        && state.sourceOffset(source.topic(), source.partition())
                                >= source.offset())) {
            return new Outcome.Rejected(offset, null);
        }
        Precondition failed = null;
        for (int number = 0; failed == null && number < entry.chunkCount(); number++) {
            failed =
                    findFailed(state.chunk(entry.id(), number).preconditions(), timestampMs, state);
        }
        if (failed == null) {
            failed = findFailed(entry.preconditions(), timestampMs, state);
        }
        return failed == null
                ? new Outcome.Committed(offset, timestampMs)
                : new Outcome.Rejected(offset, failed);
    }

    private static @Nullable Precondition findFailed(
            List<Precondition> preconditions, long timestampMs, StateReader state) {
        for (Precondition precondition : preconditions) {
            if (!holds(precondition, timestampMs, state)) {
                return precondition;
            }
        }
        return null;
    }

    private static boolean holds(Precondition precondition, long timestampMs, StateReader state) {
        return switch (precondition) {
            case Precondition.RowVersion(int storageId, Bytes key, long offset) -> {
                StoredRow row = state.row(storageId, key);
                yield (row == null ? Precondition.ABSENT : row.offset()) == offset;
            }
            case Precondition.RowWrittenBy(int storageId, Bytes key, UUID transactionId) -> {
                StoredRow row = state.row(storageId, key);
                yield row != null && transactionId.equals(state.transactionAt(row.offset()));
            }
            case Precondition.KeyAbsent(int indexId, Bytes key) ->
                    !keyExists(indexId, true, key, state);
            case Precondition.KeyExists(int id, boolean inIndex, Bytes key) ->
                    keyExists(id, inIndex, key, state);
            case Precondition.RangeEmpty(int id, boolean inIndex, Bytes from, Bytes to) ->
                    rangeEmpty(id, inIndex, new KeyRange(from, to), state);
            case Precondition.RangeUnchanged(int storageId, Bytes from, Bytes to, long since) ->
                    !state.isTooOld(since, timestampMs)
                            && !state.changedAfter(storageId, new KeyRange(from, to), since);
            case Precondition.DefinitionUnchanged(int objectId, long version) ->
                    state.catalog().versionOf(objectId) == version;
        };
    }

    private static boolean keyExists(int id, boolean inIndex, Bytes key, StateReader state) {
        int storageId = inIndex ? storageOfPrimary(id, state) : id;
        return storageId != 0
                ? state.row(storageId, key) != null
                : state.uniqueEntry(id, key) != null;
    }

    private static boolean rangeEmpty(int id, boolean inIndex, KeyRange range, StateReader state) {
        int storageId = inIndex ? storageOfPrimary(id, state) : id;
        return storageId != 0 ? !state.hasRows(storageId, range) : !state.hasEntries(id, range);
    }

    /** A primary index has no entries: its keys are the rows' own. 0 for any other index. */
    private static int storageOfPrimary(int indexId, StateReader state) {
        if (state.catalog().find(indexId) instanceof IndexDef index && index.primary()) {
            TableDef table = state.catalog().findTable(index.tableId());
            return table == null ? 0 : table.storageId();
        }
        return 0;
    }
}
