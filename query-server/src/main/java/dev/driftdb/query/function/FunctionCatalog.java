package dev.driftdb.query.function;

import dev.driftdb.schemas.type.SqlType;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All built-in functions, operators, casts and aggregates. Immutable. */
public interface FunctionCatalog {
    /** All overloads of this name, from every schema in which functions are looked up. */
    List<ScalarFunction> scalars(String name);

    List<AggregateFunction> aggregates(String name);

    List<WindowFunction> windowFunctions(String name);

    List<TableFunction> tableFunctions(String name);

    /** Infix and prefix operators of this symbol. */
    List<OperatorDef> operators(String symbol);

    /**
     * The cast between two types, text input/output conversions and arrays of castable elements
     * included; null if there is none in any context.
     */
    @Nullable CastDef cast(SqlType from, SqlType to);

    Collection<ScalarFunction> allScalars();

    Collection<AggregateFunction> allAggregates();

    Collection<WindowFunction> allWindowFunctions();

    Collection<TableFunction> allTableFunctions();

    Collection<OperatorDef> allOperators();

    Collection<CastDef> allCasts();
}
