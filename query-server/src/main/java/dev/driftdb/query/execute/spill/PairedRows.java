package dev.driftdb.query.execute.spill;

import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The answer to two inputs; then, if they did not fit in memory, that to one pair of files after
 * another, each of which holds the rows of some keys. For one thread.
 *
 * @param <R> the rows of one answer
 */
public abstract class PairedRows<R extends Rows> implements Rows {
    private record Pair(@Nullable SpillFile first, @Nullable SpillFile second, int level) {
        static Rows rowsOf(@Nullable SpillFile file) {
            return file == null ? Rows.NONE : file.read();
        }

        void close() {
            if (first != null) {
                first.close();
            }
            if (second != null) {
                second.close();
            }
        }
    }

    private final Operator first;
    private final Operator second;
    private final Deque<Pair> waiting = new ArrayDeque<>();
    private @Nullable R current;
    private @Nullable Pair reading;

    protected PairedRows(Operator first, Operator second) {
        this.first = first;
        this.second = second;
    }

    /**
     * @param level how often the rows of the inputs have been parted
     */
    protected abstract R answer(Operator firstInput, Operator secondInput, int level);

    /**
     * An answer has been read, so far or to its end.
     *
     * @param parted whether its inputs are files
     */
    protected void note(R answer, boolean parted) {}

    /** Parts of the same rounds are to be answered later. */
    public final void putAside(HashPartitions firsts, HashPartitions seconds) {
        for (int i = 0; i < HashPartitions.COUNT; i++) {
            if (firsts.file(i) != null || seconds.file(i) != null) {
                waiting.push(new Pair(firsts.file(i), seconds.file(i), firsts.level() + 1));
            }
        }
    }

    @Override
    public final @Nullable Object @Nullable [] next() {
        R rows = current;
        if (rows == null) {
            rows = answer(first, second, 0);
            current = rows;
        }
        while (true) {
            @Nullable Object[] row = rows.next();
            if (row != null) {
                return row;
            }
            endPair();
            Pair next = waiting.poll();
            if (next == null) {
                return null;
            }
            reading = next;
            rows =
                    answer(
                            frame -> Pair.rowsOf(next.first()),
                            frame -> Pair.rowsOf(next.second()),
                            next.level());
            current = rows;
        }
    }

    /** Has the answer that is being read noted. */
    protected final void noteCurrent() {
        if (current != null) {
            note(current, reading != null);
        }
    }

    private void endPair() {
        noteCurrent();
        if (current != null) {
            current.close();
        }
        if (reading != null) {
            reading.close();
            reading = null;
        }
    }

    @Override
    public final void close() {
        endPair();
        waiting.forEach(Pair::close);
        waiting.clear();
    }
}
