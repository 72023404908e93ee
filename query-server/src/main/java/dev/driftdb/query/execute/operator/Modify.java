package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.RowId;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** UPDATE and DELETE: finds all rows, then locks, rechecks and changes each once. */
public final class Modify implements Operator {
    /** A row id and its key on the heap, without the key's bytes. */
    private static final long TARGET_BYTES = 72;

    private static final long FOUND_BYTES = 48;

    private static final @Nullable Object[] NO_COLUMNS = {};

    private final Operator source;
    private final TableWriter writer;
    private final int sourceWidth;
    private final @Nullable Eval recheck;
    private final @Nullable List<Insert.Assignment> assignments;
    private final Eval @Nullable [] returning;

    /**
     * @param source rows whose first columns are the table's visible ones, with the row id of the
     *     table as first hidden column
     * @param sourceWidth columns of the source without hidden ones
     * @param recheck what must hold of a source row whose table columns were replaced by a newer
     *     version's; null for nothing
     * @param assignments null for DELETE
     */
    public Modify(
            Operator source,
            TableWriter writer,
            int sourceWidth,
            @Nullable Eval recheck,
            @Nullable List<Insert.Assignment> assignments,
            Eval @Nullable [] returning) {
        this.source = source;
        this.writer = writer;
        this.sourceWidth = sourceWidth;
        this.recheck = recheck;
        this.assignments = assignments;
        this.returning = returning;
    }

    @Override
    public Rows open(Frame frame) {
        return new Run(frame);
    }

    private final class Run extends ModifyRows {
        /** What to change, each row once, in the order of finding. */
        private final List<RowId> targets = new ArrayList<>();

        /** Whether the source has columns besides the table's, which are read anew. */
        private final boolean joins = sourceWidth > writer.visibleWidth();

        /** The source's rows of the targets, if there is more in them than the table's. */
        private final List<@Nullable Object[]> joined = new ArrayList<>();

        /** The keys of all targets, unless they came in ascending order. */
        private @Nullable Set<Bytes> found;

        Run(Frame frame) {
            super(frame, returning);
        }

        /**
         * All rows are found before the first is changed, so that no scan can meet its own
         * statement's changes. A row found several times (by a join) is changed once.
         */
        @Override
        void run() {
            try (Rows rows = source.open(frame)) {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    if (row[sourceWidth] instanceof RowId id && isNew(id.key())) {
                        targets.add(id);
                        if (joins) {
                            joined.add(row);
                            memory().add(row);
                        } else {
                            memory().add(TARGET_BYTES + id.key().length());
                        }
                    }
                }
            }
            for (int i = 0; i < targets.size(); i++) {
                frame.tick();
                modify(joins ? joined.get(i) : NO_COLUMNS, targets.get(i));
            }
        }

        /** Whether a key was not found before. Those in ascending order need no look. */
        private boolean isNew(Bytes key) {
            Set<Bytes> known = found;
            if (known == null) {
                if (targets.isEmpty() || key.compareTo(targets.getLast().key()) > 0) {
                    return true;
                }
                known = new HashSet<>();
                for (RowId target : targets) {
                    known.add(target.key());
                }
                memory().add(FOUND_BYTES * targets.size());
                found = known;
            }
            if (!known.add(key)) {
                return false;
            }
            memory().add(FOUND_BYTES);
            return true;
        }

        /**
         * @param row the source's, of which only the columns behind the table's count
         */
        private void modify(@Nullable Object[] row, RowId id) {
            StoredRow current =
                    tables.lock(
                            writer.table(),
                            id.key(),
                            assignments == null
                                    ? RowLockStrength.UPDATE
                                    : RowLockStrength.NO_KEY_UPDATE,
                            RowWait.WAIT);
            if (current == null) {
                return;
            }
            @Nullable Object[] old = RowCodec.decode(writer.table().columns(), current.row());
            @Nullable Object[] full = writer.toVisible(old, sourceWidth);
            int visible = writer.visibleWidth();
            if (joins) {
                System.arraycopy(row, visible, full, visible, sourceWidth - visible);
            }
            if (current.offset() != id.offset() && recheck != null && !recheck.test(full, frame)) {
                return;
            }
            if (assignments == null) {
                tables.delete(writer.table(), id.key(), old);
                changed(full);
                return;
            }
            @Nullable Object[] values = assigned(old, assignments, full);
            writer.check(values, frame);
            tables.update(writer.table(), id.key(), old, values);
            @Nullable Object[] result = writer.toVisible(values, sourceWidth);
            System.arraycopy(full, visible, result, visible, sourceWidth - visible);
            changed(result);
        }
    }
}
