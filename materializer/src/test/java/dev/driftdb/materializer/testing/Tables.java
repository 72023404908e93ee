package dev.driftdb.materializer.testing;

import dev.driftdb.materializer.state.CatalogRows;
import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.IndexCursor;
import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.catalog.CatalogCodec;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.IndexDef.IndexColumn;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Table t (id int8 primary key, u int8 unique, g int8 with an index) and entries that change it.
 */
public final class Tables {
    public static final int TABLE = 16384;
    public static final int STORAGE = 16385;
    public static final int UNIQUE = 16386;
    public static final int GROUP = 16387;
    public static final int PRIMARY = 16388;
    public static final int OTHER_STORAGE = 16389;

    public static final List<ColumnDef> COLUMNS =
            List.of(
                    ColumnDef.of(1, "id", Types.INT8),
                    ColumnDef.of(2, "u", Types.INT8),
                    ColumnDef.of(3, "g", Types.INT8));

    public static final TableDef T = table(STORAGE, List.of(1));
    public static final IndexDef T_U = index(UNIQUE, "t_u_key", 2, true, false);
    public static final IndexDef T_G = index(GROUP, "t_g_idx", 3, false, false);
    public static final IndexDef T_PKEY = index(PRIMARY, "t_pkey", 1, true, true);

    public static final LogRecord.Metadata SQL =
            new LogRecord.Metadata("sql", "drift", "test", "INSERT", null);

    private static long nextId;

    private Tables() {}

    public static TableDef table(int storageId, List<Integer> keyColumns) {
        List<Constraint> constraints =
                keyColumns.isEmpty()
                        ? List.of()
                        : List.of(new Constraint.PrimaryKey(16390, "t_pkey", keyColumns, PRIMARY));
        return new TableDef(
                TABLE,
                SchemaDef.PUBLIC,
                "t",
                RoleDef.BOOTSTRAP,
                storageId,
                COLUMNS,
                keyColumns,
                constraints,
                Map.of());
    }

    public static IndexDef index(int id, String name, int column, boolean unique, boolean primary) {
        return new IndexDef(
                id,
                SchemaDef.PUBLIC,
                name,
                TABLE,
                List.of(IndexColumn.ascending(column)),
                unique,
                true,
                primary);
    }

    public static LogRecord.TransactionEntry createTable() {
        return entry(define(T), define(T_PKEY), define(T_U), define(T_G));
    }

    public static Change define(CatalogObject object) {
        return new Change.Put(
                SystemStorage.CATALOG,
                Change.Kind.INSERT,
                CatalogRows.key(object.id()),
                Bytes.wrap(CatalogCodec.encode(object)));
    }

    public static Change drop(int objectId) {
        return new Change.Delete(SystemStorage.CATALOG, CatalogRows.key(objectId));
    }

    public static Bytes key(long id) {
        return KeyCodec.key(List.of(Types.INT8), List.of(id));
    }

    public static Bytes indexKey(IndexDef index, @Nullable Long value) {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(value);
        return KeyCodec.indexKey(index, List.of(Types.INT8), values);
    }

    public static Bytes row(long id, @Nullable Long u, @Nullable Long g) {
        return Bytes.wrap(RowCodec.encode(COLUMNS, new @Nullable Object[] {id, u, g}));
    }

    public static Change put(long id, @Nullable Long u, @Nullable Long g) {
        return new Change.Put(STORAGE, Change.Kind.INSERT, key(id), row(id, u, g));
    }

    public static Change delete(long id) {
        return new Change.Delete(STORAGE, key(id));
    }

    public static LogRecord.TransactionEntry entry(Change... changes) {
        return entry(List.of(), changes);
    }

    public static LogRecord.TransactionEntry entry(
            List<Precondition> preconditions, Change... changes) {
        return new LogRecord.TransactionEntry(
                nextUuid(), SQL, preconditions, Arrays.asList(changes), 0);
    }

    public static synchronized UUID nextUuid() {
        return new UUID(7, nextId++);
    }

    public static StoredRow rowAt(ReadView view, long id) {
        StoredRow row = view.get(STORAGE, key(id));
        if (row == null) {
            throw new AssertionError("no row " + id + " at offset " + view.offset());
        }
        return row;
    }

    public static EntryInfo entryAt(ReadView view, long offset) {
        EntryInfo info = view.entry(offset);
        if (info == null) {
            throw new AssertionError("no entry at offset " + offset);
        }
        return info;
    }

    /** Rows of a storage as "id,u,g@offset". */
    public static List<String> rows(ReadView view, int storageId) {
        List<String> rows = new ArrayList<>();
        try (RowCursor cursor = view.scan(storageId, KeyRange.ALL, false)) {
            while (cursor.next()) {
                rows.add(text(cursor.row()) + "@" + cursor.offset());
            }
        }
        return rows;
    }

    public static String text(byte[] row) {
        StringBuilder text = new StringBuilder();
        for (@Nullable Object value : RowCodec.decode(COLUMNS, row)) {
            text.append(text.isEmpty() ? "" : ",").append(value);
        }
        return text.toString();
    }

    /** The rows that an index leads to, in its order, as "id,u,g". */
    public static List<String> byIndex(ReadView view, int indexId, boolean reverse) {
        TableDef table = view.catalog().findTable(TABLE);
        if (table == null) {
            throw new IllegalStateException("no table");
        }
        List<String> rows = new ArrayList<>();
        try (IndexCursor cursor = view.scanIndex(indexId, KeyRange.ALL, reverse)) {
            while (cursor.next()) {
                var row = view.get(table.storageId(), Bytes.wrap(cursor.rowKey()));
                rows.add(row == null ? "nothing" : text(row.row()));
            }
        }
        return rows;
    }
}
