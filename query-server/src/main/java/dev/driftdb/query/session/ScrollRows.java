package dev.driftdb.query.session;

import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a cursor with a place among them: 0 is before the first, n on the n-th, one more than
 * there are behind the last. A cursor that may go back keeps the rows it has read. For the
 * session's thread only.
 */
final class ScrollRows {
    /** Whether a cursor goes back. */
    enum Scroll {
        /** SCROLL: it does, and holds its rows within the memory of an operator. */
        YES,
        /** Neither word: it does while its rows are few. */
        MAYBE,
        /** NO SCROLL. */
        NO
    }

    /** Rows that a cursor without SCROLL or NO SCROLL holds, at most. */
    static final int UNASKED_ROWS_MAX = 10_000;

    private final Session session;
    private final Result.RowSource source;
    private final MemoryBudget memory;
    private final List<@Nullable Object[]> read = new ArrayList<>();
    private Scroll scroll;
    private long position;

    /** The row that the place is on, or that it was on last. */
    private @Nullable Object @Nullable [] last;

    /** How many rows there are; -1 until the end was met. */
    private long total = -1;

    ScrollRows(Session session, Result.RowSource source, Scroll scroll, long bytesMax) {
        this.session = session;
        this.source = source;
        this.scroll = scroll;
        this.memory = new MemoryBudget("A cursor", bytesMax);
    }

    /** Whether the place is on a row. */
    boolean onRow() {
        return position > 0 && position != total + 1;
    }

    /** The row of the place, which a cursor that cannot go back has too; null if it is on none. */
    @Nullable Object @Nullable [] place() {
        return onRow() ? last : null;
    }

    /** Goes on by one row; null behind the last. */
    @Nullable Object @Nullable [] next() {
        if (total >= 0 && position >= total) {
            position = total + 1;
            return null;
        }
        if (scroll != Scroll.NO && position < read.size()) {
            position++;
            last = read.get((int) position - 1);
            return last;
        }
        session.checkCanceled();
        Object[] row = source.next();
        if (row == null) {
            total = position;
            position++;
            return null;
        }
        position++;
        last = row;
        if (scroll == Scroll.NO) {
            return row;
        }
        if (scroll == Scroll.MAYBE && read.size() >= UNASKED_ROWS_MAX) {
            scroll = Scroll.NO;
            read.clear();
            memory.release();
            return row;
        }
        @Nullable Object[] kept = row.clone();
        memory.add(kept);
        read.add(kept);
        last = kept;
        return kept;
    }

    /** Goes back by one row; null before the first. */
    @Nullable Object @Nullable [] prior() {
        requireScroll();
        if (position <= 1) {
            position = 0;
            return null;
        }
        position--;
        last = read.get((int) position - 1);
        return last;
    }

    /** The row of the place; null if it is on none. */
    @Nullable Object @Nullable [] current() {
        if (!onRow()) {
            return null;
        }
        requireScroll();
        return read.get((int) position - 1);
    }

    /** Goes to a row counted from the first; 0 is before it. */
    @Nullable Object @Nullable [] absolute(long row) {
        if (row <= 0 || row <= position) {
            if (position > 0) {
                requireScroll();
            }
            position = 0;
        }
        Object[] found = null;
        while (position < row) {
            found = next();
            if (found == null) {
                return null;
            }
        }
        return found;
    }

    /** Goes to a row counted from the last, which is 1. */
    @Nullable Object @Nullable [] fromLast(long row) {
        while (next() != null) {}
        return relativeBack(row);
    }

    /** Goes back by {@code count} rows. */
    @Nullable Object @Nullable [] relativeBack(long count) {
        Object[] found = null;
        for (long i = 0; i < count; i++) {
            found = prior();
            if (found == null) {
                return null;
            }
        }
        return found;
    }

    /** Goes on by {@code count} rows. */
    @Nullable Object @Nullable [] relative(long count) {
        Object[] found = null;
        for (long i = 0; i < count; i++) {
            found = next();
            if (found == null) {
                return null;
            }
        }
        return found;
    }

    void requireScroll() {
        if (scroll == Scroll.NO) {
            throw new SqlException(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                            "cursor can only scan forward")
                    .withHint("Declare it with SCROLL option to enable backward scan.");
        }
    }

    void close() {
        source.close();
        read.clear();
    }
}
