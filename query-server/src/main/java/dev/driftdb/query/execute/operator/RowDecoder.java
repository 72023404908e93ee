package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.RowId;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowReader;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decodes those columns of stored rows that a plan reads; the others stay null. Immutable. */
public final class RowDecoder {
    private final ColumnDef[] filterColumns;
    private final int[] filterSlots;
    private final ColumnDef[] otherColumns;
    private final int[] otherSlots;
    private final int width;
    private final boolean rowId;

    /**
     * @param width columns of a row, pseudo-columns included, the row id not
     * @param needed the positions of visible columns that are read at all
     * @param forFilter those that the scan's own condition reads
     * @param rowId whether rows end in a {@link RowId}
     */
    public RowDecoder(TableDef table, int width, BitSet needed, BitSet forFilter, boolean rowId) {
        List<ColumnDef> visible = table.visibleColumns();
        List<Integer> first = new ArrayList<>();
        List<Integer> rest = new ArrayList<>();
        for (int i = 0; i < visible.size(); i++) {
            if (forFilter.get(i)) {
                first.add(i);
            } else if (needed.get(i)) {
                rest.add(i);
            }
        }
        this.filterSlots = first.stream().mapToInt(Integer::intValue).toArray();
        this.filterColumns = first.stream().map(visible::get).toArray(ColumnDef[]::new);
        this.otherSlots = rest.stream().mapToInt(Integer::intValue).toArray();
        this.otherColumns = rest.stream().map(visible::get).toArray(ColumnDef[]::new);
        this.width = width + (rowId ? 1 : 0);
        this.rowId = rowId;
    }

    int width() {
        return width;
    }

    /** Whether it decodes anything of a row. */
    boolean readsColumns() {
        return filterSlots.length > 0 || otherSlots.length > 0;
    }

    boolean yieldsRowId() {
        return rowId;
    }

    /** Turns the reader to the row and decodes what the condition reads. */
    void decodeForFilter(RowReader reader, byte[] row, @Nullable Object[] target) {
        if (filterSlots.length > 0 || otherSlots.length > 0) {
            reader.reset(row);
            decode(filterColumns, filterSlots, reader, target);
        }
    }

    /** Decodes what the condition reads of the row that the reader stands on. */
    void decodeForFilter(RowReader reader, @Nullable Object[] target) {
        decode(filterColumns, filterSlots, reader, target);
    }

    /** Decodes the other columns of the row that the reader stands on. */
    void decodeRest(RowReader reader, @Nullable Object[] target) {
        decode(otherColumns, otherSlots, reader, target);
    }

    /** The one row, which ends in its id; none if the condition does not hold for it. */
    Rows single(Bytes key, StoredRow stored, @Nullable Eval condition, Frame frame) {
        RowReader reader = new RowReader();
        @Nullable Object[] row = new @Nullable Object[width];
        decodeForFilter(reader, stored.row(), row);
        if (condition != null && !condition.test(row, frame)) {
            return Rows.NONE;
        }
        decodeRest(reader, row);
        row[width - 1] = new RowId(key, stored.offset());
        return Rows.of(Collections.singletonList(row));
    }

    private static void decode(
            ColumnDef[] columns, int[] slots, RowReader reader, @Nullable Object[] target) {
        for (int i = 0; i < slots.length; i++) {
            target[slots[i]] = reader.value(columns[i]);
        }
    }
}
