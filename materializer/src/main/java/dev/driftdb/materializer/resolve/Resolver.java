package dev.driftdb.materializer.resolve;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.StateReader;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides whether an entry takes effect at its place in the log. */
public final class Resolver {
    private Resolver() {}

    /**
     * A transaction in one piece: the preconditions and changes of its chunks, then its entry's.
     *
     * @return null when a chunk is missing or too old: such a transaction has no effect
     */
    public static LogRecord.@Nullable TransactionEntry assemble(
            LogRecord.TransactionEntry entry, long offset, StateReader state) {
        if (entry.chunkCount() == 0) {
            return entry;
        }
        List<LogRecord.Chunk> chunks = state.chunks(entry.id(), entry.chunkCount(), offset);
        if (chunks == null) {
            return null;
        }
        List<Precondition> preconditions = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        for (LogRecord.Chunk chunk : chunks) {
            preconditions.addAll(chunk.preconditions());
            changes.addAll(chunk.changes());
        }
        preconditions.addAll(entry.preconditions());
        changes.addAll(entry.changes());
        return new LogRecord.TransactionEntry(
                entry.id(), entry.metadata(), preconditions, changes, 0);
    }

    /**
     * The outcome of a whole transaction ({@link #assemble}) against the state before it.
     *
     * @param timestampMs the time of the entry, for the outcome
     */
    public static Outcome resolve(
            LogRecord.TransactionEntry entry, long offset, long timestampMs, StateReader state) {
        LogRecord.SourcePosition source = entry.metadata().source();
        if (source != null
                && state.sourceOffset(source.topic(), source.partition()) >= source.offset()) {
            return new Outcome.Rejected(offset, null);
        }
        for (Precondition precondition : entry.preconditions()) {
            if (!holds(precondition, state)) {
                return new Outcome.Rejected(offset, precondition);
            }
        }
        return new Outcome.Committed(offset, timestampMs);
    }

    private static boolean holds(Precondition precondition, StateReader state) {
        return switch (precondition) {
            case Precondition.RowVersion(int storageId, Bytes key, long offset) -> {
                StoredRow row = state.row(storageId, key);
                yield (row == null ? Precondition.ABSENT : row.offset()) == offset;
            }
            case Precondition.KeyAbsent(int indexId, Bytes key) ->
                    !keyExists(indexId, true, key, state);
            case Precondition.KeyExists(int id, boolean inIndex, Bytes key) ->
                    keyExists(id, inIndex, key, state);
            case Precondition.RangeEmpty(int id, boolean inIndex, Bytes from, Bytes to) ->
                    rangeEmpty(id, inIndex, new KeyRange(from, to), state);
            case Precondition.RangeUnchanged(int storageId, Bytes from, Bytes to, long since) ->
                    !state.changedAfter(storageId, new KeyRange(from, to), since);
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
