package dev.driftdb.materializer.state;

import dev.driftdb.materializer.state.PendingChanges.PendingRow;
import dev.driftdb.schemas.type.Bytes;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Current rows with a batch's changes laid over them, in key order whatever is written and what is
 * pending: the order must not depend on where batches begin. Unmoved by later changes.
 */
final class PendingRows implements RowCursor {
    private final RowCursor written;
    private final Iterator<Map.Entry<Bytes, PendingRow>> pending;
    private @Nullable Bytes writtenKey;
    private Map.@Nullable Entry<Bytes, PendingRow> pendingHead;
    private boolean started;
    private @Nullable Bytes key;
    private @Nullable StoredRow row;

    /**
     * @param pending by key with storage id; copied
     */
    PendingRows(RowCursor written, Map<Bytes, PendingRow> pending) {
        this.written = written;
        this.pending = new TreeMap<>(pending).entrySet().iterator();
    }

    @Override
    public boolean next() {
        if (!started) {
            started = true;
            advanceWritten();
            advancePending();
        }
        row = null;
        while (row == null) {
            int order;
            if (writtenKey == null && pendingHead == null) {
                key = null;
                return false;
            } else if (writtenKey == null) {
                order = 1;
            } else if (pendingHead == null) {
                order = -1;
            } else {
                order = writtenKey.compareTo(withoutId(pendingHead));
            }
            if (order < 0) {
                key = writtenKey;
                row = new StoredRow(written.offset(), written.row());
            } else if (pendingHead != null) {
                key = withoutId(pendingHead);
                row = pendingHead.getValue().stored();
                advancePending();
            }
            if (order <= 0) {
                advanceWritten();
            }
        }
        return true;
    }

    private static Bytes withoutId(Map.Entry<Bytes, PendingRow> entry) {
        return Bytes.wrap(Layout.withoutId(entry.getKey().array()));
    }

    private void advanceWritten() {
        writtenKey = written.next() ? Bytes.wrap(written.key()) : null;
    }

    private void advancePending() {
        pendingHead = pending.hasNext() ? pending.next() : null;
    }

    @Override
    public byte[] key() {
        Bytes found = key;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on no row");
        }
        return found.array();
    }

    private StoredRow require() {
        StoredRow found = row;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on no row");
        }
        return found;
    }

    @Override
    public byte[] row() {
        return require().row();
    }

    @Override
    public long offset() {
        return require().offset();
    }

    @Override
    public void close() {
        row = null;
        key = null;
        written.close();
    }
}
