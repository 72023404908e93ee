package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.define.TableLookup;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
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
 * RESTORE TABLE: makes the rows of a table what they were at an earlier offset, by the insertions,
 * updates and deletions that this takes. Both states are read once, side by side in the order of
 * their keys. Columns that were added since keep their values, or get their defaults.
 */
final class TableRestoration {
    /** A power of two. */
    private static final int CANCEL_CHECK_ROWS = 1_024;

    /** A column of now and the one that it was. */
    private record Restored(ColumnDef column, ColumnDef was, @Nullable CastDef cast) {}

    private final StatementContext context;
    private final TableDef table;
    private final TableDef before;
    private final ReadView then;
    private final RowChecks checks;
    private final List<Restored> columns = new ArrayList<>();
    private final Set<Integer> given = new HashSet<>();
    private long changed;

    static Result run(Session session, Statement.Restore statement) {
        if (!session.mayWait()) {
            throw MustWait.onThread();
        }
        Transaction transaction = session.block().transaction();
        transaction.checkWritable(Tags.of(statement));
        transaction.tag(Tags.of(statement));
        session.awaitPredecessors(transaction);
        while (true) {
            try (StatementContext context = session.open()) {
                TableDef table = TableLookup.table(context.definitions(), statement.table());
                TableLocks wanted = TableLocks.of(table.id(), LockMode.ROW_EXCLUSIVE);
                if (session.lockTables(transaction, wanted)) {
                    continue; // what was waited for is not in this view
                }
                long rows =
                        new TableRestoration(context, table, offsetOf(statement, context))
                                .restore();
                session.dueChecks().afterStatement(transaction, context.catalog());
                return new Result.Command(Tags.withCount(Tags.of(statement), rows));
            }
        }
    }

    private static long offsetOf(Statement.Restore statement, StatementContext context) {
        Long offset = context.resolve(statement.point());
        if (offset == null) {
            throw SqlException.notSupported("a parameter as the point of RESTORE TABLE");
        }
        return offset;
    }

    /**
     * @param offset to which the table goes back
     * @throws SqlException 42P01 if it was not there, 0A000 if its rows then cannot be those of now
     */
    private TableRestoration(StatementContext context, TableDef table, long offset) {
        if (context.catalog().materializedView(table.id()) != null) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE, "\"" + table.name() + "\" is not a table");
        }
        this.context = context;
        this.table = table;
        this.then = context.access().viewAt(offset);
        this.before = tableThen(offset);
        this.checks = new RowChecks(context, context.definitions(), table);
        for (ColumnDef column : table.visibleColumns()) {
            ColumnDef was = columnThen(column);
            if (was != null && !column.isGenerated()) {
                columns.add(new Restored(column, was, cast(was, column)));
                given.add(column.number());
            }
        }
        requireSameKeys();
    }

    private TableDef tableThen(long offset) {
        Catalog catalog = then.catalog();
        if (catalog.find(table.id()) instanceof TableDef same) {
            return same;
        }
        SchemaDef schema =
                context.catalog().find(table.schemaId()) instanceof SchemaDef now
                        ? catalog.findSchema(now.name())
                        : null;
        Relation named = schema == null ? null : catalog.findRelation(schema.id(), table.name());
        if (named instanceof TableDef other) {
            return other;
        }
        throw new SqlException(
                SqlState.UNDEFINED_TABLE,
                "relation \"" + table.name() + "\" did not exist at offset " + offset);
    }

    /** By its number, which a column keeps; in another table of the same name by its name. */
    private @Nullable ColumnDef columnThen(ColumnDef column) {
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
                    "RESTORE TABLE of column \""
                            + column.name()
                            + "\", which was of type "
                            + was.type().sqlName()
                            + " then,");
        }
        return cast;
    }

    /** Else rows of then and of now could not be told to be the same ones. */
    private void requireSameKeys() {
        boolean same =
                table.hasPrimaryKey()
                        ? before.hasPrimaryKey()
                                && before.keyColumns().size() == table.keyColumns().size()
                        : before.storageId() == table.storageId();
        for (int i = 0; same && i < table.keyColumns().size(); i++) {
            ColumnDef now = table.column(table.keyColumns().get(i));
            ColumnDef was = before.column(before.keyColumns().get(i));
            same = was.equals(columnThen(now)) && was.type().equals(now.type());
        }
        if (!same) {
            throw SqlException.notSupported(
                    "RESTORE TABLE across a change of the table's primary key");
        }
    }

    /** How many rows were inserted, updated or deleted. */
    private long restore() {
        context.access().checkUniqueAfterStatement();
        int seen = 0;
        try (RowCursor was = then.scan(before.storageId(), KeyRange.ALL, false);
                RowCursor is = context.access().scan(table, KeyRange.ALL, false)) {
            boolean wasThere = was.next();
            boolean isThere = is.next();
            while (wasThere || isThere) {
                if ((++seen & (CANCEL_CHECK_ROWS - 1)) == 0) {
                    context.checkCanceled();
                }
                int order = !wasThere ? 1 : !isThere ? -1 : compare(was, is);
                if (order > 0) {
                    delete(Bytes.copyOf(is.key()));
                } else if (order < 0) {
                    put(Bytes.copyOf(was.key()), was.row());
                } else if (!isUntouched(was, is)) {
                    put(Bytes.copyOf(was.key()), was.row());
                }
                wasThere = order <= 0 ? was.next() : wasThere;
                isThere = order >= 0 ? is.next() : isThere;
            }
        }
        return changed;
    }

    private static int compare(RowCursor was, RowCursor is) {
        return Bytes.copyOf(was.key()).compareTo(Bytes.copyOf(is.key()));
    }

    private boolean isUntouched(RowCursor was, RowCursor is) {
        return before.storageId() == table.storageId() && was.offset() == is.offset();
    }

    private void delete(Bytes key) {
        StoredRow current = context.access().lock(table, key, RowLockStrength.UPDATE, RowWait.WAIT);
        if (current != null) {
            context.access().delete(table, key, RowCodec.decode(table.columns(), current.row()));
            changed++;
        }
    }

    /** Updates the row under a key, or inserts it. */
    private void put(Bytes key, byte[] row) {
        @Nullable Object[] old = RowCodec.decode(before.columns(), row);
        StoredRow current =
                context.access().lock(table, key, RowLockStrength.NO_KEY_UPDATE, RowWait.WAIT);
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
            return;
        }
        if (now == null) {
            checks.fill(values, given, context);
        } else {
            checks.regenerate(values, context);
        }
        checks.check(values, context);
        if (now == null) {
            context.access().insert(table, values);
        } else {
            context.access().update(table, key, now, values);
        }
        changed++;
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
