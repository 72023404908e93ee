package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the order of their keys, each key once. Rows that come in that order, as bulk loads and
 * updates of whole tables bring them, only lengthen a list; all others go into a skip list. For one
 * thread, and for any that only {@link #find} rows when no more come; iterators stay valid while
 * rows are added and removed.
 */
final class OwnRows {
    /** A shorter list gives way to a row that comes before its end: others may follow that one. */
    private static final int RUN_KEPT = 256;

    /** In key order. Rows are added at its end only, and removed there only. */
    private List<OwnRow> run = new ArrayList<>();

    /** The rows that are not in the run. */
    private @Nullable ConcurrentSkipListMap<Bytes, OwnRow> rest;

    /** Where in the run a row was found last: mostly the next one is wanted after it. */
    private int finger;

    boolean isEmpty() {
        return run.isEmpty() && (rest == null || rest.isEmpty());
    }

    @Nullable OwnRow find(Bytes key) {
        int at = findInRun(key);
        return at >= 0 ? run.get(at) : rest == null ? null : rest.get(key);
    }

    /** The place in the run, or -1 - the place where it would be. */
    private int findInRun(Bytes key) {
        int size = run.size();
        if (size == 0) {
            return -1;
        }
        int order = key.compareTo(run.get(size - 1).key);
        if (order >= 0) {
            return order == 0 ? size - 1 : -1 - size;
        }
        int low = 0;
        int high = size - 2;
        int last = finger;
        if (last < high) {
            order = key.compareTo(run.get(last).key);
            if (order == 0) {
                return last;
            }
            if (order < 0) {
                high = last - 1;
            } else {
                int next = last + 1;
                order = key.compareTo(run.get(next).key);
                if (order <= 0) {
                    finger = next;
                    return order == 0 ? next : -1 - next;
                }
                low = next + 1;
            }
        }
        while (low <= high) {
            int middle = (low + high) >>> 1;
            order = key.compareTo(run.get(middle).key);
            if (order == 0) {
                finger = middle;
                return middle;
            }
            if (order > 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1 - low;
    }

    /** Adds a row whose key is not there yet. */
    void add(OwnRow row) {
        if (run.isEmpty() || row.key.compareTo(run.getLast().key) > 0) {
            run.add(row);
            return;
        }
        ConcurrentSkipListMap<Bytes, OwnRow> others = rest;
        if (others == null) {
            others = new ConcurrentSkipListMap<>();
            rest = others;
        }
        if (run.size() >= RUN_KEPT) {
            others.put(row.key, row);
            return;
        }
        // Iterators go on with the old list, and meet each row in one of the two at least.
        for (OwnRow moved : run) {
            others.put(moved.key, moved);
        }
        run = new ArrayList<>();
        run.add(row);
        finger = 0;
    }

    /** Removes a row; of those in the run the last one only, which is the newest. */
    @SuppressWarnings("ReferenceEquality") // a row is itself only
    void remove(OwnRow row) {
        if (!run.isEmpty() && run.getLast() == row) {
            run.removeLast();
        } else if (rest == null || !rest.remove(row.key, row)) {
            throw new IllegalStateException("rows are not removed newest first");
        }
    }

    /** Rows in a range of keys, in key order or its reverse; not those that are added later. */
    Iterator<OwnRow> in(KeyRange range, boolean reverse) {
        int from = place(range.from());
        int to = range.to().length() == 0 ? run.size() : place(range.to());
        Iterator<OwnRow> inRun = new RunIterator(run, from, to, reverse);
        if (rest == null || rest.isEmpty()) {
            return inRun;
        }
        NavigableMap<Bytes, OwnRow> part =
                range.to().length() == 0
                        ? rest.tailMap(range.from(), true)
                        : range.from().compareTo(range.to()) >= 0
                                ? Collections.emptyNavigableMap()
                                : rest.subMap(range.from(), true, range.to(), false);
        Iterator<OwnRow> inRest = (reverse ? part.descendingMap() : part).values().iterator();
        return from >= to ? inRest : new Merged(inRun, inRest, reverse);
    }

    private int place(Bytes key) {
        int at = findInRun(key);
        return at >= 0 ? at : -1 - at;
    }

    /** The rows of a list between two places; fewer if it becomes shorter. */
    private static final class RunIterator implements Iterator<OwnRow> {
        private final List<OwnRow> rows;
        private final int from;
        private final int to;
        private final boolean reverse;
        private int done;

        RunIterator(List<OwnRow> rows, int from, int to, boolean reverse) {
            this.rows = rows;
            this.from = from;
            this.to = to;
            this.reverse = reverse;
        }

        /** The next place, -1 at the end. */
        private int place() {
            if (reverse) {
                int at = Math.min(to - 1 - done, rows.size() - 1);
                return at < from ? -1 : at;
            }
            int at = from + done;
            return at < Math.min(to, rows.size()) ? at : -1;
        }

        @Override
        public boolean hasNext() {
            return place() >= 0;
        }

        @Override
        public OwnRow next() {
            int at = place();
            if (at < 0) {
                throw new NoSuchElementException();
            }
            done = reverse ? to - at : done + 1;
            return rows.get(at);
        }
    }

    /** Two iterators in the same order; a row that both have comes once. */
    private static final class Merged implements Iterator<OwnRow> {
        private final Iterator<OwnRow> left;
        private final Iterator<OwnRow> right;
        private final boolean reverse;
        private @Nullable OwnRow leftNext;
        private @Nullable OwnRow rightNext;

        Merged(Iterator<OwnRow> left, Iterator<OwnRow> right, boolean reverse) {
            this.left = left;
            this.right = right;
            this.reverse = reverse;
        }

        @Override
        public boolean hasNext() {
            return leftNext != null || rightNext != null || left.hasNext() || right.hasNext();
        }

        @Override
        public OwnRow next() {
            if (leftNext == null && left.hasNext()) {
                leftNext = left.next();
            }
            if (rightNext == null && right.hasNext()) {
                rightNext = right.next();
            }
            OwnRow one = leftNext;
            OwnRow other = rightNext;
            if (one == null) {
                rightNext = null;
                return present(other);
            }
            int order = other == null ? -1 : one.key.compareTo(other.key);
            if (reverse && other != null) {
                order = -order;
            }
            if (order <= 0) {
                leftNext = null;
            }
            if (order >= 0) {
                rightNext = null;
            }
            return order <= 0 ? one : present(other);
        }

        private static OwnRow present(@Nullable OwnRow row) {
            if (row == null) {
                throw new NoSuchElementException();
            }
            return row;
        }
    }
}
