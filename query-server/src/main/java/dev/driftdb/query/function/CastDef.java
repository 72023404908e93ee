package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.type.SqlType;

/**
 * One cast (pg_cast): between two types, or of a type to itself to apply a type modifier. NULL
 * stays NULL without a call. Casts from and to text through input and output functions are made by
 * {@link FunctionCatalog#cast} too.
 */
public record CastDef(SqlType from, SqlType to, Context context, boolean stable, Body body) {
    /** A value that is one of both types as it is: between a domain and its base type. */
    public static final Body RELABEL = (value, _, _, _) -> value;

    /** Whether the value stays as it is. */
    public boolean isRelabel() {
        return body.equals(RELABEL);
    }

    /** When a cast happens by itself: always, when storing into a column, only when written. */
    public enum Context {
        IMPLICIT,
        ASSIGNMENT,
        EXPLICIT
    }

    @FunctionalInterface
    public interface Body {
        /**
         * @param typmod of the target, -1 for none
         * @param explicit whether the cast was written: varchar(3) then cuts instead of refusing
         */
        Object apply(Object value, int typmod, boolean explicit, EvalContext context);
    }
}
