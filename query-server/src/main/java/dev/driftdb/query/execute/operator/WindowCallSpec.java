package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.function.AggregateFunction.Accumulator;
import dev.driftdb.query.function.WindowFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call over a window: of a window function or of an aggregate.
 *
 * @param column where its value goes in the row
 * @param skipNulls of an aggregate: rows with a NULL argument are not added
 * @param repeatable whether the arguments and the filter have the same values whenever evaluated
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record WindowCallSpec(
        int column,
        WindowFunction.@Nullable Kind function,
        @Nullable Supplier<Accumulator> accumulators,
        Eval[] arguments,
        boolean skipNulls,
        boolean repeatable,
        @Nullable Eval filter) {}
