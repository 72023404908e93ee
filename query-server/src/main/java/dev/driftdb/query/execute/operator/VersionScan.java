package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.VersionCursor;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowReader;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Every version of a table's rows that was live at some offset of an interval; if that is asked
 * for, with a row for each deletion.
 */
public final class VersionScan implements Operator {
    private final TableDef table;
    private final ScanTime.Versions time;
    private final KeyBounds bounds;
    private final RowDecoder decoder;
    private final @Nullable PseudoColumns pseudoColumns;
    private final @Nullable Eval filter;

    /** Positions of the columns that are not of the key. */
    private final int[] others;

    public VersionScan(
            TableDef table,
            ScanTime.Versions time,
            KeyBounds bounds,
            RowDecoder decoder,
            @Nullable PseudoColumns pseudoColumns,
            @Nullable Eval filter) {
        this.table = table;
        this.time = time;
        this.bounds = bounds;
        this.decoder = decoder;
        this.pseudoColumns = pseudoColumns;
        this.filter = filter;
        List<ColumnDef> visible = table.visibleColumns();
        this.others =
                IntStream.range(0, visible.size())
                        .filter(i -> !table.keyColumns().contains(visible.get(i).number()))
                        .toArray();
    }

    /** A version that ended by the deletion of its row at an offset. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Deletion(byte[] key, byte[] row, long offset) {}

    @Override
    public Rows open(Frame frame) {
        List<KeyRange> ranges = bounds.ranges(Eval.NO_ROW, frame);
        return new Versions(frame, ranges.iterator());
    }

    private final class Versions implements Rows {
        private final Frame frame;
        private final RowReader reader = new RowReader();
        private final Iterator<KeyRange> ranges;
        private final ReadView view;
        private @Nullable VersionCursor cursor;

        /** The version read last, if its row was deleted and that is still to be answered. */
        private @Nullable Deletion deletion;

        /** Whether the cursor stands on a version that is still to be answered. */
        private boolean unread;

        Versions(Frame frame, Iterator<KeyRange> ranges) {
            this.frame = frame;
            this.ranges = ranges;
            Long asOf = time.asOf();
            this.view =
                    asOf == null ? frame.context().view() : frame.context().tables().viewAt(asOf);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (true) {
                VersionCursor versions = cursor;
                if (versions == null) {
                    if (!ranges.hasNext()) {
                        return null;
                    }
                    int storage = table.storageId();
                    long from =
                            time.from() == ScanTime.Versions.ALL
                                    ? Math.max(0, view.horizon(storage))
                                    : time.from();
                    versions = view.versions(storage, ranges.next(), from, time.to());
                    cursor = versions;
                }
                while (advance(versions)) {
                    frame.tick();
                    if (deletion != null) {
                        @Nullable Object[] row = deleted(versions, deletion);
                        deletion = null;
                        if (row != null) {
                            return row;
                        }
                        continue;
                    }
                    unread = false;
                    @Nullable Object[] row = new @Nullable Object[decoder.width()];
                    byte[] bytes = versions.row();
                    decoder.decodeForFilter(reader, bytes, row);
                    if (pseudoColumns != null) {
                        pseudoColumns.fillVersion(view, row, versions);
                    }
                    if (time.deletions() && versions.endsDeleted()) {
                        deletion = new Deletion(versions.key(), bytes, versions.offsetTo());
                    }
                    if (filter == null || filter.test(row, frame)) {
                        decoder.decodeRest(reader, row);
                        return row;
                    }
                }
                close();
            }
        }

        /** To the next version, or past the last one if a deletion comes before that. */
        private boolean advance(VersionCursor versions) {
            if (unread) {
                return true;
            }
            unread = versions.next();
            return unread || deletion != null;
        }

        /** The time without the row that ended before the version that the cursor stands on. */
        private @Nullable Object @Nullable [] deleted(VersionCursor versions, Deletion ended) {
            boolean again = unread && Arrays.equals(versions.key(), ended.key());
            @Nullable Object[] row = new @Nullable Object[decoder.width()];
            decoder.decodeForFilter(reader, ended.row(), row);
            decoder.decodeRest(reader, row);
            for (int column : others) {
                row[column] = null;
            }
            if (pseudoColumns != null) {
                pseudoColumns.fillDeletion(
                        view,
                        row,
                        ended.offset(),
                        again ? versions.offsetFrom() : VersionCursor.LIVE);
            }
            return filter == null || filter.test(row, frame) ? row : null;
        }

        @Override
        public void close() {
            if (cursor != null) {
                cursor.close();
                cursor = null;
            }
        }
    }
}
