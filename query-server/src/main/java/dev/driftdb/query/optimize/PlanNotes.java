package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.execute.operator.Measured;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.explain.Explain.Estimate;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.statistics.ColumnStatistics;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What EXPLAIN adds while a plan is made: what the planner believes of each node, and, where it is
 * to be run, a measure around each operator. A plan that is not explained has none of it.
 */
final class PlanNotes {
    /** A row of a plain scan in PostgreSQL's units of cost: its cpu_tuple_cost. */
    private static final double COST_OF_ROW = 0.01;

    private static final int UNKNOWN_WIDTH = 32;

    private final Estimates estimates;
    private final Measuring measuring;
    private final boolean hasIndexes;

    /** Whether runs are measured, and whether the clock is read for it. */
    enum Measuring {
        NONE,
        ROWS,
        TIMES
    }

    /**
     * @param hasIndexes whether indexes can be read: not in the past
     */
    PlanNotes(Estimates estimates, Measuring measuring, boolean hasIndexes) {
        this.estimates = estimates;
        this.measuring = measuring;
        this.hasIndexes = hasIndexes;
    }

    boolean hasIndexes() {
        return hasIndexes;
    }

    /** A count of the rows that a condition refuses; null where nothing is measured. */
    @Nullable LongAdder refusals() {
        return measuring == Measuring.NONE ? null : new LongAdder();
    }

    /** Null where nothing is measured. */
    @Nullable NodeMeasure measure() {
        return measuring == Measuring.NONE ? null : new NodeMeasure(measuring == Measuring.TIMES);
    }

    /**
     * A node whose operator answers a plan's rows. Where a node has several operators (a scan and
     * what projects its rows) the outermost is the one that counts.
     */
    Planned add(Planned planned, LogicalPlan plan, BitSet required) {
        Explain node = planned.explain();
        node.estimate(estimate(node, plan, required));
        node.output(plan, required);
        return measured(planned);
    }

    /** A node that is no more than its operator: its estimate is made by who plans it. */
    Planned measured(Planned planned) {
        NodeMeasure before = planned.explain().measure();
        NodeMeasure measure = before == null ? measure() : before.around();
        if (measure == null) {
            return planned;
        }
        planned.explain().measure(measure);
        return planned.withOperator(new Measured(planned.operator(), measure));
    }

    /** A statement that changes rows: it answers those of RETURNING. */
    Planned modification(Planned planned, boolean returning) {
        Explain node = planned.explain();
        double total = 0;
        double rows = 0;
        int width = 0;
        for (Estimate below : node.inputs()) {
            total += below.total();
            rows += below.rows();
            width += below.width();
        }
        node.estimate(new Estimate(0, total, returning ? rows : 0, returning ? width : 0));
        return measured(planned);
    }

    private Estimate estimate(Explain node, LogicalPlan plan, BitSet required) {
        double rows = Math.max(isNothing(node) ? 0 : 1, Math.rint(estimates.rows(plan)));
        double below = 0;
        double started = 0;
        List<Estimate> inputs = node.inputs();
        for (Estimate input : inputs) {
            below += input.total();
        }
        if (!inputs.isEmpty()) {
            started = inputs.getFirst().startup();
        }
        double total = Math.max(below, estimates.cost(plan) * COST_OF_ROW);
        double startup =
                switch (node.nodeType()) {
                    case "Sort", "Aggregate" -> Math.max(below, total - rows * COST_OF_ROW);
                    case "SetOp" -> below;
                    case "Hash Join" -> started + inputs.getLast().total();
                    case "Nested Loop" -> started + inputs.getLast().startup();
                    case "Limit" -> {
                        Estimate input = inputs.getFirst();
                        double share = Math.min(1, rows / Math.max(1, input.rows()));
                        total = input.startup() + (input.total() - input.startup()) * share;
                        yield input.startup();
                    }
                    case "Result" -> {
                        total = isNothing(node) ? 0 : total;
                        yield 0;
                    }
                    default -> started;
                };
        return new Estimate(Math.min(startup, total), total, rows, width(plan, required));
    }

    private static boolean isNothing(Explain node) {
        return node.refusesAll();
    }

    private int width(LogicalPlan plan, BitSet required) {
        int width = 0;
        for (int i = required.nextSetBit(0);
                i >= 0 && i < plan.columns().size();
                i = required.nextSetBit(i + 1)) {
            ColumnStatistics known = estimates.statisticsOf(plan, i);
            int length = plan.columns().get(i).type().length();
            width += known != null ? known.averageWidth() : length > 0 ? length : UNKNOWN_WIDTH;
        }
        return width;
    }

    /** The node of a hash table over rows that another node answers. */
    static Explain hash(Explain input) {
        Explain node = Explain.of("Hash", input);
        Estimate below = input.estimate();
        if (below != null) {
            node.estimate(new Estimate(below.total(), below.total(), below.rows(), below.width()));
        }
        return node;
    }

    /** A node of a table that is looked into for each row of another one. */
    static Estimate lookup(double cost, double rows, int width) {
        return new Estimate(0, cost * COST_OF_ROW, Math.max(1, Math.rint(rows)), width);
    }
}
