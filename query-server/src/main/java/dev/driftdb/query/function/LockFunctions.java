package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT4_ARRAY;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.VOID;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockTarget.Advisory;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.27.10: advisory locks; and who waits for whom. */
final class LockFunctions {
    private LockFunctions() {}

    static void define(Definitions d) {
        for (boolean shared : new boolean[] {false, true}) {
            String suffix = shared ? "_shared" : "";
            LockMode mode = shared ? LockMode.SHARE : LockMode.EXCLUSIVE;
            for (boolean transaction : new boolean[] {false, true}) {
                String name = (transaction ? "advisory_xact_lock" : "advisory_lock") + suffix;
                both(
                        d,
                        "pg_" + name,
                        VOID,
                        (key, c) -> {
                            c.locks().take(key, mode, transaction, true);
                            return "";
                        });
                both(
                        d,
                        "pg_try_" + name,
                        BOOL,
                        (key, c) -> c.locks().take(key, mode, transaction, false));
            }
            both(d, "pg_advisory_unlock" + suffix, BOOL, (key, c) -> c.locks().release(key, mode));
        }
        d.define("pg_advisory_unlock_all", VOID)
                .changing()
                .eval((_, c) -> {
                    c.locks().releaseAll();
                    return "";
                });
        d.define("pg_blocking_pids", INT4_ARRAY, INT4)
                .changing()
                .eval((a, c) -> pids(c.locks().blockersOf((int) SystemFunctions.number(a, 0))));
        // No transaction waits for a safe snapshot: every snapshot is one.
        d.define("pg_safe_snapshot_blocking_pids", INT4_ARRAY, INT4)
                .changing()
                .eval((_, _) -> pids(List.of()));
    }

    private static SqlArray pids(List<Integer> processes) {
        return SqlArray.of(INT4, processes.stream().map(Integer::longValue).toList());
    }

    /** Of one bigint, and of two integers. */
    private static void both(
            Definitions d,
            String name,
            SqlType result,
            BiFunction<Advisory, EvalContext, @Nullable Object> body) {
        d.define(name, result, INT8)
                .changing()
                .eval((a, c) -> body.apply(Advisory.of(SystemFunctions.number(a, 0)), c));
        d.define(name, result, INT4, INT4)
                .changing()
                .eval((a, c) ->
                        body.apply(
                                new Advisory(
                                        (int) SystemFunctions.number(a, 0),
                                        (int) SystemFunctions.number(a, 1),
                                        true),
                                c));
    }
}
