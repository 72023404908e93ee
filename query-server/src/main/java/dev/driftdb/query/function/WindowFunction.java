package dev.driftdb.query.function;

import dev.driftdb.schemas.type.SqlType;
import java.util.List;

/**
 * One overload of a function that is called over a window only.
 *
 * @param oid PostgreSQL's
 * @param arguments declared argument types, pseudo-types included
 */
public record WindowFunction(
        int oid, String name, List<SqlType> arguments, SqlType result, Kind kind) {
    public WindowFunction {
        arguments = List.copyOf(arguments);
    }

    /** What the operator does for it. */
    public enum Kind {
        ROW_NUMBER,
        RANK,
        DENSE_RANK,
        PERCENT_RANK,
        CUME_DIST,
        NTILE,
        LAG,
        LEAD,
        FIRST_VALUE,
        LAST_VALUE,
        NTH_VALUE;

        /** Whether rows that are equal in the window's order count as one. */
        public boolean readsPeers() {
            return switch (this) {
                case RANK, DENSE_RANK, PERCENT_RANK, CUME_DIST -> true;
                case ROW_NUMBER, NTILE, LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE -> false;
            };
        }
    }
}
