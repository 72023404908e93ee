package dev.driftdb.query.function;

import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One overload of an aggregate. DISTINCT, ORDER BY and FILTER are done outside of it.
 *
 * @param skipNulls rows with a NULL argument are not added
 */
public record AggregateFunction(
        int oid,
        String name,
        List<SqlType> arguments,
        boolean variadic,
        SqlType result,
        boolean skipNulls,
        Implementation implementation) {
    public AggregateFunction {
        arguments = List.copyOf(arguments);
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

        @Nullable Object result();
    }
}
