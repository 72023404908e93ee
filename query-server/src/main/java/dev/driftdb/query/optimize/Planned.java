package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.plan.LogicalPlan;
import java.util.List;

/**
 * A physical plan on its way.
 *
 * @param width columns of a row without the hidden ones
 * @param hidden the scans whose row ids come behind, in order
 * @param ordered whether the order that was asked for is there
 */
record Planned(
        Operator operator,
        int width,
        List<LogicalPlan.Scan> hidden,
        boolean ordered,
        Explain explain) {
    static Planned of(Operator operator, int width, Explain explain) {
        return new Planned(operator, width, List.of(), false, explain);
    }

    Planned withOperator(Operator other) {
        return new Planned(other, width, hidden, ordered, explain);
    }
}
