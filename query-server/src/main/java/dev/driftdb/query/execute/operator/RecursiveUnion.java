package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.MemoryBudget;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.ValueKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** WITH RECURSIVE: the base, then the step over the newest rows until there are none. */
public final class RecursiveUnion implements Operator {
    private final int id;
    private final Operator base;
    private final Operator step;
    private final @Nullable ValueKey distinct;

    /**
     * @param distinct for UNION without ALL: rows seen before are dropped
     */
    public RecursiveUnion(int id, Operator base, Operator step, @Nullable ValueKey distinct) {
        this.id = id;
        this.base = base;
        this.step = step;
        this.distinct = distinct;
    }

    @Override
    public Rows open(Frame frame) {
        return new Rounds(frame);
    }

    private final class Rounds implements Rows {
        private final Frame frame;
        private final MemoryBudget memory;
        private final Set<@Nullable Object> seen = new HashSet<>();
        private List<@Nullable Object[]> newest = new ArrayList<>();
        private Rows rows;

        Rounds(Frame frame) {
            this.frame = frame;
            this.memory = new MemoryBudget("A recursive query", frame);
            this.rows = base.open(frame);
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            while (true) {
                frame.tick();
                @Nullable Object[] row = rows.next();
                if (row == null) {
                    rows.close();
                    if (newest.isEmpty()) {
                        rows = Rows.NONE;
                        return null;
                    }
                    startRound();
                } else if (distinct == null || seen.add(distinct.ofRow(row))) {
                    memory.add(row);
                    newest.add(row);
                    return row;
                }
            }
        }

        private void startRound() {
            if (distinct == null) {
                memory.release();
            }
            List<@Nullable Object[]> working = newest;
            newest = new ArrayList<>();
            Frame round = frame.again();
            round.defineCommonTable(id, () -> Rows.of(working));
            rows = step.open(round);
        }

        @Override
        public void close() {
            rows.close();
            rows = Rows.NONE;
            memory.release();
        }
    }
}
