package dev.driftdb.query.session;

import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.schemas.type.Bytes;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Committed rows with a transaction's own rows laid over them, both in key order. */
final class MergedCursor implements RowCursor {
    private final @Nullable RowCursor base;
    private final OwnTable own;
    private final Iterator<OwnRow> ownRows;
    private final int command;
    private final boolean reverse;

    private boolean baseReady;
    private @Nullable Bytes baseKey;
    private @Nullable OwnRow ownNext;
    private byte @Nullable [] ownBytes;

    /** What it stands on: one of our rows, or (null) the base cursor's. */
    private @Nullable OwnRow current;

    private byte @Nullable [] currentBytes;

    /**
     * @param base null when the transaction has emptied the table
     */
    MergedCursor(
            @Nullable RowCursor base,
            OwnTable own,
            Iterator<OwnRow> ownRows,
            int command,
            boolean reverse) {
        this.base = base;
        this.own = own;
        this.ownRows = ownRows;
        this.command = command;
        this.reverse = reverse;
    }

    @Override
    public boolean next() {
        fetchBase();
        fetchOwn();
        OwnRow mine = ownNext;
        if (mine == null && baseKey == null) {
            return false;
        }
        if (mine != null && (baseKey == null || comesFirst(mine.key, baseKey))) {
            current = mine;
            currentBytes = ownBytes;
            ownNext = null;
        } else {
            current = null;
            baseReady = false;
        }
        return true;
    }

    private boolean comesFirst(Bytes mine, Bytes theirs) {
        int order = mine.compareTo(theirs);
        return reverse ? order > 0 : order < 0;
    }

    private void fetchBase() {
        while (!baseReady) {
            if (base == null || !base.next()) {
                baseKey = null;
                baseReady = true;
            } else {
                Bytes key = Bytes.wrap(base.key());
                OwnRow mine = own.find(key);
                if (mine == null || mine.visibleTo(command) == null) {
                    baseKey = key;
                    baseReady = true;
                }
            }
        }
    }

    private void fetchOwn() {
        while (ownNext == null && ownRows.hasNext()) {
            OwnRow candidate = ownRows.next();
            OwnRow.Version version = candidate.visibleTo(command);
            if (version != null && version.row() != null) {
                ownNext = candidate;
                ownBytes = version.row();
            }
        }
    }

    private RowCursor base() {
        if (base == null) {
            throw new IllegalStateException("the cursor stands on no row");
        }
        return base;
    }

    @Override
    public byte[] key() {
        return current != null ? current.key.array() : base().key();
    }

    @Override
    public byte[] row() {
        return currentBytes != null && current != null ? currentBytes : base().row();
    }

    @Override
    public byte[] buffer() {
        return currentBytes != null && current != null ? currentBytes : base().buffer();
    }

    @Override
    public int from() {
        return current != null ? 0 : base().from();
    }

    @Override
    public int to() {
        return currentBytes != null && current != null ? currentBytes.length : base().to();
    }

    @Override
    public long offset() {
        return current != null ? TableAccess.OWN : base().offset();
    }

    @Override
    public void close() {
        if (base != null) {
            base.close();
        }
    }
}
