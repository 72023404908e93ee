package dev.driftdb.materializer.state;

import dev.driftdb.schemas.type.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Keys and values of the column families as bytes; docs/formats/state.md draws them. */
final class Layout {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Storage or index id before each key. */
    static final int ID_BYTES = Integer.BYTES;

    static final int OFFSET_BYTES = Long.BYTES;

    static final byte HISTORY_DELETED = 0;
    static final byte HISTORY_ROW = 1;

    /** There was a row, which is dropped: what comes after it is an update. */
    static final byte HISTORY_CUT = 2;

    static final byte ENTRY_UNIQUE = 0;
    static final byte ENTRY_WITH_ROW_KEY = 1;

    /** meta: int64 applied offset | int64 last time | int128 last transaction id. */
    static final byte[] META_APPLIED = ascii("applied");

    /** meta: {@link UnfinishedEntry}. */
    static final byte[] META_UNFINISHED = ascii("unfinished");

    static final byte[] META_TOPIC = ascii("topic");
    static final byte[] META_FORMAT = ascii("format");
    private static final byte META_CATALOG_VERSION = 'c';
    private static final byte META_SOURCE = 's';

    /**
     * meta: this and int32 storage: from which offset on the history of the storage is whole in
     * this state.
     */
    static final byte META_HORIZON = 'h';

    /** meta: this and int32 storage: the newest entry that forgot rows of the storage. */
    static final byte META_FORGOTTEN = 'g';

    /** meta: int64 offset: what entries up to here have forgotten is in no file any more. */
    static final byte[] META_ERASED = ascii("erased");

    private Layout() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static int intAt(byte[] bytes, int position) {
        return (int) INT.get(bytes, position);
    }

    static long longAt(byte[] bytes, int position) {
        return (long) LONG.get(bytes, position);
    }

    static void putInt(byte[] bytes, int position, int value) {
        INT.set(bytes, position, value);
    }

    static void putLong(byte[] bytes, int position, long value) {
        LONG.set(bytes, position, value);
    }

    static byte[] longBytes(long value) {
        byte[] bytes = new byte[Long.BYTES];
        LONG.set(bytes, 0, value);
        return bytes;
    }

    /** int32 id | key. */
    static byte[] key(int id, byte[] key) {
        byte[] full = new byte[ID_BYTES + key.length];
        INT.set(full, 0, id);
        System.arraycopy(key, 0, full, ID_BYTES, key.length);
        return full;
    }

    /** The smallest key of an id. */
    static byte[] first(int id) {
        byte[] full = new byte[ID_BYTES];
        INT.set(full, 0, id);
        return full;
    }

    /** Above every key of an id. */
    static byte[] afterLast(int id) {
        return first(id + 1);
    }

    static byte[] lower(int id, KeyRange range) {
        return key(id, range.from().array());
    }

    static byte[] upper(int id, KeyRange range) {
        return range.to().length() == 0 ? afterLast(id) : key(id, range.to().array());
    }

    static byte[] withoutId(byte[] full) {
        return Arrays.copyOfRange(full, ID_BYTES, full.length);
    }

    /** current: int64 offset | row. */
    static byte[] currentValue(long offset, byte[] row) {
        byte[] value = new byte[OFFSET_BYTES + row.length];
        LONG.set(value, 0, offset);
        System.arraycopy(row, 0, value, OFFSET_BYTES, row.length);
        return value;
    }

    static StoredRow currentRow(byte[] value) {
        return new StoredRow(
                longAt(value, 0), Arrays.copyOfRange(value, OFFSET_BYTES, value.length));
    }

    /** history: int32 storage | key | int64 ~offset, so that newer versions come first. */
    static byte[] historyKey(int storageId, byte[] key, long offset) {
        byte[] full = new byte[ID_BYTES + key.length + OFFSET_BYTES];
        INT.set(full, 0, storageId);
        System.arraycopy(key, 0, full, ID_BYTES, key.length);
        LONG.set(full, ID_BYTES + key.length, ~offset);
        return full;
    }

    static long historyOffset(byte[] historyKey) {
        return ~longAt(historyKey, historyKey.length - OFFSET_BYTES);
    }

    static boolean isDeletion(byte[] historyValue) {
        return historyValue[0] == HISTORY_DELETED;
    }

    static boolean isCut(byte[] historyValue) {
        return historyValue[0] == HISTORY_CUT;
    }

    static byte[] rowOfHistory(byte[] historyValue) {
        return Arrays.copyOfRange(historyValue, 1, historyValue.length);
    }

    /** index: int32 index | columns, and | row key unless the columns alone are unique. */
    static byte[] entryKey(IndexEntry entry) {
        byte[] columns = entry.columns().array();
        byte[] rowKey = entry.unique() ? Bytes.EMPTY.array() : entry.rowKey().array();
        byte[] full = new byte[ID_BYTES + columns.length + rowKey.length];
        INT.set(full, 0, entry.indexId());
        System.arraycopy(columns, 0, full, ID_BYTES, columns.length);
        System.arraycopy(rowKey, 0, full, ID_BYTES + columns.length, rowKey.length);
        return full;
    }

    /** Of a value: int8 0 | row key, or int8 1 | int32 length of the columns. */
    static IndexEntry entry(byte[] full, byte[] value) {
        if (value[0] == ENTRY_UNIQUE) {
            return new IndexEntry(
                    intAt(full, 0),
                    Bytes.wrap(withoutId(full)),
                    Bytes.wrap(Arrays.copyOfRange(value, 1, value.length)),
                    true);
        }
        int end = ID_BYTES + intAt(value, 1);
        return new IndexEntry(
                intAt(full, 0),
                Bytes.wrap(Arrays.copyOfRange(full, ID_BYTES, end)),
                Bytes.wrap(Arrays.copyOfRange(full, end, full.length)),
                false);
    }

    /** The columns' length inside an entry's key, without the id. */
    static int entryColumnsLength(byte[] full, byte[] value) {
        return value[0] == ENTRY_UNIQUE ? full.length - ID_BYTES : intAt(value, 1);
    }

    static byte[] entryRowKey(byte[] full, byte[] value) {
        return value[0] == ENTRY_UNIQUE
                ? Arrays.copyOfRange(value, 1, value.length)
                : Arrays.copyOfRange(full, ID_BYTES + intAt(value, 1), full.length);
    }

    /** meta: 'c' | int64 offset of an entry that changed the catalog. */
    static byte[] catalogVersionKey(long offset) {
        byte[] key = new byte[1 + Long.BYTES];
        key[0] = META_CATALOG_VERSION;
        LONG.set(key, 1, offset);
        return key;
    }

    /** meta: int8 kind | int32 storage. */
    static byte[] storageKey(byte kind, int storageId) {
        byte[] key = new byte[1 + ID_BYTES];
        key[0] = kind;
        INT.set(key, 1, storageId);
        return key;
    }

    /** int64 offset | int64 time | int128 transaction id. */
    static byte[] appliedValue(long offset, long timestampMs, UUID transactionId) {
        byte[] value = new byte[4 * Long.BYTES];
        LONG.set(value, 0, offset);
        LONG.set(value, 8, timestampMs);
        LONG.set(value, 16, transactionId.getMostSignificantBits());
        LONG.set(value, 24, transactionId.getLeastSignificantBits());
        return value;
    }

    /** chunks: int128 transaction id | int32 number. */
    static byte[] chunkKey(UUID transactionId, int number) {
        byte[] key = new byte[2 * Long.BYTES + Integer.BYTES];
        LONG.set(key, 0, transactionId.getMostSignificantBits());
        LONG.set(key, 8, transactionId.getLeastSignificantBits());
        INT.set(key, 16, number);
        return key;
    }

    /** meta: 's' | int32 partition | topic in UTF-8. */
    static byte[] sourceKey(String topic, int partition) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        byte[] key = new byte[1 + Integer.BYTES + name.length];
        key[0] = META_SOURCE;
        INT.set(key, 1, partition);
        System.arraycopy(name, 0, key, 1 + Integer.BYTES, name.length);
        return key;
    }
}
