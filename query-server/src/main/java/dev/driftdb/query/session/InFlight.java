package dev.driftdb.query.session;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.lock.Departure;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.type.Bytes;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A transaction whose entry is on its way into the log. It writes nothing more, so that those who
 * follow it may read its rows: they come behind it in the log, and take effect only if it did.
 *
 * @param transactionId of its entry
 * @param outcome completed when the log has decided, in whichever way
 */
record InFlight(UUID transactionId, CompletableFuture<Outcome> outcome, Transaction transaction)
        implements Departure {

    /**
     * A row as one who has locked it leaves it.
     *
     * @param writer the transaction that wrote this version
     */
    record Version(StoredRow row, UUID writer) {}

    @Override
    public boolean isOver() {
        return outcome.isDone();
    }

    /** Whether one that it follows has come to nothing: it will, too, and none is to follow it. */
    boolean isDoomed() {
        return transaction.unseen().stream().anyMatch(InFlight::isOver);
    }

    boolean hasCommitted() {
        return outcome.state() == CompletableFuture.State.SUCCESS
                && outcome.resultNow() instanceof Outcome.Committed;
    }

    /** Those before it that are not visible yet, the first first, and itself. */
    void addTo(List<InFlight> predecessors) {
        for (InFlight earlier : transaction.unseen()) {
            if (!predecessors.contains(earlier)) {
                predecessors.add(earlier);
            }
        }
        predecessors.add(this);
    }

    /** A row that it has written or deleted; null if it has not. */
    @Nullable OwnRow written(int storageId, Bytes key) {
        OwnTable own = transaction.findTable(storageId);
        OwnRow row = own == null ? null : own.find(key);
        return row == null || row.newest == null ? null : row;
    }

    /**
     * A row that it has locked, if that is of a transaction in flight; null if it is the newest one
     * that everybody sees.
     */
    @Nullable Version after(int storageId, Bytes key) {
        OwnRow row = written(storageId, key);
        byte[] bytes = row == null ? null : row.bytes();
        if (bytes != null) {
            return new Version(new StoredRow(TableAccess.IN_FLIGHT, bytes), transactionId);
        }
        OwnTable own = transaction.findTable(storageId);
        return own == null ? null : own.lockedInFlight(key);
    }
}
