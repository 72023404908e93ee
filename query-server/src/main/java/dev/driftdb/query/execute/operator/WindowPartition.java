package dev.driftdb.query.execute.operator;

import dev.driftdb.query.ast.WindowFrame.Exclusion;
import dev.driftdb.query.ast.WindowFrame.Mode;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.function.RangeFrames.InRange;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one partition in the window's order, which of them are peers, and the frame of the
 * row that is current. Frames are asked for from the first row to the last.
 */
final class WindowPartition {
    private final List<@Nullable Object[]> rows;
    private final WindowBounds bounds;
    private final Frame frame;
    private final @Nullable Object startOffset;
    private final @Nullable Object endOffset;

    /** The number of each row's peer group; empty if nobody asks. */
    private final int[] groupOf;

    /** The first row of each peer group, then the number of rows. */
    private final int[] groupStarts;

    private final @Nullable Object[] rangeKeys;
    private int current = -1;
    private int frameStart;
    private int frameEnd;

    WindowPartition(
            List<@Nullable Object[]> rows,
            int[] groupOf,
            int[] groupStarts,
            WindowBounds bounds,
            @Nullable Object startOffset,
            @Nullable Object endOffset,
            Frame frame) {
        this.rows = rows;
        this.groupOf = groupOf;
        this.groupStarts = groupStarts;
        this.bounds = bounds;
        this.startOffset = startOffset;
        this.endOffset = endOffset;
        this.frame = frame;
        WindowBounds.RangeKey key = bounds.rangeKey();
        this.rangeKeys = new @Nullable Object[key == null ? 0 : rows.size()];
        for (int i = 0; i < rangeKeys.length && key != null; i++) {
            rangeKeys[i] = key.value().eval(rows.get(i), frame);
        }
    }

    int size() {
        return rows.size();
    }

    @Nullable Object[] row(int index) {
        return rows.get(index);
    }

    /** The number of the row's peer group, from 0. */
    int group(int index) {
        return groupOf.length == 0 ? 0 : groupOf[index];
    }

    int peersStart(int index) {
        return groupOf.length == 0 ? 0 : groupStarts[groupOf[index]];
    }

    int peersEnd(int index) {
        return groupOf.length == 0 ? rows.size() : groupStarts[groupOf[index] + 1];
    }

    /** Makes a row the current one. */
    void moveTo(int index) {
        current = index;
        frameStart = start(index);
        frameEnd = Math.max(end(index), frameStart);
    }

    /** The first row of the frame, excluded ones not considered. */
    int frameStart() {
        return frameStart;
    }

    /** The row behind the frame. */
    int frameEnd() {
        return frameEnd;
    }

    private int start(int index) {
        return switch (bounds.start()) {
            case UNBOUNDED_PRECEDING -> 0;
            case CURRENT_ROW -> bounds.mode() == Mode.ROWS ? index : peersStart(index);
            case PRECEDING -> startAt(index, true);
            case FOLLOWING -> startAt(index, false);
            case UNBOUNDED_FOLLOWING -> rows.size();
        };
    }

    private int end(int index) {
        return switch (bounds.end()) {
            case UNBOUNDED_PRECEDING -> 0;
            case CURRENT_ROW -> bounds.mode() == Mode.ROWS ? index + 1 : peersEnd(index);
            case PRECEDING -> endAt(index, true);
            case FOLLOWING -> endAt(index, false);
            case UNBOUNDED_FOLLOWING -> rows.size();
        };
    }

    private int startAt(int index, boolean preceding) {
        return switch (bounds.mode()) {
            case ROWS -> clamp(index, startOffset, preceding, rows.size());
            case GROUPS -> groupStarts[clamp(group(index), startOffset, preceding, groups())];
            case RANGE -> {
                int at = frameStart;
                while (at < rows.size() && isBefore(at, index, startOffset, preceding, true)) {
                    frame.tick();
                    at++;
                }
                yield at;
            }
        };
    }

    private int endAt(int index, boolean preceding) {
        return switch (bounds.mode()) {
            case ROWS -> clamp(index + 1, endOffset, preceding, rows.size());
            case GROUPS -> groupStarts[clamp(group(index) + 1, endOffset, preceding, groups())];
            case RANGE -> {
                int at = frameEnd;
                while (at < rows.size() && isBefore(at, index, endOffset, preceding, false)) {
                    frame.tick();
                    at++;
                }
                yield at;
            }
        };
    }

    private int groups() {
        return groupStarts.length - 1;
    }

    private static int clamp(int index, @Nullable Object offset, boolean preceding, int limit) {
        long distance = offset instanceof Long number ? number : 0;
        if (preceding) {
            return (int) Math.max(0, index - Math.min(distance, limit));
        }
        return (int) Math.min(limit, index + Math.min(distance, limit));
    }

    /** Whether a RANGE bound of the row {@code index} lies behind the row {@code at}. */
    private boolean isBefore(
            int at, int index, @Nullable Object offset, boolean preceding, boolean start) {
        WindowBounds.RangeKey key = bounds.rangeKey();
        if (key == null || offset == null) {
            throw new IllegalStateException("a RANGE offset without a sort key");
        }
        Object value = rangeKeys[at];
        Object base = rangeKeys[index];
        if (value == null || base == null) {
            // NULLs are peers of each other and at one end of all others.
            if (start) {
                return key.nullsFirst()
                        ? value == null && base != null
                        : value != null && base == null;
            }
            return key.nullsFirst() ? value == null : base == null;
        }
        InRange test = key.test();
        boolean subtract = preceding != key.descending();
        boolean less = start == key.descending();
        boolean inside = test.test(value, base, offset, subtract, less, frame.context());
        return start != inside;
    }

    // ---- EXCLUDE ----

    boolean excludes() {
        return bounds.exclusion() != Exclusion.NO_OTHERS;
    }

    /** The rows left out are those from here … */
    int excludedStart() {
        return bounds.exclusion() == Exclusion.CURRENT_ROW ? current : peersStart(current);
    }

    /** … to before here, but with EXCLUDE TIES the current one is not. */
    int excludedEnd() {
        return bounds.exclusion() == Exclusion.CURRENT_ROW ? current + 1 : peersEnd(current);
    }

    boolean isInFrame(int index) {
        if (index < frameStart || index >= frameEnd) {
            return false;
        }
        return !excludes()
                || index < excludedStart()
                || index >= excludedEnd()
                || (bounds.exclusion() == Exclusion.TIES && index == current);
    }

    /** The {@code n}-th row of the frame from its start, from 1; -1 if it has fewer. */
    int fromStart(long n) {
        if (!excludes()) {
            return n <= frameEnd - frameStart ? (int) (frameStart + n - 1) : -1;
        }
        long left = n;
        for (int[] part : parts()) {
            int count = Math.max(0, part[1] - part[0]);
            if (left <= count) {
                return (int) (part[0] + left - 1);
            }
            left -= count;
        }
        return -1;
    }

    /** The last row of the frame, -1 if it is empty. */
    int last() {
        if (!excludes()) {
            return frameEnd > frameStart ? frameEnd - 1 : -1;
        }
        int last = -1;
        for (int[] part : parts()) {
            if (part[1] > part[0]) {
                last = part[1] - 1;
            }
        }
        return last;
    }

    /** What is left of the frame: ranges of rows, in order. */
    int[][] parts() {
        int from = Math.clamp(excludedStart(), frameStart, frameEnd);
        int to = Math.clamp(excludedEnd(), frameStart, frameEnd);
        int[][] parts = {{frameStart, from}, {0, 0}, {to, frameEnd}};
        if (bounds.exclusion() == Exclusion.TIES && current >= from && current < to) {
            parts[1] = new int[] {current, current + 1};
        }
        return parts;
    }

    /** Growing numbers of peer groups: see {@link #groupStarts}. */
    static int[] starts(int[] buffer, int groups, int rows) {
        int[] result = Arrays.copyOf(buffer, groups + 1);
        result[groups] = rows;
        return result;
    }
}
