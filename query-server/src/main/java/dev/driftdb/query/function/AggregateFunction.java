package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One overload of an aggregate. DISTINCT, ORDER BY and FILTER are done outside of it.
 *
 * @param arguments of an ordered-set aggregate: the direct ones, then what is in WITHIN GROUP
 * @param skipNulls rows with a NULL argument are not added
 * @param direct how many arguments stand in front of WITHIN GROUP; of a hypothetical-set aggregate
 *     the call decides
 * @param gathers whether its state grows with every row
 */
public record AggregateFunction(
        int oid,
        String name,
        List<SqlType> arguments,
        boolean variadic,
        SqlType result,
        boolean skipNulls,
        Kind kind,
        int direct,
        boolean gathers,
        Implementation implementation) {
    public AggregateFunction {
        arguments = List.copyOf(arguments);
    }

    public enum Kind {
        NORMAL,
        /** WITHIN GROUP gives the order of what is added. */
        ORDERED_SET,
        /**
         * WITHIN GROUP orders a row that is not there, the direct arguments, among the others. What
         * is added per row, in order: how it compares with that row (int8, negative if it comes
         * before), and whether it differs from the row before it (boolean).
         */
        HYPOTHETICAL_SET
    }

    @FunctionalInterface
    public interface Implementation {
        /** A fresh accumulator maker for the actual types of one call. */
        java.util.function.Supplier<Accumulator> specialize(
                List<SqlType> argumentTypes, SqlType resultType);
    }

    /** The state of one group. */
    public interface Accumulator {
        void add(@Nullable Object[] arguments);

        /** For those whose state depends on the session: texts of times. */
        default void add(@Nullable Object[] arguments, EvalContext context) {
            add(arguments);
        }

        /** The value so far; more may be added afterwards. */
        @Nullable Object result();

        /** The value of an ordered-set aggregate with direct arguments. */
        default @Nullable Object result(@Nullable Object[] direct) {
            return result();
        }

        /**
         * Takes back what was added before all else, for frames of windows that move on.
         *
         * @return false if that cannot be done; the accumulator is of no use then
         */
        default boolean remove(@Nullable Object[] arguments) {
            return false;
        }
    }
}
