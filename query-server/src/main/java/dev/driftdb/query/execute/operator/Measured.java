package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Resources;
import dev.driftdb.query.execute.Rows;
import org.jspecify.annotations.Nullable;

/** An operator whose runs are measured: EXPLAIN ANALYZE puts one around each node. */
public final class Measured implements Operator {
    private final Operator input;
    private final NodeMeasure measure;

    public Measured(Operator input, NodeMeasure measure) {
        this.input = input;
        this.measure = measure;
    }

    @Override
    public Rows open(Frame frame) {
        return open(() -> input.open(frame), frame.context(), measure);
    }

    /** Opens rows and measures them. */
    static Rows open(
            java.util.function.Supplier<Rows> opening,
            ExecutionContext context,
            NodeMeasure measure) {
        Measuring measuring = new Measuring(context, measure);
        measuring.start();
        Rows rows = opening.get();
        measuring.stop();
        measuring.rows = rows;
        return measuring;
    }

    /** A run counts from its first row on: one that is opened only was never executed. */
    static final class Measuring implements Rows {
        private final ExecutionContext context;
        private final NodeMeasure measure;
        private Rows rows = Rows.NONE;
        private Resources before = Resources.NONE;
        private Resources used = Resources.NONE;
        private long began;
        private long nanos;
        private long startup;
        private long count;
        private boolean started;
        private boolean noted;

        Measuring(ExecutionContext context, NodeMeasure measure) {
            this.context = context;
            this.measure = measure;
        }

        /** What is measured. */
        Rows rows() {
            return rows;
        }

        private void start() {
            before = context.resources();
            began = measure.timed() ? System.nanoTime() : 0;
        }

        private void stop() {
            if (measure.timed()) {
                nanos += System.nanoTime() - began;
            }
            used = used.plus(context.resources().minus(before));
        }

        @Override
        public @Nullable Object @Nullable [] next() {
            start();
            @Nullable Object[] row = rows.next();
            stop();
            if (count == 0 && !noted) {
                startup = nanos;
            }
            started = true;
            if (row == null) {
                note();
            } else {
                count++;
            }
            return row;
        }

        private void note() {
            if (noted || !started) {
                return;
            }
            noted = true;
            rows.report(measure.report());
            measure.add(1, count, startup, nanos, used);
        }

        @Override
        public void close() {
            note();
            rows.close();
        }
    }
}
