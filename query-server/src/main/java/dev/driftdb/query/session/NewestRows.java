package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The newest committed rows, as one statement looks at them before it writes. It keeps what it has
 * opened as long as the replica does not move. For the session's thread only.
 */
final class NewestRows {
    /**
     * So many keys in ascending order that nobody has, and the next range of such is looked for.
     */
    private static final int ASCENDING_MIN = 8;

    /** A range that fewer lookups have met was not worth it. */
    private static final int LOOKUPS_WORTH = 16;

    private static final int ASCENDING_MAX = 1 << 20;

    private final Transaction transaction;
    private final ReadView view;

    private int storageId;

    /** The last key that no row had. */
    private @Nullable Bytes lastAbsent;

    private int ascending;
    private int ascendingWanted = ASCENDING_MIN;

    /** No row of the storage is behind the last absent key and before this one (empty: none). */
    private @Nullable Bytes absentTo;

    private long absentAt;
    private int absentLookups;

    /**
     * @param view the statement's own
     */
    NewestRows(Transaction transaction, ReadView view) {
        this.transaction = transaction;
        this.view = view;
    }

    /**
     * The newest state. Good until the next call: whoever reads on after a wait asks anew. Not to
     * be closed.
     */
    ReadView view() {
        return view.offset() == transaction.replica().appliedOffset()
                ? view
                : transaction.newestView();
    }

    @Nullable StoredRow get(int storage, Bytes key) {
        ReadView now = view();
        if (isKnownAbsent(storage, key, now.offset())) {
            return null;
        }
        StoredRow row = now.get(storage, key);
        if (row == null) {
            absent(storage, key, now);
        }
        return row;
    }

    private boolean isKnownAbsent(int storage, Bytes key, long offset) {
        Bytes last = lastAbsent;
        Bytes to = absentTo;
        if (to == null
                || last == null
                || storage != storageId
                || offset != absentAt
                || key.compareTo(last) < 0
                || (to.length() > 0 && key.compareTo(to) >= 0)) {
            return false;
        }
        lastAbsent = key;
        absentLookups++;
        return true;
    }

    private void absent(int storage, Bytes key, ReadView now) {
        if (absentTo != null) {
            ascendingWanted =
                    absentLookups >= LOOKUPS_WORTH
                            ? ASCENDING_MIN
                            : Math.min(2 * ascendingWanted, ASCENDING_MAX);
            absentTo = null;
            ascending = 0;
        }
        Bytes last = lastAbsent;
        ascending =
                last != null && storage == storageId && key.compareTo(last) > 0 ? ascending + 1 : 0;
        storageId = storage;
        lastAbsent = key;
        if (ascending >= ascendingWanted) {
            try (RowCursor rows = now.scan(storage, new KeyRange(key, Bytes.EMPTY), false)) {
                absentTo = rows.next() ? Bytes.copyOf(rows.key()) : Bytes.EMPTY;
            }
            absentAt = now.offset();
            absentLookups = 0;
        }
    }
}
