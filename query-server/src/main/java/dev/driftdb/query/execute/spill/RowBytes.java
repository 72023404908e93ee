package dev.driftdb.query.execute.spill;

import dev.driftdb.query.execute.RowId;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TimeTz;
import dev.driftdb.schemas.type.Types;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows as bytes: int32 length, int32 columns, then for each a tag and, if it is not NULL, the value
 * in the value format of the row format. A buffer that is either written or read.
 */
final class RowBytes {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final byte NULL = 0;
    private static final byte LONG_VALUE = 1;
    private static final byte TRUE = 2;
    private static final byte FALSE = 3;
    private static final byte TEXT = 4;
    private static final byte NUMERIC = 5;
    private static final byte FLOAT8 = 6;
    private static final byte FLOAT4 = 7;
    private static final byte BYTES = 8;
    private static final byte INTERVAL = 9;
    private static final byte TIMETZ = 10;
    private static final byte UUID_VALUE = 11;
    private static final byte JSONB = 12;
    private static final byte ARRAY = 13;
    private static final byte ROW = 14;
    private static final byte ROW_ID = 15;
    private static final byte VALUES = 16;

    private byte[] bytes;
    private int from;
    private int to;

    RowBytes(int size) {
        bytes = new byte[size];
    }

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return to;
    }

    void clear() {
        from = 0;
        to = 0;
    }

    // ---- writing ----

    private void reserve(int count) {
        if (to + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, to + count));
        }
    }

    private void int32(int value) {
        reserve(Integer.BYTES);
        INT.set(bytes, to, value);
        to += Integer.BYTES;
    }

    private void tag(byte tag) {
        reserve(1);
        bytes[to++] = tag;
    }

    private void int64(long value) {
        reserve(Long.BYTES);
        LONG.set(bytes, to, value);
        to += Long.BYTES;
    }

    private void value(byte tag, SqlType type, Object value) {
        tag(tag);
        raw(RowCodec.encodeValue(type, value).array());
    }

    private void raw(byte[] value) {
        int32(value.length);
        reserve(value.length);
        System.arraycopy(value, 0, bytes, to, value.length);
        to += value.length;
    }

    /**
     * @throws SqlException 53200 for a value of a class that cannot be written
     */
    void writeRow(@Nullable Object[] row) {
        int start = to;
        int32(0);
        values(row);
        INT.set(bytes, start, to - start - Integer.BYTES);
    }

    private void values(@Nullable Object[] row) {
        int32(row.length);
        for (Object value : row) {
            write(value);
        }
    }

    private void write(@Nullable Object value) {
        switch (value) {
            case null -> tag(NULL);
            case Long number -> {
                tag(LONG_VALUE);
                int64(number);
            }
            case Boolean truth -> tag(truth ? TRUE : FALSE);
            case String text -> value(TEXT, Types.TEXT, text);
            case Numeric number -> value(NUMERIC, Types.NUMERIC, number);
            case Double number -> value(FLOAT8, Types.FLOAT8, number);
            case Float number -> value(FLOAT4, Types.FLOAT4, number);
            case Bytes data -> value(BYTES, Types.BYTEA, data);
            case Interval interval -> value(INTERVAL, Types.INTERVAL, interval);
            case TimeTz time -> value(TIMETZ, Types.TIMETZ, time);
            case UUID uuid -> value(UUID_VALUE, Types.UUID, uuid);
            case Jsonb json -> value(JSONB, Types.JSONB, json);
            case SqlArray array -> array(array);
            case SqlRow fields -> {
                tag(ROW);
                int32(fields.types().size());
                fields.types().forEach(type -> int32(type.oid()));
                values(fields.values().toArray());
            }
            case RowId id -> {
                tag(ROW_ID);
                int64(id.offset());
                raw(id.key().array());
            }
            case Object[] inner -> {
                tag(VALUES);
                values(inner);
            }
            default ->
                    throw new SqlException(SqlState.OUT_OF_MEMORY, "out of memory")
                            .withDetail(
                                    "Values of this kind cannot be written to a temporary file.");
        }
    }

    private void array(SqlArray array) {
        tag(ARRAY);
        int32(array.element().oid());
        int32(array.lengths().size());
        array.lengths().forEach(this::int32);
        array.lowerBounds().forEach(this::int32);
        values(array.values().toArray());
    }

    // ---- reading ----

    boolean hasRow() {
        return to - from >= Integer.BYTES
                && to - from - Integer.BYTES >= (int) INT.get(bytes, from);
    }

    /** Reads on from a place in a file until there is a row at least; how many bytes were read. */
    int fill(FileChannel channel, long position) throws IOException {
        System.arraycopy(bytes, from, bytes, 0, to - from);
        to -= from;
        from = 0;
        int total = 0;
        while (!hasRow()) {
            if (to >= Integer.BYTES) {
                int needed = Integer.BYTES + (int) INT.get(bytes, 0);
                if (needed > bytes.length) {
                    bytes = Arrays.copyOf(bytes, needed);
                }
            }
            int read =
                    channel.read(ByteBuffer.wrap(bytes, to, bytes.length - to), position + total);
            if (read <= 0) {
                throw new EOFException("a temporary file is shorter than its rows");
            }
            to += read;
            total += read;
        }
        return total;
    }

    @Nullable Object[] readRow() {
        from += Integer.BYTES;
        return readValues();
    }

    private int readInt32() {
        int value = (int) INT.get(bytes, from);
        from += Integer.BYTES;
        return value;
    }

    private long readInt64() {
        long value = (long) LONG.get(bytes, from);
        from += Long.BYTES;
        return value;
    }

    private @Nullable Object[] readValues() {
        @Nullable Object[] row = new @Nullable Object[readInt32()];
        for (int i = 0; i < row.length; i++) {
            row[i] = read();
        }
        return row;
    }

    private Object stored(SqlType type) {
        int length = readInt32();
        Object value = RowCodec.decodeValue(type, bytes, from, from + length);
        from += length;
        return value;
    }

    private @Nullable Object read() {
        byte tag = bytes[from++];
        return switch (tag) {
            case NULL -> null;
            case LONG_VALUE -> readInt64();
            case TRUE -> true;
            case FALSE -> false;
            case TEXT -> stored(Types.TEXT);
            case NUMERIC -> stored(Types.NUMERIC);
            case FLOAT8 -> stored(Types.FLOAT8);
            case FLOAT4 -> stored(Types.FLOAT4);
            case BYTES -> stored(Types.BYTEA);
            case INTERVAL -> stored(Types.INTERVAL);
            case TIMETZ -> stored(Types.TIMETZ);
            case UUID_VALUE -> stored(Types.UUID);
            case JSONB -> stored(Types.JSONB);
            case ARRAY -> readArray();
            case ROW -> {
                List<SqlType> types = new ArrayList<>();
                int count = readInt32();
                for (int i = 0; i < count; i++) {
                    types.add(Types.byOid(readInt32()));
                }
                yield new SqlRow(types, Collections.unmodifiableList(Arrays.asList(readValues())));
            }
            case ROW_ID -> {
                long offset = readInt64();
                int length = readInt32();
                Bytes key = Bytes.wrap(Arrays.copyOfRange(bytes, from, from + length));
                from += length;
                yield new RowId(key, offset);
            }
            case VALUES -> readValues();
            default -> throw new IllegalStateException("unknown tag " + tag);
        };
    }

    private SqlArray readArray() {
        SqlType element = Types.byOid(readInt32());
        int dimensions = readInt32();
        List<Integer> lengths = new ArrayList<>();
        List<Integer> lowerBounds = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            lengths.add(readInt32());
        }
        for (int i = 0; i < dimensions; i++) {
            lowerBounds.add(readInt32());
        }
        return new SqlArray(element, lengths, lowerBounds, Arrays.asList(readValues()));
    }
}
