package dev.driftdb.materializer.resolve;

import dev.driftdb.materializer.state.TableState;
import dev.driftdb.materializer.state.UnfinishedEntry;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How far the entry that is being applied is, and when a part of it is written. */
final class EntryParts {
    private final TableState state;
    private final UUID transactionId;
    private final long offset;
    private final boolean allowed;

    /** What an earlier run has written. */
    private final @Nullable UnfinishedEntry earlier;

    private int record;
    private int change;

    /**
     * @throws IllegalStateException if a part of another entry is in the state
     */
    EntryParts(LogRecord.TransactionEntry entry, long offset, TableState state) {
        this.state = state;
        this.transactionId = entry.id();
        this.offset = offset;
        allowed = isLarge(entry);
        earlier = state.unfinished();
        if (earlier != null
                && (earlier.offset() != offset || !earlier.transactionId().equals(entry.id()))) {
            throw new IllegalStateException(
                    "a part of transaction "
                            + earlier.transactionId()
                            + " at offset "
                            + earlier.offset()
                            + " is in the state, the log goes on with "
                            + entry.id()
                            + " at offset "
                            + offset);
        }
    }

    private EntryParts(TableState state) {
        this.state = state;
        transactionId = new UUID(0, 0);
        offset = -1;
        allowed = false;
        earlier = null;
    }

    /** For when there is no entry yet. */
    static EntryParts none(TableState state) {
        return new EntryParts(state);
    }

    static boolean isLarge(LogRecord.TransactionEntry entry) {
        if (entry.chunkCount() > 0) {
            return true;
        }
        for (Change change : entry.changes()) {
            if (change instanceof Change.Truncate
                    || change instanceof Change.BuildIndex
                    || change instanceof Change.Rekey
                    || change instanceof Change.Forget) {
                return true;
            }
        }
        return false;
    }

    int changedRowsBefore() {
        return earlier == null ? 0 : earlier.changedRows();
    }

    int rekeyedBefore() {
        return earlier == null ? 0 : earlier.rekeyed();
    }

    /** The change with this number of the record with this one comes next. */
    void at(int recordNumber, int changeNumber) {
        record = recordNumber;
        change = changeNumber;
    }

    /** Whether an earlier run has applied the change that comes next. */
    boolean isApplied() {
        return earlier != null
                && (record < earlier.record()
                        || (record == earlier.record() && change < earlier.change()));
    }

    /**
     * What has changed up to here may be written, if it is much.
     *
     * @param finished whether the change is, or comes again after a crash
     */
    void mayWrite(boolean finished, int changedRows, int rekeyed) {
        if (allowed && state.isPartFull()) {
            state.writePart(
                    new UnfinishedEntry(
                            offset,
                            transactionId,
                            record,
                            finished ? change + 1 : change,
                            changedRows,
                            rekeyed));
        }
    }
}
