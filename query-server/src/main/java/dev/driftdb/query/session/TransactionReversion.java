package dev.driftdb.query.session;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * REVERT TRANSACTION: the inverse changes of the rows that one committed transaction wrote, if none
 * of them was written since. Which these are is found in the history: twice, so that nothing is
 * changed before all are known to be as it left them, and nothing is held between.
 */
final class TransactionReversion {
    private static final String STATEMENT = "REVERT TRANSACTION";

    /** Keys that a message names. */
    private static final int NAMED_KEYS_MAX = 5;

    /** A table that the transaction wrote, as it was then and is now. */
    private record Written(TableDef then, TableDef now) {}

    private final StatementContext context;
    private final EntryInfo entry;
    private final WrittenKeys keys;
    private long changed;

    static Result run(Session session, Statement.Revert statement) {
        if (!session.mayWait()) {
            throw MustWait.onThread();
        }
        Transaction transaction = session.block().transaction();
        transaction.checkWritable(Tags.of(statement));
        transaction.tag(Tags.of(statement));
        session.awaitPredecessors(transaction);
        while (true) {
            try (StatementContext context = session.open()) {
                EntryInfo entry = new CommittedEntries(context).find(statement.transaction());
                TransactionReversion reversion = new TransactionReversion(context, entry);
                List<Written> tables = reversion.written();
                TableLocks wanted = TableLocks.NONE;
                for (Written table : tables) {
                    wanted = wanted.plus(TableLocks.of(table.now().id(), LockMode.ROW_EXCLUSIVE));
                }
                if (session.lockTables(transaction, wanted)) {
                    continue; // what was waited for is not in this view
                }
                long rows = reversion.revert(tables);
                session.dueChecks().afterStatement(transaction, context.catalog());
                return new Result.Command(Tags.withCount(Tags.of(statement), rows));
            }
        }
    }

    /**
     * @throws SqlException 0A000 if the transaction has changed definitions
     */
    private TransactionReversion(StatementContext context, EntryInfo entry) {
        this.context = context;
        this.entry = entry;
        if (catalogThen().version() == entry.offset()) {
            throw SqlException.notSupported(
                    STATEMENT
                            + " of a transaction that changed definitions ("
                            + entry.tag()
                            + ", offset "
                            + entry.offset()
                            + ")");
        }
        this.keys =
                new WrittenKeys(
                        entry,
                        context.transaction()
                                .replica()
                                .readRecord(entry.offset(), context::checkCanceled));
    }

    private Catalog catalogThen() {
        return context.catalogAt(entry.offset());
    }

    private WrittenRows rowsOf(TableDef table) {
        ReadView view = context.view();
        return new WrittenRows(
                view,
                table.storageId(),
                entry.offset(),
                keys.in(table.storageId()),
                context::checkCanceled);
    }

    /**
     * The tables whose rows it wrote.
     *
     * @throws SqlException 22023 if there are none, 40001 if one of the rows has changed since,
     *     42P01 and 0A000 if a table is not what it was
     */
    private List<Written> written() {
        List<Written> tables = new ArrayList<>();
        long found = 0;
        for (TableDef then : catalogThen().objects(TableDef.class)) {
            if (found >= entry.changeCount()) {
                break; // that was all
            }
            long rows = requireUnchanged(then);
            if (rows > 0) {
                tables.add(new Written(then, now(then)));
            }
            found += rows;
        }
        if (tables.isEmpty()) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "the transaction at offset " + entry.offset() + " wrote no rows of a table");
        }
        return tables;
    }

    /** How many rows it wrote, all of them still as it left them. */
    private long requireUnchanged(TableDef then) {
        long count = 0;
        List<String> changedKeys = new ArrayList<>();
        try (WrittenRows rows = rowsOf(then)) {
            while (changedKeys.size() <= NAMED_KEYS_MAX && rows.next()) {
                count++;
                if (rows.changedSince()) {
                    changedKeys.add(key(now(then), rows));
                }
            }
        }
        if (!changedKeys.isEmpty()) {
            throw changedSince(now(then), changedKeys);
        }
        return count;
    }

    private TableDef now(TableDef then) {
        TableDef now = context.catalog().findTable(then.id());
        if (now == null) {
            throw new SqlException(
                            SqlState.UNDEFINED_TABLE,
                            "relation \"" + then.name() + "\" does not exist")
                    .withDetail(
                            "The transaction at offset "
                                    + entry.offset()
                                    + " wrote rows of it; it was dropped since.");
        }
        if (now.storageId() != then.storageId() || !now.keyColumns().equals(then.keyColumns())) {
            throw SqlException.notSupported(
                    STATEMENT
                            + " of rows of table \""
                            + now.name()
                            + "\", which were all stored anew since,");
        }
        return now;
    }

    private SqlException changedSince(TableDef table, List<String> keys) {
        boolean more = keys.size() > NAMED_KEYS_MAX;
        List<String> named = keys.subList(0, Math.min(keys.size(), NAMED_KEYS_MAX));
        return new SqlException(
                        SqlState.SERIALIZATION_FAILURE,
                        "could not revert transaction "
                                + entry.transactionId()
                                + ": rows of table \""
                                + table.name()
                                + "\" have changed since")
                .withDetail(
                        "Changed after offset "
                                + entry.offset()
                                + ": "
                                + String.join(", ", named)
                                + (more ? " and others." : "."))
                .withTable(context.catalog().schemaName(table), table.name());
    }

    /** As messages show it: (id)=(1). */
    private String key(TableDef table, WrittenRows rows) {
        for (IndexDef index : context.catalog().indexesOf(table.id())) {
            byte[] row = rows.after() == null ? rows.before() : rows.after();
            if (index.primary() && row != null) {
                return context.access()
                        .keys(index, table)
                        .text(RowCodec.decode(table.columns(), row), context);
            }
        }
        ByteBuffer rowId = ByteBuffer.wrap(rows.key().array());
        return "(_offset, _ordinal)=(" + rowId.getLong() + ", " + rowId.getInt() + ")";
    }

    /** How many rows were inserted, updated or deleted. */
    private long revert(List<Written> tables) {
        context.access().checkUniqueAfterStatement();
        for (Written table : tables) {
            // Whoever takes a key of ours in the log first has changed what we revert.
            context.transaction().arbitrate(table.now().storageId());
            RowRestoration restoration =
                    new RowRestoration(context, table.now(), table.then(), STATEMENT);
            try (WrittenRows rows = rowsOf(table.now())) {
                while (rows.next()) {
                    revert(table.now(), restoration, rows);
                }
            }
        }
        return changed;
    }

    private void revert(TableDef table, RowRestoration restoration, WrittenRows rows) {
        byte[] before = rows.before();
        boolean isLeft = rows.after() != null;
        Bytes key = rows.key();
        StoredRow current =
                restoration.lock(
                        key,
                        before == null ? RowLockStrength.UPDATE : RowLockStrength.NO_KEY_UPDATE);
        boolean same = isLeft ? isItsOwn(current) : current == null;
        if (!same) {
            throw changedSince(table, List.of(key(table, rows)));
        }
        if (!isLeft) {
            // Nobody may insert the row and delete it again before our place in the log.
            context.transaction()
                    .require(
                            new Precondition.RangeUnchanged(
                                    table.storageId(),
                                    key,
                                    KeyCodec.after(key),
                                    context.view().offset()));
        }
        if (before != null) {
            changed += restoration.put(key, before, current) ? 1 : 0;
        } else if (current != null) {
            restoration.delete(key, current);
            changed++;
        }
    }

    private boolean isItsOwn(@Nullable StoredRow current) {
        return current != null && current.offset() == entry.offset();
    }
}
