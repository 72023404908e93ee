package dev.driftdb.schemas.row;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Reads the columns of one row after the other: {@link #reset} to a row, then {@link #value} for
 * each wanted column, in any order. Allocates nothing but the values. Owned by one thread.
 */
public final class RowReader {
    private static final byte[] NO_ROW = new byte[0];

    private byte[] row = NO_ROW;
    private int count;
    private int bitmap;
    private int ends;
    private int values;
    private boolean wide;

    public RowReader() {}

    /**
     * Turns to another row; the array is read in place and must not change while it is read.
     *
     * @throws IllegalStateException if these are not the bytes of a row
     */
    public void reset(byte[] newRow) {
        if (newRow.length < 2) {
            throw new IllegalStateException("a row of " + newRow.length + " bytes");
        }
        wide =
                switch (newRow[0]) {
                    case RowCodec.FORMAT_NARROW -> false;
                    case RowCodec.FORMAT_WIDE -> true;
                    default -> throw new IllegalStateException("unknown row format " + newRow[0]);
                };
        row = newRow;
        count = newRow[1];
        bitmap = 2;
        if (count < 0) {
            count = ValueFormat.readVarint(newRow, 1);
            bitmap = 1 + ValueFormat.varintLength(count);
        }
        ends = bitmap + ValueFormat.bitmapBytes(count);
        values = ends + count * (wide ? Integer.BYTES : Short.BYTES);
    }

    /** The column's value; null for NULL and for a dropped column. */
    public @Nullable Object value(ColumnDef column) {
        int index = column.number() - 1;
        if (column.dropped()) {
            return null;
        }
        if (index >= count) {
            Bytes missing = column.missingValue();
            return missing == null
                    ? null
                    : ValueFormat.read(column.type(), missing.array(), 0, missing.length());
        }
        if (ValueFormat.bit(row, bitmap, index)) {
            return null;
        }
        int from = index == 0 ? values : values + end(index - 1);
        return ValueFormat.read(column.type(), row, from, values + end(index));
    }

    /** Whether {@link #value} would answer null; reads no value. */
    public boolean isNull(ColumnDef column) {
        int index = column.number() - 1;
        return column.dropped()
                || (index >= count
                        ? column.missingValue() == null
                        : ValueFormat.bit(row, bitmap, index));
    }

    private int end(int index) {
        return wide
                ? (int) ByteSink.INT.get(row, ends + index * Integer.BYTES)
                : (short) ByteSink.SHORT.get(row, ends + index * Short.BYTES) & 0xffff;
    }
}
