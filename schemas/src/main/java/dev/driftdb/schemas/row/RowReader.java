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
    private int valueFrom;
    private int valueTo;

    public RowReader() {}

    /**
     * Turns to another row; the array is read in place and must not change while it is read.
     *
     * @throws IllegalStateException if these are not the bytes of a row
     */
    public void reset(byte[] newRow) {
        reset(newRow, 0, newRow.length);
    }

    /** Turns to the row in a part of an array. */
    public void reset(byte[] newRow, int from, int to) {
        if (to - from < 2) {
            throw new IllegalStateException("a row of " + (to - from) + " bytes");
        }
        wide =
                switch (newRow[from]) {
                    case RowCodec.FORMAT_NARROW -> false;
                    case RowCodec.FORMAT_WIDE -> true;
                    default ->
                            throw new IllegalStateException("unknown row format " + newRow[from]);
                };
        row = newRow;
        count = newRow[from + 1];
        bitmap = from + 2;
        if (count < 0) {
            count = ValueFormat.readVarint(newRow, from + 1);
            bitmap = from + 1 + ValueFormat.varintLength(count);
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

    /**
     * Turns to a column of the row itself, whose bytes then are those from {@link #valueFrom()} to
     * {@link #valueTo()}. False for NULL, for a dropped column and for one that the row is too old
     * to have.
     */
    public boolean find(ColumnDef column) {
        int index = column.number() - 1;
        if (index >= count || column.dropped() || ValueFormat.bit(row, bitmap, index)) {
            return false;
        }
        valueFrom = index == 0 ? values : values + end(index - 1);
        valueTo = values + end(index);
        return true;
    }

    /** Whether the row is too old to have the column. */
    public boolean misses(ColumnDef column) {
        return column.number() > count;
    }

    /** The array that {@link #valueFrom()} and {@link #valueTo()} are positions in. */
    public byte[] bytes() {
        return row;
    }

    public int valueFrom() {
        return valueFrom;
    }

    public int valueTo() {
        return valueTo;
    }

    /** The found value of a type that is stored as an integer. */
    public long longValue() {
        return ValueFormat.readMinimalLong(row, valueFrom, valueTo);
    }

    /** The scale of the found numeric if its digits fit a long, else -1. */
    public int compactScale() {
        return ValueFormat.compactScale(row, valueFrom, valueTo);
    }

    /** The digits of the found numeric, whose {@link #compactScale()} is not negative. */
    public long compactDigits() {
        return ValueFormat.compactDigits(row, valueFrom, valueTo);
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
