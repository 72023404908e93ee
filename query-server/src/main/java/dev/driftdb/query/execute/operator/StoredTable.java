package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.execute.RowId;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowReader;
import dev.driftdb.schemas.type.Bytes;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as a plan reads it: which columns, under which condition, at what time. Immutable.
 *
 * <p>Columns that the condition reads are decoded first; the others only for rows that pass.
 */
public final class StoredTable {
    /** How rows are found. */
    public sealed interface Access {
        KeyBounds bounds();

        /** By complete keys. */
        record Keys(KeyBounds bounds) implements Access {}

        /** In the order of keys. */
        record Scan(KeyBounds bounds, boolean reverse) implements Access {}

        /** In the order of an index. */
        record Index(IndexDef index, KeyBounds bounds, boolean reverse) implements Access {}
    }

    private static final ColumnTest.Run[] NO_TESTS = {};

    private final TableDef table;
    private final ScanTime time;
    private final RowDecoder decoder;
    private final List<ColumnTest> tests;
    private final @Nullable Eval filter;
    private final @Nullable PseudoColumns pseudoColumns;

    /** Of lookups, where they are measured. */
    private final @Nullable NodeMeasure measure;

    /**
     * @param tests what is asked of a row's bytes first
     * @param filter what is asked of the decoded row then
     */
    public StoredTable(
            TableDef table,
            ScanTime time,
            RowDecoder decoder,
            @Nullable PseudoColumns pseudoColumns,
            List<ColumnTest> tests,
            @Nullable Eval filter) {
        this(table, time, decoder, pseudoColumns, tests, filter, null);
    }

    private StoredTable(
            TableDef table,
            ScanTime time,
            RowDecoder decoder,
            @Nullable PseudoColumns pseudoColumns,
            List<ColumnTest> tests,
            @Nullable Eval filter,
            @Nullable NodeMeasure measure) {
        this.measure = measure;
        this.table = table;
        this.time = time;
        this.decoder = decoder;
        this.pseudoColumns = pseudoColumns;
        this.tests = List.copyOf(tests);
        this.filter = filter;
    }

    /** The same table, whose every opening is a run that is measured. */
    public StoredTable measured(NodeMeasure by) {
        return new StoredTable(table, time, decoder, pseudoColumns, tests, filter, by);
    }

    TableDef table() {
        return table;
    }

    /**
     * @param boundRow what the bounds read
     */
    Rows open(Frame frame, Access access, @Nullable Object[] boundRow) {
        return measure == null
                ? rows(frame, access, boundRow)
                : Measured.open(() -> rows(frame, access, boundRow), frame.context(), measure);
    }

    /** Only the rows whose keys a sample takes. */
    Rows open(Frame frame, Access.Scan access, KeySample sample) {
        return new CursorRows(
                frame, access.bounds().ranges(Eval.NO_ROW, frame), null, access.reverse(), sample);
    }

    private Rows rows(Frame frame, Access access, @Nullable Object[] boundRow) {
        return switch (access) {
            case Access.Keys keys -> new KeyRows(frame, keys.bounds().keys(boundRow, frame));
            case Access.Scan scan ->
                    new CursorRows(
                            frame,
                            scan.bounds().ranges(boundRow, frame),
                            null,
                            scan.reverse(),
                            null);
            case Access.Index index ->
                    new CursorRows(
                            frame,
                            index.bounds().ranges(boundRow, frame),
                            index.index(),
                            index.reverse(),
                            null);
        };
    }

    private ColumnTest.Run[] openTests(Frame frame) {
        if (tests.isEmpty()) {
            return NO_TESTS;
        }
        ColumnTest.Run[] runs = new ColumnTest.Run[tests.size()];
        for (int i = 0; i < runs.length; i++) {
            runs[i] = tests.get(i).open(frame);
        }
        return runs;
    }

    private @Nullable ReadView pastView(Frame frame) {
        return time instanceof ScanTime.At at ? frame.context().tables().viewAt(at.offset()) : null;
    }

    /** Whether the row passes; {@code scratch} becomes it. */
    private boolean accept(
            Frame frame,
            ColumnTest.Run[] runs,
            RowReader reader,
            @Nullable Object[] scratch,
            byte[] key,
            long offset) {
        for (ColumnTest.Run test : runs) {
            if (!test.test(reader)) {
                return false;
            }
        }
        decoder.decodeForFilter(reader, scratch);
        if (pseudoColumns != null) {
            pseudoColumns.fill(frame, scratch, key, offset);
        }
        if (filter != null && !filter.test(scratch, frame)) {
            return false;
        }
        decoder.decodeRest(reader, scratch);
        if (decoder.yieldsRowId()) {
            scratch[scratch.length - 1] = new RowId(Bytes.copyOf(key), offset);
        }
        return true;
    }

    private final class KeyRows implements Rows {
        private final Frame frame;
        private final RowReader reader = new RowReader();
        private final ColumnTest.Run[] runs;
        private final Iterator<Bytes> keys;
        private final @Nullable ReadView view;

        KeyRows(Frame frame, List<Bytes> keys) {
            this.frame = frame;
            this.runs = openTests(frame);
            this.keys = keys.iterator();
            this.view = pastView(frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (keys.hasNext()) {
                frame.tick();
                Bytes key = keys.next();
                StoredRow stored =
                        view == null
                                ? frame.context().tables().get(table, key)
                                : view.get(table.storageId(), key);
                if (stored != null) {
                    @Nullable Object[] row = new @Nullable Object[decoder.width()];
                    reader.reset(stored.row());
                    if (accept(frame, runs, reader, row, key.array(), stored.offset())) {
                        return row;
                    }
                }
            }
            return null;
        }

        @Override
        public void close() {}
    }

    private final class CursorRows implements Rows {
        private final Frame frame;
        private final RowReader reader = new RowReader();
        private final ColumnTest.Run[] runs;
        private final List<KeyRange> ranges;
        private final @Nullable IndexDef index;
        private final boolean reverse;
        private final @Nullable KeySample sample;
        private final @Nullable ReadView view;
        private int nextRange;
        private @Nullable RowCursor cursor;
        private @Nullable Object[] scratch = new @Nullable Object[decoder.width()];

        CursorRows(
                Frame frame,
                List<KeyRange> ranges,
                @Nullable IndexDef index,
                boolean reverse,
                @Nullable KeySample sample) {
            this.frame = frame;
            this.runs = openTests(frame);
            this.ranges = ranges;
            this.index = index;
            this.reverse = reverse;
            this.sample = sample;
            this.view = pastView(frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (true) {
                RowCursor rows = cursor;
                if (rows == null) {
                    if (nextRange == ranges.size()) {
                        return null;
                    }
                    rows =
                            openRange(
                                    ranges.get(
                                            reverse ? ranges.size() - 1 - nextRange : nextRange));
                    nextRange++;
                    cursor = rows;
                }
                boolean keyRead = decoder.yieldsRowId() || pseudoColumns != null;
                boolean reads = decoder.readsColumns() || runs.length > 0;
                while (rows.next()) {
                    frame.tick();
                    if (sample != null && !sample.takes(rows.key())) {
                        continue;
                    }
                    byte[] key = keyRead ? rows.key() : Bytes.EMPTY.array();
                    if (reads) {
                        reader.reset(rows.buffer(), rows.from(), rows.to());
                    }
                    long offset = keyRead ? rows.offset() : 0;
                    if (accept(frame, runs, reader, scratch, key, offset)) {
                        @Nullable Object[] row = scratch;
                        scratch = new @Nullable Object[decoder.width()];
                        return row;
                    }
                }
                close();
            }
        }

        private RowCursor openRange(KeyRange range) {
            if (view != null) {
                return view.scan(table.storageId(), range, reverse);
            }
            return index == null
                    ? frame.context().tables().scan(table, range, reverse)
                    : frame.context().tables().scanIndex(table, index, range, reverse);
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
