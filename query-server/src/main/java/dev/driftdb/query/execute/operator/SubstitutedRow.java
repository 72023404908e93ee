package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/** In place of a scan: the one row that was locked. */
public final class SubstitutedRow implements Operator {
    /** The row to give, in a slot of the frame. */
    record Substitute(Bytes key, @Nullable StoredRow row) {
        static final Substitute NONE = new Substitute(Bytes.EMPTY, null);
    }

    private final int slot;
    private final RowDecoder decoder;
    private final @Nullable Eval filter;

    public SubstitutedRow(int slot, RowDecoder decoder, @Nullable Eval filter) {
        this.slot = slot;
        this.decoder = decoder;
        this.filter = filter;
    }

    @Override
    public Rows open(Frame frame) {
        Substitute substitute = find(frame);
        StoredRow stored = substitute.row();
        return stored == null ? Rows.NONE : decoder.single(substitute.key(), stored, filter, frame);
    }

    // The lateral side of a join runs in a frame of its own.
    private Substitute find(Frame frame) {
        Frame at = frame;
        while (true) {
            if (at.slot(slot) instanceof Substitute substitute) {
                return substitute;
            }
            Frame above = at.ancestor(1);
            if (above.equals(at)) {
                throw new IllegalStateException("no row was substituted");
            }
            at = above;
        }
    }
}
