package dev.driftdb.query.function;

import dev.driftdb.schemas.type.SqlType;
import java.util.List;

/** What tells one of the functions of a name from the others. */
public sealed interface Overload permits ScalarFunction, TableFunction {
    String schema();

    /** Declared argument types, pseudo-types (anyelement…) included. */
    List<SqlType> arguments();

    /** Whether the last argument, an array type, takes any number of its elements. */
    boolean variadic();

    /** How many trailing arguments may be left out. */
    int defaultCount();
}
