package dev.driftdb.schemas.row;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows as bytes (docs/formats/rows.md): int8 format | varint column count | null bitmap | end
 * offset of each value | values. A value is found by its column number without reading the others.
 *
 * <p>Columns added after a row was written answer their {@link ColumnDef#missingValue()}. Safe for
 * any thread. For many columns of many rows use {@link RowReader}.
 */
public final class RowCodec {
    /** Format 1, end offsets of 2 bytes. */
    static final byte FORMAT_NARROW = 0x01;

    /** Format 1, end offsets of 4 bytes: the values exceed {@link #NARROW_BYTES_MAX}. */
    static final byte FORMAT_WIDE = (byte) 0x81;

    private static final int NARROW_BYTES_MAX = 65_535;
    private static final int VALUE_BYTES_GUESS = 10;

    private RowCodec() {}

    /**
     * @param columns all columns of the table, dropped ones included
     * @param values one value per column, in the Java class of the column's storage; null for NULL
     *     (and for dropped columns)
     */
    public static byte[] encode(List<ColumnDef> columns, @Nullable Object[] values) {
        if (columns.size() != values.length) {
            throw new IllegalArgumentException(
                    values.length + " values for " + columns.size() + " columns");
        }
        ByteSink sink = new ByteSink(8 + VALUE_BYTES_GUESS * values.length);
        if (!encode(sink, columns, values, false)) {
            sink.clear();
            encode(sink, columns, values, true);
        }
        return sink.toByteArray();
    }

    /** False if the values are too long for narrow offsets. */
    private static boolean encode(
            ByteSink sink, List<ColumnDef> columns, @Nullable Object[] values, boolean wide) {
        int count = values.length;
        int offsetBytes = wide ? Integer.BYTES : Short.BYTES;
        sink.int8(wide ? FORMAT_WIDE : FORMAT_NARROW);
        sink.varint(count);
        int bitmapBytes = ValueFormat.bitmapBytes(count);
        int bitmap = sink.reserve(bitmapBytes + count * offsetBytes);
        sink.zero(bitmap, bitmapBytes);
        int ends = bitmap + bitmapBytes;
        int start = sink.size();
        for (int i = 0; i < count; i++) {
            Object value = values[i];
            ColumnDef column = columns.get(i);
            if (value == null || column.dropped()) {
                sink.setBit(bitmap, i);
            } else {
                ValueFormat.write(sink, column.type(), value);
            }
            int end = sink.size() - start;
            if (wide) {
                sink.setInt32(ends + i * Integer.BYTES, end);
            } else if (end > NARROW_BYTES_MAX) {
                return false;
            } else {
                sink.setUint16(ends + i * Short.BYTES, end);
            }
        }
        return true;
    }

    /** All columns, dropped ones as null. */
    public static @Nullable Object[] decode(List<ColumnDef> columns, byte[] row) {
        RowReader reader = new RowReader();
        reader.reset(row);
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = reader.value(columns.get(i));
        }
        return values;
    }

    /** The value of one column; reads nothing else. */
    public static @Nullable Object decodeColumn(ColumnDef column, byte[] row) {
        RowReader reader = new RowReader();
        reader.reset(row);
        return reader.value(column);
    }

    /** One non-null value in the value format of its type. */
    public static Bytes encodeValue(SqlType type, Object value) {
        ByteSink sink = new ByteSink(16);
        ValueFormat.write(sink, type, value);
        return Bytes.wrap(sink.toByteArray());
    }

    /** Reads one value in the value format of its type from part of an array. */
    public static Object decodeValue(SqlType type, byte[] bytes, int from, int to) {
        return ValueFormat.read(type, bytes, from, to);
    }
}
