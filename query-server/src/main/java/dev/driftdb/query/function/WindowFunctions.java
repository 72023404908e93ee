package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANYCOMPATIBLE;
import static dev.driftdb.schemas.type.Types.ANYELEMENT;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;

import dev.driftdb.query.function.WindowFunction.Kind;

/** PostgreSQL manual, 9.22 Window Functions. */
final class WindowFunctions {
    private WindowFunctions() {}

    static void define(Definitions d) {
        d.window(3100, "row_number", Kind.ROW_NUMBER, INT8);
        d.window(3101, "rank", Kind.RANK, INT8);
        d.window(3102, "dense_rank", Kind.DENSE_RANK, INT8);
        d.window(3103, "percent_rank", Kind.PERCENT_RANK, FLOAT8);
        d.window(3104, "cume_dist", Kind.CUME_DIST, FLOAT8);
        d.window(3105, "ntile", Kind.NTILE, INT4, INT4);
        d.window(3106, "lag", Kind.LAG, ANYELEMENT, ANYELEMENT);
        d.window(3107, "lag", Kind.LAG, ANYELEMENT, ANYELEMENT, INT4);
        d.window(3108, "lag", Kind.LAG, ANYCOMPATIBLE, ANYCOMPATIBLE, INT4, ANYCOMPATIBLE);
        d.window(3109, "lead", Kind.LEAD, ANYELEMENT, ANYELEMENT);
        d.window(3110, "lead", Kind.LEAD, ANYELEMENT, ANYELEMENT, INT4);
        d.window(3111, "lead", Kind.LEAD, ANYCOMPATIBLE, ANYCOMPATIBLE, INT4, ANYCOMPATIBLE);
        d.window(3112, "first_value", Kind.FIRST_VALUE, ANYELEMENT, ANYELEMENT);
        d.window(3113, "last_value", Kind.LAST_VALUE, ANYELEMENT, ANYELEMENT);
        d.window(3114, "nth_value", Kind.NTH_VALUE, ANYELEMENT, ANYELEMENT, INT4);
    }
}
