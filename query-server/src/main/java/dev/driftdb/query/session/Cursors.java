package dev.driftdb.query.session;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The SQL cursors of a session (DECLARE, FETCH, MOVE, CLOSE); they read forward only. */
final class Cursors {
    private record Cursor(Result.Rows rows, boolean hold) {}

    static final int CURSORS_MAX = 1_000;

    private final Map<String, Cursor> byName = new HashMap<>();

    void declare(Session session, Statement.DeclareCursor declare) {
        if (declare.scroll()) {
            throw SqlException.notSupported("SCROLL");
        }
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
                new PlannedStatement(
                        new ParsedStatement(declare.query(), declare.queryText(), 0), Map.of());
        if (!(session.run(planned, plan -> new Object[0]) instanceof Result.Rows rows)) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE, "cannot open a query without rows as cursor");
        }
        byName.put(declare.name(), new Cursor(declare.hold() ? kept(rows) : rows, declare.hold()));
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

    Result fetch(Session session, Statement.Fetch fetch) {
        Cursor cursor = find(fetch.cursor());
        long count =
                switch (fetch.direction()) {
                    case "next" -> 1;
                    case "forward" -> fetch.count();
                    case "relative" -> fetch.count();
                    default -> -1;
                };
        if (count < 0 || (fetch.direction().equals("relative") && count != 1)) {
            throw new SqlException(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "cursor can only scan forward")
                    .withHint("Declare it with SCROLL option to enable backward scan.");
        }
        List<@Nullable Object[]> rows = new ArrayList<>();
        long moved = 0;
        while (moved < count) {
            session.checkCanceled();
            Object[] row = cursor.rows().source().next();
            if (row == null) {
                break;
            }
            moved++;
            if (!fetch.move()) {
                rows.add(row.clone());
            }
        }
        return fetch.move()
                ? new Result.Command("MOVE " + moved)
                : new Result.Rows(
                        cursor.rows().columns(), new ListRows(rows, "FETCH " + rows.size()));
    }

    List<OutputColumn> columns(String name) {
        return find(name).rows().columns();
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
            byName.values().forEach(cursor -> cursor.rows().source().close());
            byName.clear();
        } else {
            find(name).rows().source().close();
            byName.remove(name);
        }
    }

    /** Cursors without HOLD end with their transaction. */
    void endTransaction() {
        byName.values()
                .removeIf(cursor -> {
                    if (!cursor.hold()) {
                        cursor.rows().source().close();
                    }
                    return !cursor.hold();
                });
    }
}
