package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.VersionCursor;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowReader;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every version of a table's rows that was live at some offset of an interval. */
public final class VersionScan implements Operator {
    private final TableDef table;
    private final ScanTime.Versions time;
    private final KeyBounds bounds;
    private final RowDecoder decoder;
    private final @Nullable PseudoColumns pseudoColumns;
    private final @Nullable Eval filter;

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
    }

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

        Versions(Frame frame, Iterator<KeyRange> ranges) {
            this.frame = frame;
            this.ranges = ranges;
            this.view = frame.context().view();
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (true) {
                VersionCursor versions = cursor;
                if (versions == null) {
                    if (!ranges.hasNext()) {
                        return null;
                    }
                    versions =
                            view.versions(table.storageId(), ranges.next(), time.from(), time.to());
                    cursor = versions;
                }
                while (versions.next()) {
                    frame.tick();
                    @Nullable Object[] row = new @Nullable Object[decoder.width()];
                    byte[] bytes = versions.row();
                    decoder.decodeForFilter(reader, bytes, row);
                    if (pseudoColumns != null) {
                        pseudoColumns.fillVersion(view, row, versions);
                    }
                    if (filter == null || filter.test(row, frame)) {
                        decoder.decodeRest(reader, row);
                        return row;
                    }
                }
                close();
            }
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
