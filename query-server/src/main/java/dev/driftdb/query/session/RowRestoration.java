package dev.driftdb.query.session;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes single rows of a table what they were under an earlier definition of it, as ordinary
 * changes. Columns that were added since keep their values, or get their defaults.
 */
final class RowRestoration {
    /** A column of now and the one that it was. */
    private record Restored(ColumnDef column, ColumnDef was, @Nullable CastDef cast) {}

    private final StatementContext context;
    private final TableDef table;
    private final TableDef before;
    private final String statement;
    private final RowChecks checks;
    private final List<Restored> columns = new ArrayList<>();
    private final Set<Integer> given = new HashSet<>();

    /**
     * @param before with which the rows of then were written
     * @param statement what asks for it, for messages
     * @throws SqlException 42809 for a materialized view, 0A000 for a column whose type of then is
     *     not that of now
     */
    RowRestoration(StatementContext context, TableDef table, TableDef before, String statement) {
        if (context.catalog().materializedView(table.id()) != null) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE, "\"" + table.name() + "\" is not a table");
        }
        this.context = context;
        this.table = table;
        this.before = before;
        this.statement = statement;
        this.checks = new RowChecks(context, context.definitions(), table);
        for (ColumnDef column : table.visibleColumns()) {
            ColumnDef was = columnThen(column);
            if (was != null && !column.isGenerated()) {
                columns.add(new Restored(column, was, cast(was, column)));
                given.add(column.number());
            }
        }
    }

    /** By its number, which a column keeps; in another table of the same name by its name. */
    @Nullable ColumnDef columnThen(ColumnDef column) {
        if (before.id() != table.id()) {
            return before.findColumn(column.name());
        }
        ColumnDef same =
                column.number() <= before.columns().size() ? before.column(column.number()) : null;
        return same == null || same.dropped() ? null : same;
    }

    private @Nullable CastDef cast(ColumnDef was, ColumnDef column) {
        if (was.type().equals(column.type())) {
            return null;
        }
        CastDef cast = context.functions().cast(was.type(), column.type());
        if (cast == null || cast.context() == CastDef.Context.EXPLICIT) {
            throw SqlException.notSupported(
                    statement
                            + " of column \""
                            + column.name()
                            + "\", which was of type "
                            + was.type().sqlName()
                            + " then,");
        }
        return cast;
    }

    /** The newest row under a key; null if there is none, or this transaction has emptied it. */
    @Nullable StoredRow lock(Bytes key, RowLockStrength strength) {
        StoredRow row = context.access().lock(table, key, strength, RowWait.WAIT);
        boolean gone =
                row != null && row.offset() != TableAccess.OWN && context.access().isEmptied(table);
        return gone ? null : row;
    }

    /**
     * @param current what {@link #lock} answered
     */
    void delete(Bytes key, StoredRow current) {
        context.access().delete(table, key, RowCodec.decode(table.columns(), current.row()));
    }

    /**
     * Updates the row under a key, or inserts it.
     *
     * @param row as it was
     * @param current what {@link #lock} answered
     * @return whether that changes anything
     */
    boolean put(Bytes key, byte[] row, @Nullable StoredRow current) {
        @Nullable Object[] old = RowCodec.decode(before.columns(), row);
        @Nullable Object @Nullable [] now =
                current == null ? null : RowCodec.decode(table.columns(), current.row());
        @Nullable Object[] values =
                now == null ? new @Nullable Object[table.columns().size()] : now.clone();
        boolean differs = now == null;
        for (Restored restored : columns) {
            Object value = value(restored, old);
            int index = restored.column().number() - 1;
            differs |= !Objects.deepEquals(value, values[index]);
            values[index] = value;
        }
        if (!differs) {
            return false;
        }
        if (now == null) {
            checks.fill(values, given, context);
        } else {
            checks.regenerate(values, context);
        }
        checks.check(values, context);
        if (now == null) {
            context.access().insertAgain(table, key, values);
        } else {
            context.access().update(table, key, now, values);
        }
        return true;
    }

    private @Nullable Object value(Restored restored, @Nullable Object[] old) {
        Object value = old[restored.was().number() - 1];
        CastDef cast = restored.cast();
        if (value != null && cast != null) {
            value = cast.body().apply(value, -1, false, context);
        }
        return checks.modified(restored.column(), value, context);
    }
}
