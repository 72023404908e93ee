package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.FLOAT8;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.NAME;
import static dev.driftdb.schemas.type.Types.NAME_ARRAY;
import static dev.driftdb.schemas.type.Types.REGCLASS;
import static dev.driftdb.schemas.type.Types.REGTYPE;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.26 and 9.27: the session, its settings, the server. */
final class SystemFunctions {
    /** What version() says first: clients parse it for the level of the language they may use. */
    static final String VERSION = "PostgreSQL 16.0 (DriftDB 0.1) on JVM, 64-bit";

    private static final int UTF8_ENCODING = 6;
    private static final Duration SLEEP_SLICE = Duration.ofMillis(10);

    private SystemFunctions() {}

    static void define(Definitions d) {
        session(d);
        settings(d);
        server(d);
        constants(d);
        other(d);
        LockFunctions.define(d);
    }

    private static void stable(
            Definitions d, String name, SqlType result, Function<EvalContext, @Nullable Object> f) {
        d.define(name, result).stable().eval((_, c) -> f.apply(c));
    }

    static String text(@Nullable Object[] arguments, int index) {
        return (String) Objects.requireNonNull(arguments[index]);
    }

    static long number(@Nullable Object[] arguments, int index) {
        return (Long) Objects.requireNonNull(arguments[index]);
    }

    private static void session(Definitions d) {
        for (String name : List.of("current_user", "user", "current_role")) {
            stable(d, name, NAME, EvalContext::currentUser);
        }
        stable(d, "session_user", NAME, EvalContext::sessionUser);
        stable(d, "system_user", TEXT, EvalContext::sessionUser);
        for (String name : List.of("current_database", "current_catalog")) {
            stable(d, name, NAME, EvalContext::database);
        }
        stable(
                d,
                "current_schema",
                NAME,
                c -> {
                    List<Object> path = schemas(c, false);
                    return path.isEmpty() ? null : path.getFirst();
                });
        d.define("current_schemas", NAME_ARRAY, BOOL)
                .stable()
                .eval((a, c) -> SqlArray.of(NAME, schemas(c, Boolean.TRUE.equals(a[0]))));
        stable(d, "pg_backend_pid", INT4, c -> (long) c.backendPid());
    }

    /** The oid of the session's own temporary schema, 0 if it has none. */
    private static long temporarySchema(EvalContext context) {
        for (String name : context.searchPath()) {
            SchemaDef schema =
                    TemporarySchemas.isTemporary(name) ? context.catalog().findSchema(name) : null;
            if (schema != null) {
                return schema.id();
            }
        }
        return 0;
    }

    private static List<Object> schemas(EvalContext context, boolean implicit) {
        List<Object> result = new ArrayList<>();
        for (String name : implicit ? RegNames.effectivePath(context) : context.searchPath()) {
            boolean shown =
                    implicit || (!name.equals("pg_catalog") && !TemporarySchemas.isTemporary(name));
            if (shown && context.catalog().findSchema(name) != null) {
                result.add(name);
            }
        }
        return result;
    }

    private static void settings(Definitions d) {
        d.define("current_setting", TEXT, TEXT)
                .stable()
                .eval((a, c) -> {
                    String value = c.setting(text(a, 0));
                    if (value == null) {
                        throw new SqlException(
                                SqlState.UNDEFINED_OBJECT,
                                "unrecognized configuration parameter \"" + a[0] + "\"");
                    }
                    return value;
                });
        d.define("current_setting", TEXT, TEXT, BOOL)
                .stable()
                .eval((a, c) -> {
                    String value = c.setting(text(a, 0));
                    if (value == null && !Boolean.TRUE.equals(a[1])) {
                        throw new SqlException(
                                SqlState.UNDEFINED_OBJECT,
                                "unrecognized configuration parameter \"" + a[0] + "\"");
                    }
                    return value;
                });
        d.define("set_config", TEXT, TEXT, TEXT, BOOL)
                .nullable()
                .changing()
                .eval((a, c) -> {
                    if (a[0] == null) {
                        throw new SqlException(
                                SqlState.NULL_VALUE_NOT_ALLOWED, "SET requires parameter name");
                    }
                    return c.set(
                            text(a, 0), a[1] == null ? "" : text(a, 1), Boolean.TRUE.equals(a[2]));
                });
    }

    private static void server(Definitions d) {
        long started = DateTimeFunctions.clock();
        stable(d, "version", TEXT, _ -> VERSION);
        stable(d, "pg_postmaster_start_time", Types.TIMESTAMPTZ, _ -> started);
        stable(d, "pg_conf_load_time", Types.TIMESTAMPTZ, _ -> started);
        stable(d, "pg_is_in_recovery", BOOL, _ -> false);
        stable(d, "pg_jit_available", BOOL, _ -> false);
        stable(d, "pg_trigger_depth", INT4, _ -> 0L);
        stable(d, "pg_notification_queue_usage", FLOAT8, _ -> 0d);
        d.define("pg_cancel_backend", BOOL, INT4)
                .changing()
                .eval((a, c) -> c.cancelBackend((int) number(a, 0)));
        d.define("pg_sleep", Types.VOID, FLOAT8)
                .changing()
                .eval((a, c) -> {
                    sleep((Double) Objects.requireNonNull(a[0]), c);
                    return "";
                });
        for (String name : List.of("inet_server_addr", "inet_client_addr")) {
            stable(d, name, TEXT, _ -> null);
        }
        for (String name : List.of("inet_server_port", "inet_client_port")) {
            stable(d, name, INT4, _ -> null);
        }
        d.fn("pg_encoding_to_char", INT4, NAME, (Long n) -> n == UTF8_ENCODING ? "UTF8" : "");
        d.fn(
                "pg_char_to_encoding",
                NAME,
                INT4,
                (String s) ->
                        s.replace("-", "").equalsIgnoreCase("UTF8") ? (long) UTF8_ENCODING : -1L);
        stable(d, "pg_client_encoding", NAME, _ -> "UTF8");
        stable(d, "getdatabaseencoding", NAME, _ -> "UTF8");
        d.define("current_offset", INT8)
                .schema("driftdb")
                .changing()
                .eval((_, c) -> c.currentOffset());
        d.define("state_hash", TEXT).schema("driftdb").changing().eval((_, c) -> c.stateHash(null));
        for (SqlType point : List.of(INT8, TEXT)) {
            d.define("state_hash", TEXT, point)
                    .schema("driftdb")
                    .changing()
                    .eval((a, c) -> c.stateHash(String.valueOf(a[0])));
        }
    }

    private static void sleep(double seconds, EvalContext context) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            context.checkCanceled();
            LockSupport.parkNanos(Math.min(SLEEP_SLICE.toNanos(), end - System.nanoTime()));
        }
    }

    private static void constants(Definitions d) {
        stable(d, "pg_my_temp_schema", Types.OID, SystemFunctions::temporarySchema);
        d.define("pg_is_other_temp_schema", BOOL, Types.OID)
                .stable()
                .eval((a, c) ->
                        a[0] instanceof Long id
                                && TemporarySchemas.isTemporary(c.catalog(), (int) (long) id)
                                && temporarySchema(c) != id);
        d.fn("pg_relation_is_publishable", REGCLASS, BOOL, (Long _) -> false);
        d.fn("row_security_active", Types.OID, BOOL, (Long _) -> false);
        d.fn("pg_tablespace_location", Types.OID, TEXT, (Long _) -> "");
        SizeFunctions.define(d);
        d.tables.add(
                new TableFunction(
                        d.oid(),
                        "pg_catalog",
                        "pg_get_keywords",
                        List.of(),
                        false,
                        0,
                        List.of("word", "catcode", "barelabel", "catdesc", "baredesc"),
                        List.of(TEXT, Types.CHAR, BOOL, TEXT, TEXT),
                        true,
                        (_, _) -> {
                            List<@Nullable Object[]> rows = new ArrayList<>();
                            Keywords.ALL.forEach((word, code) ->
                                    rows.add(
                                            new Object[] {
                                                word, code, null, Keywords.describe(code), null
                                            }));
                            return rows.iterator();
                        }));
    }

    private static void other(Definitions d) {
        d.define("pg_typeof", REGTYPE, Types.ANY)
                .nullable()
                .stable()
                .specialize((types, _) -> {
                    Long oid = (long) types.getFirst().oid();
                    return (Body.Nary) (_, _) -> oid;
                });
        d.define("num_nulls", INT4, Types.ANY).variadic().nullable().eval((a, _) -> countNulls(a));
        d.define("num_nonnulls", INT4, Types.ANY)
                .variadic()
                .nullable()
                .eval((a, _) -> a.length - countNulls(a));
        for (String name : List.of("gen_random_uuid", "uuid_generate_v4")) {
            d.define(name, Types.UUID).changing().eval((_, _) -> UUID.randomUUID());
        }
    }

    private static long countNulls(@Nullable Object[] arguments) {
        long count = 0;
        for (Object argument : arguments) {
            count += argument == null ? 1 : 0;
        }
        return count;
    }
}
