package dev.driftdb.query.session;

import dev.driftdb.materializer.state.IndexCursor;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.schemas.type.Bytes;
import java.util.Iterator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rows in the order of an index: committed entries and a transaction's own, merged. */
final class MergedIndexCursor implements RowCursor {
    private final @Nullable IndexCursor base;
    private final ReadView view;
    private final @Nullable OwnTable own;
    private final int storageId;
    private final Iterator<OwnIndex.Entry> ownEntries;
    private final Function<byte[], @Nullable Bytes> indexKeyOf;
    private final int command;
    private final boolean reverse;

    private OwnIndex.@Nullable Entry baseNext;
    private boolean baseDone;
    private @Nullable StoredRow baseRow;
    private OwnIndex.@Nullable Entry ownNext;
    private @Nullable StoredRow ownRow;

    private @Nullable Bytes key;
    private @Nullable StoredRow row;

    /**
     * @param base null when the own entries are all there are
     * @param own null when the transaction has not written to the table
     * @param indexKeyOf the index key of a row's bytes, null if the index leaves it out
     */
    MergedIndexCursor(
            @Nullable IndexCursor base,
            ReadView view,
            @Nullable OwnTable own,
            int storageId,
            Iterator<OwnIndex.Entry> ownEntries,
            Function<byte[], @Nullable Bytes> indexKeyOf,
            int command,
            boolean reverse) {
        this.base = base;
        this.view = view;
        this.own = own;
        this.storageId = storageId;
        this.ownEntries = ownEntries;
        this.indexKeyOf = indexKeyOf;
        this.command = command;
        this.reverse = reverse;
    }

    @Override
    public boolean next() {
        fetchBase();
        fetchOwn();
        OwnIndex.Entry mine = ownNext;
        OwnIndex.Entry theirs = baseNext;
        if (mine == null && theirs == null) {
            return false;
        }
        int order = mine == null ? 1 : theirs == null ? -1 : mine.compareTo(theirs);
        if (mine != null && theirs != null && reverse) {
            order = -order;
        }
        if (mine != null && order <= 0) {
            key = mine.rowKey();
            row = ownRow;
            ownNext = null;
        } else if (theirs != null) {
            key = theirs.rowKey();
            row = baseRow;
            baseNext = null;
        }
        return true;
    }

    private void fetchBase() {
        while (baseNext == null && !baseDone) {
            if (base == null || !base.next()) {
                baseDone = true;
                return;
            }
            Bytes rowKey = Bytes.wrap(base.rowKey());
            OwnRow mine = own == null ? null : own.find(rowKey);
            if (mine != null && mine.visibleTo(command) != null) {
                continue;
            }
            StoredRow stored = view.get(storageId, rowKey);
            if (stored != null) {
                baseNext = new OwnIndex.Entry(Bytes.wrap(base.indexKey()), rowKey);
                baseRow = stored;
            }
        }
    }

    private void fetchOwn() {
        while (ownNext == null && ownEntries.hasNext()) {
            OwnIndex.Entry entry = ownEntries.next();
            StoredRow stored = ownVersion(entry.rowKey());
            if (stored != null && entry.indexKey().equals(indexKeyOf.apply(stored.row()))) {
                ownNext = entry;
                ownRow = stored;
            }
        }
    }

    private @Nullable StoredRow ownVersion(Bytes rowKey) {
        OwnRow mine = own == null ? null : own.find(rowKey);
        OwnRow.Version version = mine == null ? null : mine.visibleTo(command);
        if (version != null) {
            return version.row() == null ? null : new StoredRow(TableAccess.OWN, version.row());
        }
        // Only a complete own index has entries of rows that are not our own.
        return mine != null && mine.base == null ? null : view.get(storageId, rowKey);
    }

    private StoredRow row0() {
        if (row == null) {
            throw new IllegalStateException("the cursor stands on no row");
        }
        return row;
    }

    @Override
    public byte[] key() {
        if (key == null) {
            throw new IllegalStateException("the cursor stands on no row");
        }
        return key.array();
    }

    @Override
    public byte[] row() {
        return row0().row();
    }

    @Override
    public long offset() {
        return row0().offset();
    }

    @Override
    public void close() {
        if (base != null) {
            base.close();
        }
    }
}
