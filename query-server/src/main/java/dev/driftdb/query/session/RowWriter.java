package dev.driftdb.query.session;

import dev.driftdb.query.define.DefinitionScope;
import dev.driftdb.query.lock.LockParty;
import dev.driftdb.query.lock.Locks;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes entries that write or delete one row each, as SQL would: defaults, type modifiers,
 * constraints, and the preconditions that make the entry right at its place in the log. Appending
 * an entry is the caller's. One thread at a time.
 *
 * <p>The row's locks are taken so that sessions of this server queue behind the entry instead of
 * losing against it. Where somebody holds one for long the entry is made without locks: its
 * preconditions decide.
 */
public final class RowWriter implements AutoCloseable {
    /** A client that sleeps in its transaction must not hold up everybody's events. */
    private static final int LOCK_TIMEOUT_MS = 100;

    /** Definitions of tables kept compiled; above that all are compiled anew. */
    private static final int COMPILED_MAX = 1_000;

    private static final String ORIGIN = "ingest";

    private final Database database;
    private final Session session;
    private final Map<Integer, RowChecks> compiled = new HashMap<>();
    private long compiledVersion = -2;

    public RowWriter(Database database) {
        this.database = database;
        this.session = Session.internal(database);
        session.startWith("lock_timeout", Integer.toString(LOCK_TIMEOUT_MS));
    }

    /** What to do to one row of a table. */
    public sealed interface RowWrite {
        /**
         * Insert a row, or update the row with its primary key in these columns.
         *
         * @param values by column number, of the columns' types; other columns keep their value or
         *     get their default
         */
        record Upsert(Map<Integer, @Nullable Object> values) implements RowWrite {}

        /**
         * Delete the row with a primary key.
         *
         * @param key by column number
         */
        record DeleteByKey(Map<Integer, @Nullable Object> key) implements RowWrite {}

        /** Delete the row of a table without a primary key. */
        record DeleteById(long offset, int ordinal) implements RowWrite {}
    }

    /** Says what to do, once the table's definition is known. */
    @FunctionalInterface
    public interface Writer {
        /**
         * @throws SqlException why nothing can be done
         */
        RowWrite write(TableDef table);
    }

    /**
     * An entry to append, and the locks it holds.
     *
     * @param entry null if there is nothing to do
     * @param release to be run when the entry's outcome is known
     */
    public record Made(@Nullable TransactionEntry entry, Runnable release) {}

    /**
     * @throws SqlException 42P01 for a table that is not there, 23xxx for a violated constraint and
     *     whatever else SQL would answer
     */
    public Made make(
            String schemaName, String tableName, UUID id, SourcePosition source, Writer writer) {
        try {
            return make(database.locks(), schemaName, tableName, id, source, writer);
        } catch (SqlException e) {
            if (e.state() != SqlState.LOCK_NOT_AVAILABLE
                    && e.state() != SqlState.DEADLOCK_DETECTED) {
                throw e;
            }
            return make(new Locks(database::nowMicros), schemaName, tableName, id, source, writer);
        }
    }

    private Made make(
            Locks locks,
            String schemaName,
            String tableName,
            UUID id,
            SourcePosition source,
            Writer writer) {
        Transaction transaction =
                new Transaction(
                        database.replica(),
                        locks,
                        new LockParty(Session.INTERNAL),
                        database.transactionMemory(),
                        Isolation.READ_COMMITTED,
                        false,
                        null,
                        database.nowMicros());
        TransactionEntry entry = null;
        try (StatementContext context = session.open(transaction)) {
            TableDef table = find(context.catalog(), schemaName, tableName);
            String tag = apply(writer.write(table), table, context);
            session.dueChecks().all(transaction, context.catalog());
            entry =
                    entry(
                            transaction,
                            context,
                            id,
                            new LogRecord.Metadata(ORIGIN, session.user(), "", tag, source));
        } finally {
            if (entry == null) {
                transaction.end();
            }
        }
        return new Made(entry, entry == null ? () -> {} : transaction::end);
    }

    private static @Nullable TransactionEntry entry(
            Transaction transaction,
            StatementContext context,
            UUID id,
            LogRecord.Metadata metadata) {
        List<LogRecord.Chunk> chunks = new ArrayList<>();
        Chunker chunker = new Chunker(id, metadata, chunks::add);
        new EntryBuilder(transaction, context.catalog(), () -> context, context::checkCanceled)
                .build(chunker);
        return chunker.hasChanges() ? Chunker.join(chunks, chunker.end()) : null;
    }

    private static TableDef find(Catalog catalog, String schemaName, String tableName) {
        SchemaDef schema = catalog.findSchema(schemaName);
        Relation relation = schema == null ? null : catalog.findRelation(schema.id(), tableName);
        if (relation instanceof TableDef table) {
            return table;
        }
        throw new SqlException(
                SqlState.UNDEFINED_TABLE,
                "relation \"" + schemaName + "." + tableName + "\" does not exist");
    }

    private String apply(RowWrite write, TableDef table, StatementContext context) {
        return switch (write) {
            case RowWrite.Upsert upsert -> upsert(table, upsert.values(), context);
            case RowWrite.DeleteByKey delete -> {
                @Nullable Object[] values = new Object[table.columns().size()];
                put(delete.key(), values, table, context);
                yield delete(table, keyOf(table, values), context);
            }
            case RowWrite.DeleteById delete ->
                    delete(table, KeyCodec.rowId(delete.offset(), delete.ordinal()), context);
        };
    }

    private String upsert(
            TableDef table, Map<Integer, @Nullable Object> given, StatementContext context) {
        @Nullable Object[] values = new Object[table.columns().size()];
        put(given, values, table, context);
        RowChecks checks = checks(table, context);
        if (table.hasPrimaryKey()
                && table.keyColumns().stream().allMatch(n -> values[n - 1] != null)) {
            Bytes key = keyOf(table, values);
            var current =
                    context.access().lock(table, key, RowLockStrength.NO_KEY_UPDATE, RowWait.WAIT);
            if (current != null) {
                @Nullable Object[] old = RowCodec.decode(table.columns(), current.row());
                @Nullable Object[] changed = old.clone();
                given.keySet().forEach(number -> changed[number - 1] = values[number - 1]);
                checks.regenerate(changed, context);
                checks.check(changed, context);
                context.access().update(table, key, old, changed);
                return "UPDATE";
            }
        }
        checks.fill(values, given.keySet(), context);
        checks.check(values, context);
        context.access().insert(table, values);
        return "INSERT";
    }

    private static String delete(TableDef table, Bytes key, StatementContext context) {
        var current = context.access().lock(table, key, RowLockStrength.UPDATE, RowWait.WAIT);
        if (current != null) {
            context.access().delete(table, key, RowCodec.decode(table.columns(), current.row()));
        }
        return "DELETE";
    }

    private void put(
            Map<Integer, @Nullable Object> given,
            @Nullable Object[] values,
            TableDef table,
            StatementContext context) {
        RowChecks checks = checks(table, context);
        given.forEach((number, value) -> {
            ColumnDef column = table.column(number);
            values[number - 1] = checks.modified(column, value, context);
        });
    }

    private static Bytes keyOf(TableDef table, @Nullable Object[] values) {
        KeyCodec.Writer writer = new KeyCodec.Writer();
        for (int number : table.keyColumns()) {
            writer.add(table.column(number).type(), values[number - 1], false, false);
        }
        return writer.toBytes();
    }

    private RowChecks checks(TableDef table, StatementContext context) {
        long version = context.catalog().version();
        if (version != compiledVersion || compiled.size() >= COMPILED_MAX) {
            compiled.clear();
            compiledVersion = version;
        }
        return compiled.computeIfAbsent(
                table.id(),
                id -> {
                    DefinitionScope scope = new Definitions(context, true, false);
                    return new RowChecks(context, scope, table);
                });
    }

    @Override
    public void close() {
        session.close();
    }
}
