package dev.driftdb.query.session;

import dev.driftdb.query.ast.CursorStatement;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.execute.RowId;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The SQL cursors of a session (DECLARE, FETCH, MOVE, CLOSE). */
final class Cursors {
    /**
     * @param rowIds the tables whose row ids come behind the columns
     * @param locks whether its query locks rows
     * @param command the command of the transaction that its rows are read in
     */
    private record Cursor(
            List<OutputColumn> columns,
            ScrollRows rows,
            boolean hold,
            List<TableDef> rowIds,
            boolean locks,
            int command) {}

    /** The cursors of the current transaction, which end with it if it rolls back. */
    private final Set<Cursor> young = new HashSet<>();

    static final int CURSORS_MAX = 1_000;

    private final Map<String, Cursor> byName = new HashMap<>();

    Result run(Session session, CursorStatement statement) {
        return switch (statement) {
            case CursorStatement.DeclareCursor declare -> {
                if (!declare.hold()) {
                    session.block().explicit("DECLARE CURSOR");
                }
                declare(session, declare);
                yield Result.done(statement);
            }
            case CursorStatement.Fetch fetch -> fetch(fetch);
            case CursorStatement.CloseCursor close -> {
                close(close.name());
                yield Result.done(statement);
            }
        };
    }

    private void declare(Session session, CursorStatement.DeclareCursor declare) {
        if (declare.binary()) {
            throw SqlException.notSupported("BINARY CURSOR");
        }
        if (byName.containsKey(declare.name())) {
            throw new SqlException(
                    SqlState.DUPLICATE_CURSOR, "cursor \"" + declare.name() + "\" already exists");
        }
        if (byName.size() >= CURSORS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a session may have at most " + CURSORS_MAX + " cursors");
        }
        PlannedStatement planned =
                PlannedStatement.cursor(
                        new ParsedStatement(declare.query(), declare.queryText(), 0));
        List<TableDef> rowIds = new ArrayList<>();
        Result result =
                session.queries()
                        .run(
                                planned,
                                plan -> {
                                    rowIds.addAll(plan.executable().rowIds());
                                    return new Object[0];
                                });
        if (!(result instanceof Result.Rows rows)) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE, "cannot open a query without rows as cursor");
        }
        Result.Rows read = declare.hold() ? kept(rows) : rows;
        ScrollRows place =
                new ScrollRows(
                        session,
                        read.source(),
                        scroll(declare),
                        session.databaseOf().limits().queryBytesMax());
        Transaction running = session.block().running();
        Cursor cursor =
                new Cursor(
                        read.columns(),
                        place,
                        declare.hold(),
                        rowIds,
                        locks(declare),
                        running == null ? 0 : running.command());
        byName.put(declare.name(), cursor);
        if (session.block().isExplicit()) {
            young.add(cursor);
            session.block().transaction().onUndo(() -> drop(declare.name(), cursor));
        }
    }

    private static ScrollRows.Scroll scroll(CursorStatement.DeclareCursor declare) {
        Boolean asked = declare.scroll();
        if (asked != null) {
            return asked ? ScrollRows.Scroll.YES : ScrollRows.Scroll.NO;
        }
        return locks(declare) ? ScrollRows.Scroll.NO : ScrollRows.Scroll.MAYBE;
    }

    private static boolean locks(CursorStatement.DeclareCursor declare) {
        return declare.query() instanceof DataStatement.Select select
                && !select.query().locking().isEmpty();
    }

    /** WITH HOLD: all rows now, because the transaction's view will be gone. */
    private static Result.Rows kept(Result.Rows rows) {
        List<@Nullable Object[]> all = new ArrayList<>();
        try (Result.RowSource source = rows.source()) {
            for (Object[] row = source.next(); row != null; row = source.next()) {
                all.add(row.clone());
            }
        }
        return new Result.Rows(rows.columns(), new ListRows(all, "SELECT " + all.size()));
    }

    private Result fetch(CursorStatement.Fetch fetch) {
        Cursor cursor = find(fetch.cursor());
        List<@Nullable Object[]> rows = new ArrayList<>();
        long moved = go(cursor.rows(), fetch, rows);
        return fetch.move()
                ? new Result.Command("MOVE " + moved)
                : new Result.Rows(cursor.columns(), new ListRows(rows, "FETCH " + rows.size()));
    }

    /** Moves the cursor; answers over how many rows. */
    private static long go(
            ScrollRows cursor, CursorStatement.Fetch fetch, List<@Nullable Object[]> rows) {
        long count = fetch.count();
        return switch (fetch.direction()) {
            case "next" -> run(cursor, 1, fetch.move(), rows);
            case "prior" -> run(cursor, -1, fetch.move(), rows);
            case "forward" -> run(cursor, count, fetch.move(), rows);
            case "backward" -> run(cursor, -count, fetch.move(), rows);
            case "first" -> one(cursor.absolute(1), rows);
            case "last" -> one(cursor.fromLast(1), rows);
            case "absolute" ->
                    one(count >= 0 ? cursor.absolute(count) : cursor.fromLast(-count), rows);
            case "relative" ->
                    count == 0
                            ? run(cursor, 0, fetch.move(), rows)
                            : one(
                                    count > 0
                                            ? cursor.relative(count)
                                            : cursor.relativeBack(-count),
                                    rows);
            default -> throw new IllegalStateException("no direction " + fetch.direction());
        };
    }

    private static long one(@Nullable Object @Nullable [] row, List<@Nullable Object[]> rows) {
        if (row == null) {
            return 0;
        }
        rows.add(row.clone());
        return 1;
    }

    /** Forwards, or backwards for a negative count; 0 is the row it is on, once more. */
    private static long run(
            ScrollRows cursor, long count, boolean move, List<@Nullable Object[]> rows) {
        if (count == 0) {
            return move ? (cursor.onRow() ? 1 : 0) : one(cursor.current(), rows);
        }
        if (count < 0) {
            cursor.requireScroll();
        }
        long moved = 0;
        while (moved < Math.abs(count)) {
            Object[] row = count > 0 ? cursor.next() : cursor.prior();
            if (row == null) {
                break;
            }
            moved++;
            if (!move) {
                rows.add(row.clone());
            }
        }
        return moved;
    }

    List<OutputColumn> columns(String name) {
        return find(name).columns();
    }

    /**
     * The key of the row of a table that a cursor is on; null if it was deleted since.
     *
     * @throws SqlException 34000 if there is no such cursor; 24000 if it is on no row of the table
     */
    @Nullable Bytes currentRow(TableDef table, String name, Transaction transaction) {
        Cursor cursor = find(name);
        if (cursor.hold() && !young.contains(cursor)) {
            throw state(name, "is held from a previous transaction");
        }
        int found = -1;
        for (int i = 0; i < cursor.rowIds().size(); i++) {
            if (cursor.rowIds().get(i).id() != table.id()) {
                continue;
            }
            if (found >= 0) {
                throw state(
                        name,
                        "has multiple FOR UPDATE/SHARE references to table \""
                                + table.name()
                                + "\"");
            }
            found = i;
        }
        if (found < 0) {
            throw state(
                    name,
                    (cursor.locks()
                                    ? "does not have a FOR UPDATE/SHARE reference to table \""
                                    : "is not a simply updatable scan of table \"")
                            + table.name()
                            + "\"");
        }
        Object[] row = cursor.rows().place();
        if (row == null || !(row[cursor.columns().size() + found] instanceof RowId id)) {
            throw state(name, "is not positioned on a row");
        }
        return transaction.table(table.storageId()).keyNow(id.key(), cursor.command());
    }

    private static SqlException state(String name, String problem) {
        return new SqlException(
                SqlState.INVALID_CURSOR_STATE, "cursor \"" + name + "\" " + problem);
    }

    private Cursor find(String name) {
        Cursor cursor = byName.get(name);
        if (cursor == null) {
            throw new SqlException(
                    SqlState.INVALID_CURSOR_NAME, "cursor \"" + name + "\" does not exist");
        }
        return cursor;
    }

    /** Null closes all. */
    void close(@Nullable String name) {
        if (name == null) {
            byName.values().forEach(cursor -> cursor.rows().close());
            byName.clear();
        } else {
            find(name).rows().close();
            byName.remove(name);
        }
    }

    /** The transaction has gone back to before a cursor was declared. */
    private void drop(String name, Cursor cursor) {
        if (byName.remove(name, cursor)) {
            cursor.rows().close();
            young.remove(cursor);
        }
    }

    /** Cursors without HOLD end with their transaction, all of one that rolls back with it. */
    void endTransaction(boolean committed) {
        byName.values()
                .removeIf(cursor -> {
                    boolean ends = !cursor.hold() || (!committed && young.contains(cursor));
                    if (ends) {
                        cursor.rows().close();
                    }
                    return ends;
                });
        young.clear();
    }
}
