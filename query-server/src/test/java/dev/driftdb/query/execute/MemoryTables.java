package dev.driftdb.query.execute;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tables in sorted maps, with the real row and key formats. Every statement is one offset. */
final class MemoryTables implements TableAccess {
    private final Map<Integer, TreeMap<Bytes, StoredRow>> rows = new HashMap<>();
    private Catalog catalog;
    private long offset;
    private int ordinal;
    boolean indexes = true;
    int fullScans;

    /** Called before a row is locked: where another transaction may come in between. */
    @Nullable Runnable beforeLock;

    MemoryTables(Catalog catalog) {
        this.catalog = catalog;
    }

    void catalog(Catalog newCatalog) {
        catalog = newCatalog;
    }

    void nextStatement() {
        offset++;
        ordinal = 0;
    }

    private TreeMap<Bytes, StoredRow> rows(TableDef table) {
        return rows.computeIfAbsent(table.storageId(), _ -> new TreeMap<>());
    }

    @Override
    public @Nullable StoredRow get(TableDef table, Bytes key) {
        return rows(table).get(key);
    }

    private static final class Streaming implements RowCursor {
        private final Iterator<Map.Entry<Bytes, StoredRow>> rows;
        private Map.@Nullable Entry<Bytes, StoredRow> current;

        Streaming(Iterator<Map.Entry<Bytes, StoredRow>> rows) {
            this.rows = rows;
        }

        @Override
        public boolean next() {
            current = rows.hasNext() ? rows.next() : null;
            return current != null;
        }

        @Override
        public byte[] key() {
            return Objects.requireNonNull(current).getKey().array();
        }

        @Override
        public byte[] row() {
            return Objects.requireNonNull(current).getValue().row();
        }

        @Override
        public long offset() {
            return Objects.requireNonNull(current).getValue().offset();
        }

        @Override
        public void close() {}
    }

    private record Entry(Bytes key, StoredRow row) {}

    @Override
    public RowCursor scan(TableDef table, KeyRange range, boolean reverse) {
        if (range.equals(KeyRange.ALL)) {
            fullScans++;
            if (!reverse) {
                return new Streaming(rows(table).entrySet().iterator());
            }
        }
        List<Entry> list = new ArrayList<>();
        rows(table)
                .forEach((key, row) -> {
                    if (range.contains(key)) {
                        list.add(new Entry(key, row));
                    }
                });
        return cursor(list, reverse);
    }

    private static RowCursor cursor(List<Entry> list, boolean reverse) {
        if (reverse) {
            Collections.reverse(list);
        }
        return new RowCursor() {
            private int position = -1;

            @Override
            public boolean next() {
                return ++position < list.size();
            }

            @Override
            public byte[] key() {
                return list.get(position).key().array();
            }

            @Override
            public byte[] row() {
                return list.get(position).row().row();
            }

            @Override
            public long offset() {
                return list.get(position).row().offset();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public boolean hasIndexes() {
        return indexes;
    }

    @Override
    public RowCursor scanIndex(TableDef table, IndexDef index, KeyRange range, boolean reverse) {
        TreeMap<Bytes, List<Entry>> sorted = new TreeMap<>();
        rows(table)
                .forEach((key, row) -> {
                    Bytes indexKey =
                            indexKey(table, index, RowCodec.decode(table.columns(), row.row()));
                    if (range.contains(indexKey)) {
                        sorted.computeIfAbsent(indexKey, _ -> new ArrayList<>())
                                .add(new Entry(key, row));
                    }
                });
        List<Entry> list = new ArrayList<>();
        sorted.values().forEach(list::addAll);
        return cursor(list, reverse);
    }

    private static Bytes indexKey(TableDef table, IndexDef index, @Nullable Object[] values) {
        List<SqlType> types = new ArrayList<>();
        List<@Nullable Object> parts = new ArrayList<>();
        for (IndexDef.IndexColumn column : index.columns()) {
            types.add(table.column(column.number()).type());
            parts.add(values[column.number() - 1]);
        }
        return KeyCodec.indexKey(index, types, parts);
    }

    @Override
    public ReadView viewAt(long at) {
        throw new UnsupportedOperationException("no past in memory");
    }

    private Bytes key(TableDef table, @Nullable Object[] values) {
        if (!table.hasPrimaryKey()) {
            return KeyCodec.rowId(offset, ordinal++);
        }
        List<SqlType> types = new ArrayList<>();
        List<@Nullable Object> parts = new ArrayList<>();
        for (int number : table.keyColumns()) {
            types.add(table.column(number).type());
            parts.add(values[number - 1]);
        }
        return KeyCodec.key(types, parts);
    }

    @Override
    public Bytes insert(TableDef table, @Nullable Object[] values) {
        if (table.hasPrimaryKey() && findConflict(table, values, null) != null) {
            throw new SqlException(SqlState.UNIQUE_VIOLATION, "duplicate key");
        }
        Bytes key = key(table, values);
        put(table, key, values);
        return key;
    }

    /** Stores a row without looking for others. */
    void load(TableDef table, @Nullable Object[] values) {
        put(table, key(table, values), values);
    }

    private void put(TableDef table, Bytes key, @Nullable Object[] values) {
        rows(table).put(key, new StoredRow(offset, RowCodec.encode(table.columns(), values)));
    }

    @Override
    public @Nullable Bytes findConflict(
            TableDef table, @Nullable Object[] values, @Nullable IndexDef index) {
        for (IndexDef candidate : catalog.indexesOf(table.id())) {
            if (!candidate.unique() || (index != null && index.id() != candidate.id())) {
                continue;
            }
            Bytes wanted = indexKey(table, candidate, values);
            for (Map.Entry<Bytes, StoredRow> row : rows(table).entrySet()) {
                @Nullable Object[] stored = RowCodec.decode(table.columns(), row.getValue().row());
                if (indexKey(table, candidate, stored).equals(wanted)) {
                    return row.getKey();
                }
            }
        }
        return null;
    }

    @Override
    public void update(
            TableDef table, Bytes key, @Nullable Object[] old, @Nullable Object[] values) {
        Bytes newKey = table.hasPrimaryKey() ? key(table, values) : key;
        if (!newKey.equals(key)) {
            rows(table).remove(key);
        }
        put(table, newKey, values);
    }

    @Override
    public void delete(TableDef table, Bytes key, @Nullable Object[] old) {
        rows(table).remove(key);
    }

    @Override
    public @Nullable StoredRow lock(
            TableDef table, Bytes key, RowLockStrength strength, RowWait wait) {
        Runnable intruder = beforeLock;
        if (intruder != null) {
            beforeLock = null;
            intruder.run();
        }
        return rows(table).get(key);
    }
}
