package dev.driftdb.query.function;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.VersionCursor;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.row.RowReader;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What driftdb.diff answers: how the rows of a table at one offset differ from those at another, in
 * key order. Rows of each key are compared as they are at the two offsets, whatever was between.
 *
 * <p>Where the table's rows were stored anew between them, both states are read and merged; else
 * one pass over the versions of rows finds both.
 */
public final class TableDiff {
    private static final int OID = 199_110;

    /** Versions read before it is asked whether to go on. */
    private static final int CHECK_EVERY = 256;

    /** A column of the answer. */
    public record Column(String name, SqlType type, int typmod) {}

    private final TableDef table;
    private final int firstStorage;
    private final long first;
    private final long last;
    private final boolean inverse;
    private final List<ColumnDef> keys;
    private final List<ColumnDef> others;
    private final List<Column> columns;

    /**
     * @param table as it is at the later of the two offsets
     * @param firstStorage where its rows were at the earlier one
     */
    public TableDiff(TableDef table, int firstStorage, long from, long to) {
        this.table = table;
        this.firstStorage = firstStorage;
        this.first = Math.min(from, to);
        this.last = Math.max(from, to);
        this.inverse = from > to;
        this.keys = table.keyColumns().stream().map(table::column).toList();
        this.others =
                table.visibleColumns().stream()
                        .filter(column -> !table.keyColumns().contains(column.number()))
                        .toList();
        this.columns = List.copyOf(makeColumns());
    }

    private List<Column> makeColumns() {
        List<Column> made = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (ColumnDef key : keys) {
            taken.add(key.name());
            made.add(new Column(key.name(), key.type(), key.typmod()));
        }
        if (keys.isEmpty()) {
            made.add(new Column(free("_offset", taken), Types.INT8, -1));
            made.add(new Column(free("_ordinal", taken), Types.INT4, -1));
        }
        made.add(new Column(free("op", taken), Types.TEXT, -1));
        for (ColumnDef column : others) {
            for (String side : List.of("_before", "_after")) {
                made.add(
                        new Column(
                                free(column.name() + side, taken), column.type(), column.typmod()));
            }
        }
        return made;
    }

    /** The name, with underscores behind it if another column has it. */
    private static String free(String name, Set<String> taken) {
        String found = name;
        while (!taken.add(found)) {
            found += "_";
        }
        return found;
    }

    /** Key columns (of a table without a key: those of its row id), op, then two for each other. */
    public List<Column> columns() {
        return columns;
    }

    /** A function without arguments that answers the differences. */
    public TableFunction function() {
        return new TableFunction(
                OID,
                "driftdb",
                "diff",
                List.of(),
                false,
                0,
                columns.stream().map(Column::name).toList(),
                columns.stream().map(Column::type).toList(),
                false,
                (_, context) -> new Differences(context));
    }

    /** What the rows under one key after the other were at both offsets. */
    private abstract static class Pairs implements AutoCloseable {
        private final EvalContext context;
        private int read;
        byte[] key = new byte[0];
        byte @Nullable [] before;
        byte @Nullable [] after;

        /** Whether that is known to be no difference: one version, or none. */
        boolean same;

        Pairs(EvalContext context) {
            this.context = context;
        }

        abstract boolean next();

        /** Passes on whether there was something to be read. */
        boolean read(boolean found) {
            if (++read % CHECK_EVERY == 0) {
                context.checkCanceled();
            }
            return found;
        }

        @Override
        public abstract void close();
    }

    /** From all versions between. */
    private final class OnePass extends Pairs {
        private final VersionCursor versions;
        private boolean more;

        OnePass(EvalContext context, ReadView view) {
            super(context);
            versions = view.versions(table.storageId(), KeyRange.ALL, first, last);
            more = read(versions.next());
        }

        @Override
        boolean next() {
            if (!more) {
                return false;
            }
            key = versions.key();
            before = null;
            after = null;
            same = true;
            do {
                boolean isBefore = versions.offsetFrom() <= first && versions.offsetTo() > first;
                boolean isAfter = versions.offsetFrom() <= last && versions.offsetTo() > last;
                byte[] row = isBefore || isAfter ? versions.row() : null;
                before = isBefore ? row : before;
                after = isAfter ? row : after;
                same &= isBefore == isAfter;
                more = read(versions.next());
            } while (more && Arrays.equals(versions.key(), key));
            return true;
        }

        @Override
        public void close() {
            versions.close();
        }
    }

    /** From two states: their rows are in different storages, or what was between is not kept. */
    private final class TwoStates extends Pairs {
        private final RowCursor firstRows;
        private final RowCursor lastRows;
        private boolean moreFirst;
        private boolean moreLast;

        TwoStates(EvalContext context) {
            super(context);
            firstRows = context.viewAt(first).scan(firstStorage, KeyRange.ALL, false);
            lastRows = context.viewAt(last).scan(table.storageId(), KeyRange.ALL, false);
            moreFirst = read(firstRows.next());
            moreLast = read(lastRows.next());
        }

        @Override
        boolean next() {
            if (!moreFirst && !moreLast) {
                return false;
            }
            int order =
                    !moreLast
                            ? -1
                            : !moreFirst
                                    ? 1
                                    : Arrays.compareUnsigned(firstRows.key(), lastRows.key());
            key = order <= 0 ? firstRows.key() : lastRows.key();
            before = order <= 0 ? firstRows.row() : null;
            after = order >= 0 ? lastRows.row() : null;
            if (order <= 0) {
                moreFirst = read(firstRows.next());
            }
            if (order >= 0) {
                moreLast = read(lastRows.next());
            }
            return true;
        }

        @Override
        public void close() {
            try (firstRows) {
                lastRows.close();
            }
        }
    }

    private final class Differences implements HeldRows {
        private final Pairs pairs;
        private final RowReader beforeReader = new RowReader();
        private final RowReader afterReader = new RowReader();
        private @Nullable Object @Nullable [] next;

        Differences(EvalContext context) {
            ReadView view = context.view();
            pairs =
                    firstStorage == table.storageId() && view.horizon(firstStorage) <= first
                            ? new OnePass(context, view)
                            : new TwoStates(context);
        }

        @Override
        public boolean hasNext() {
            while (next == null && pairs.next()) {
                byte[] before = inverse ? pairs.after : pairs.before;
                byte[] after = inverse ? pairs.before : pairs.after;
                if (!pairs.same) {
                    next = row(pairs.key, before, after);
                }
            }
            return next != null;
        }

        @Override
        public @Nullable Object[] next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            @Nullable Object[] row = next;
            next = null;
            return row;
        }

        /** Null if the two are the same. */
        private @Nullable Object @Nullable [] row(
                byte[] key, byte @Nullable [] before, byte @Nullable [] after) {
            RowReader old = reader(beforeReader, before);
            RowReader now = reader(afterReader, after);
            if (old != null && now != null && isSame(old, now)) {
                return null;
            }
            @Nullable Object[] row = new @Nullable Object[columns.size()];
            int at = 0;
            if (keys.isEmpty()) {
                ByteBuffer rowId = ByteBuffer.wrap(key);
                row[at++] = rowId.getLong();
                row[at++] = (long) rowId.getInt();
            }
            for (ColumnDef column : keys) {
                row[at++] = value(now == null ? old : now, column);
            }
            row[at++] = old == null ? "insert" : now == null ? "delete" : "update";
            for (ColumnDef column : others) {
                row[at++] = value(old, column);
                row[at++] = value(now, column);
            }
            return row;
        }

        private static @Nullable RowReader reader(RowReader reader, byte @Nullable [] row) {
            if (row == null) {
                return null;
            }
            reader.reset(row);
            return reader;
        }

        private static @Nullable Object value(@Nullable RowReader reader, ColumnDef column) {
            return reader == null ? null : reader.value(column);
        }

        private boolean isSame(RowReader old, RowReader now) {
            return Arrays.equals(old.bytes(), now.bytes())
                    || (keys.stream().allMatch(column -> isSame(old, now, column))
                            && others.stream().allMatch(column -> isSame(old, now, column)));
        }

        private static boolean isSame(RowReader old, RowReader now, ColumnDef column) {
            if (old.find(column) && now.find(column)) {
                return Arrays.equals(
                        old.bytes(),
                        old.valueFrom(),
                        old.valueTo(),
                        now.bytes(),
                        now.valueFrom(),
                        now.valueTo());
            }
            Object one = old.value(column);
            Object other = now.value(column);
            if (one == null || other == null) {
                return Objects.equals(one, other);
            }
            return RowCodec.encodeValue(column.type(), one)
                    .equals(RowCodec.encodeValue(column.type(), other));
        }

        @Override
        public void close() {
            pairs.close();
        }
    }
}
