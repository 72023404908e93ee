package dev.driftdb.schemas.row;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys as bytes whose unsigned order is the order of the values (docs/formats/keys.md). Every
 * column's encoding ends itself, so a key of the first columns is a prefix of the whole, and no key
 * is a prefix of another of the same columns. Equal values have equal bytes.
 *
 * <p>A column is: int8 tag (01 NULL before values, 02 value, 03 NULL after values) | value. All
 * integer-like types share 8 bytes, so that a key does not depend on the literal's width.
 */
public final class KeyCodec {
    static final int TAG_NULL_FIRST = 1;
    static final int TAG_VALUE = 2;
    static final int TAG_NULL_LAST = 3;

    private static final int CAPACITY_BYTES = 32;

    private KeyCodec() {}

    /** Grows a key column by column. Not thread-safe. */
    public static final class Writer {
        private final ByteSink sink = new ByteSink(CAPACITY_BYTES);

        public Writer() {}

        /**
         * @param value null for NULL
         * @param descending all bytes of the value inverted; its tag stays
         * @param nullsFirst whether NULL sorts before values in the index's own order
         */
        public Writer add(
                SqlType type, @Nullable Object value, boolean descending, boolean nullsFirst) {
            if (value == null) {
                sink.int8(nullsFirst ? TAG_NULL_FIRST : TAG_NULL_LAST);
                return this;
            }
            sink.int8(TAG_VALUE);
            int start = sink.size();
            KeyFormat.write(sink, type, value);
            if (descending) {
                sink.invert(start);
            }
            return this;
        }

        /** An ascending column with NULLs last, PostgreSQL's default. */
        public Writer add(SqlType type, @Nullable Object value) {
            return add(type, value, false, false);
        }

        /**
         * Adds a column of the row that a reader has been turned to.
         *
         * @return false for NULL
         */
        public boolean add(
                RowReader row, ColumnDef column, boolean descending, boolean nullsFirst) {
            if (row.find(column)
                    && column.type().storage() == Storage.LONG
                    && !column.type().base().equals(Types.PG_LSN)) {
                sink.int8(TAG_VALUE);
                long value = row.longValue() ^ Long.MIN_VALUE;
                sink.int64(descending ? ~value : value);
                return true;
            }
            Object value = row.value(column);
            add(column.type(), value, descending, nullsFirst);
            return value != null;
        }

        /** Starts a new key in the same buffer. */
        public Writer reset() {
            sink.clear();
            return this;
        }

        /** A copy of the key so far. */
        public Bytes toBytes() {
            return Bytes.wrap(sink.toByteArray());
        }
    }

    /** A primary key: ascending columns, never NULL. */
    public static Bytes key(List<SqlType> types, List<?> values) {
        if (types.size() != values.size()) {
            throw new IllegalArgumentException(
                    values.size() + " values for a key of " + types.size() + " columns");
        }
        if (types.size() == 1
                && values.get(0) instanceof Long value
                && !types.get(0).base().equals(Types.PG_LSN)) {
            return key(value);
        }
        Writer writer = new Writer();
        for (int i = 0; i < types.size(); i++) {
            Object value = values.get(i);
            if (value == null) {
                throw new IllegalArgumentException("NULL in a primary key");
            }
            writer.add(types.get(i), value, false, false);
        }
        return writer.toBytes();
    }

    /**
     * The primary key of one integer-like column: a quick way to {@link #key(List, List)}. Also the
     * key of the system storages, whose rows have an object id.
     */
    public static Bytes key(long value) {
        byte[] bytes = new byte[1 + Long.BYTES];
        bytes[0] = TAG_VALUE;
        ByteSink.LONG.set(bytes, 1, value ^ Long.MIN_VALUE);
        return Bytes.wrap(bytes);
    }

    /** The columns of an index's entry (without the row's key). */
    public static Bytes indexKey(
            IndexDef index, List<SqlType> types, List<@Nullable Object> values) {
        List<IndexDef.IndexColumn> columns = index.columns();
        if (types.size() != columns.size() || values.size() != columns.size()) {
            throw new IllegalArgumentException(
                    values.size() + " values for the columns of index " + index.name());
        }
        Writer writer = new Writer();
        for (int i = 0; i < columns.size(); i++) {
            IndexDef.IndexColumn column = columns.get(i);
            writer.add(types.get(i), values.get(i), column.descending(), column.nullsFirst());
        }
        return writer.toBytes();
    }

    /** The key of a row of a table without a primary key: int64 offset | int32 ordinal. */
    public static Bytes rowId(long offset, int ordinal) {
        byte[] bytes = new byte[Long.BYTES + Integer.BYTES];
        ByteSink.LONG.set(bytes, 0, offset);
        ByteSink.INT.set(bytes, Long.BYTES, ordinal);
        return Bytes.wrap(bytes);
    }

    /** The smallest byte string above every one that begins with this prefix; empty if none. */
    public static Bytes after(Bytes prefix) {
        byte[] bytes = prefix.array();
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == (byte) 0xff) {
            length--;
        }
        if (length == 0) {
            return Bytes.EMPTY;
        }
        byte[] next = Arrays.copyOf(bytes, length);
        next[length - 1]++;
        return Bytes.wrap(next);
    }

    /**
     * Whether values of the type have an order-preserving key: all but json, jsonb, jsonpath,
     * pg_node_tree, row, pseudo-types and arrays of those.
     */
    public static boolean isKeyable(SqlType type) {
        if (type.isDomain()) {
            return isKeyable(type.base());
        }
        return switch (type.storage()) {
            case BOOLEAN, LONG, ENUM, FLOAT4, FLOAT8, NUMERIC, BYTES, INTERVAL, TIMETZ, UUID ->
                    true;
            case TEXT ->
                    !type.equals(Types.JSON)
                            && !type.equals(Types.JSONPATH)
                            && !type.equals(Types.PG_NODE_TREE)
                            && !type.isPseudo();
            case ARRAY -> type.isArray() && isKeyable(type.element());
            case JSONB, ROW, NONE -> false;
        };
    }
}
