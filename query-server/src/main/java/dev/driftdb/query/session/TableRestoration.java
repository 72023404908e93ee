package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.define.TableLookup;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;

/**
 * RESTORE TABLE: makes the rows of a table what they were at an earlier offset, by the insertions,
 * updates and deletions that this takes. Both states are read once, side by side in the order of
 * their keys. Columns that were added since keep their values, or get their defaults.
 */
final class TableRestoration {
    /** A power of two. */
    private static final int CANCEL_CHECK_ROWS = 1_024;

    private final StatementContext context;
    private final TableDef table;
    private final TableDef before;
    private final ReadView then;
    private final RowRestoration rows;
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
        this.context = context;
        this.table = table;
        this.then = context.access().viewAt(offset);
        this.before = tableThen(offset);
        this.rows = new RowRestoration(context, table, before, "RESTORE TABLE");
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
            same = was.equals(rows.columnThen(now)) && was.type().equals(now.type());
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
        StoredRow current = rows.lock(key, RowLockStrength.UPDATE);
        if (current != null) {
            rows.delete(key, current);
            changed++;
        }
    }

    /** Updates the row under a key, or inserts it. */
    private void put(Bytes key, byte[] row) {
        if (rows.put(key, row, rows.lock(key, RowLockStrength.NO_KEY_UPDATE))) {
            changed++;
        }
    }
}
