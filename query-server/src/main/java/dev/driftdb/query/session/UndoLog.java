package dev.driftdb.query.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What takes the steps of a transaction back, newest first. Rows written to one table one after the
 * other take one reference each. For the session's thread only.
 */
final class UndoLog {
    private sealed interface Step {}

    private record Action(Runnable run) implements Step {}

    private record Rows(OwnTable table, List<OwnRow> written) implements Step {}

    /** Takes back the newest version of a row. */
    @FunctionalInterface
    interface RowUndo {
        void undo(OwnTable table, OwnRow row);
    }

    private final RowUndo rowUndo;
    private final List<Step> steps = new ArrayList<>();
    private @Nullable Rows lastRows;
    private int size;

    UndoLog(RowUndo rowUndo) {
        this.rowUndo = rowUndo;
    }

    /** A place to come back to. */
    int size() {
        return size;
    }

    void add(Runnable action) {
        steps.add(new Action(action));
        lastRows = null;
        size++;
    }

    /** A row has got a new version. */
    @SuppressWarnings("ReferenceEquality") // a table is itself only
    void addRow(OwnTable table, OwnRow row) {
        Rows rows = lastRows;
        if (rows == null || rows.table != table) {
            rows = new Rows(table, new ArrayList<>());
            steps.add(rows);
            lastRows = rows;
        }
        rows.written.add(row);
        size++;
    }

    void backTo(int place) {
        while (size > place) {
            size--;
            switch (steps.getLast()) {
                case Action action -> {
                    steps.removeLast();
                    action.run.run();
                }
                case Rows rows -> {
                    OwnRow row = rows.written.removeLast();
                    if (rows.written.isEmpty()) {
                        steps.removeLast();
                    }
                    rowUndo.undo(rows.table, row);
                }
            }
        }
        lastRows = !steps.isEmpty() && steps.getLast() instanceof Rows rows ? rows : null;
    }
}
