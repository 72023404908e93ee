package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Calls in named notation, make_interval(days => 10): PostgreSQL manual, "Calling Functions". They
 * are written as positional calls, with the defaults of the parameters that are left out.
 */
final class NamedArguments {
    /**
     * The parameters of a function.
     *
     * @param defaults of the last parameters, as SQL; empty for one that can only be last and is
     *     then left out
     */
    private record Signature(List<String> names, List<String> defaults) {
        int required() {
            return names.size() - defaults.size();
        }
    }

    private static final Signature FROM_JSON = signature("from_json");
    private static final Signature JSON_PATH =
            signature("target, path, vars, silent", "'{}'", "false");
    private static final Signature POPULATE =
            signature("base, from_json, use_json_as_text", "false");

    private static final Map<String, Signature> SIGNATURES =
            Map.ofEntries(
                    Map.entry("json_array_elements", FROM_JSON),
                    Map.entry("json_array_elements_text", FROM_JSON),
                    Map.entry("json_each", FROM_JSON),
                    Map.entry("json_each_text", FROM_JSON),
                    Map.entry("jsonb_array_elements", FROM_JSON),
                    Map.entry("jsonb_array_elements_text", FROM_JSON),
                    Map.entry("jsonb_each", FROM_JSON),
                    Map.entry("jsonb_each_text", FROM_JSON),
                    Map.entry("json_populate_record", POPULATE),
                    Map.entry("json_populate_recordset", POPULATE),
                    Map.entry(
                            "jsonb_insert",
                            signature("jsonb_in, path, replacement, insert_after", "false")),
                    Map.entry(
                            "jsonb_set",
                            signature("jsonb_in, path, replacement, create_if_missing", "true")),
                    Map.entry(
                            "jsonb_set_lax",
                            signature(
                                    "jsonb_in, path, replacement, create_if_missing,"
                                            + " null_value_treatment",
                                    "true",
                                    "'use_json_null'")),
                    Map.entry("jsonb_path_exists", JSON_PATH),
                    Map.entry("jsonb_path_exists_tz", JSON_PATH),
                    Map.entry("jsonb_path_match", JSON_PATH),
                    Map.entry("jsonb_path_match_tz", JSON_PATH),
                    Map.entry("jsonb_path_query", JSON_PATH),
                    Map.entry("jsonb_path_query_tz", JSON_PATH),
                    Map.entry("jsonb_path_query_array", JSON_PATH),
                    Map.entry("jsonb_path_query_array_tz", JSON_PATH),
                    Map.entry("jsonb_path_query_first", JSON_PATH),
                    Map.entry("jsonb_path_query_first_tz", JSON_PATH),
                    Map.entry("make_date", signature("year, month, day")),
                    Map.entry(
                            "make_interval",
                            signature(
                                    "years, months, weeks, days, hours, mins, secs",
                                    "0",
                                    "0",
                                    "0",
                                    "0",
                                    "0",
                                    "0",
                                    "0")),
                    Map.entry("make_time", signature("hour, min, sec")),
                    Map.entry("make_timestamp", signature("year, month, mday, hour, min, sec")),
                    Map.entry(
                            "make_timestamptz",
                            signature("year, month, mday, hour, min, sec, timezone", "")),
                    Map.entry("parse_ident", signature("str, strict", "true")),
                    Map.entry("pg_terminate_backend", signature("pid, timeout", "0")),
                    Map.entry("random_normal", signature("mean, stddev", "0", "1")));

    private NamedArguments() {}

    private static Signature signature(String names, String... defaults) {
        return new Signature(Arrays.asList(names.split(", ")), List.of(defaults));
    }

    /**
     * The call with all arguments in their places.
     *
     * @throws SqlException 42601, 42883
     */
    static SqlExpr.FunctionCall positional(SqlExpr.FunctionCall call, ExpressionBinder binder) {
        if (call.arguments().stream().noneMatch(SqlExpr.NamedArgument.class::isInstance)) {
            return call;
        }
        Set<String> used = new HashSet<>();
        for (SqlExpr argument : call.arguments()) {
            if (argument instanceof SqlExpr.NamedArgument named) {
                if (!used.add(named.name())) {
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "argument name \"" + named.name() + "\" used more than once",
                            named.position());
                }
            } else if (!used.isEmpty()) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "positional argument cannot follow named argument",
                        ExpressionBinder.start(argument));
            }
        }
        if (call.variadic()) {
            throw SqlException.notSupported("a named VARIADIC argument", call.position());
        }
        Signature signature = SIGNATURES.get(call.name().last());
        List<SqlExpr> placed = signature == null ? null : placed(signature, call);
        if (placed == null) {
            throw missing(call, binder);
        }
        return new SqlExpr.FunctionCall(
                call.name(),
                placed,
                call.star(),
                call.distinct(),
                false,
                call.orderBy(),
                call.filter(),
                call.withinGroup(),
                call.over(),
                call.position());
    }

    /** Null if the arguments do not fit the parameters. */
    private static @Nullable List<SqlExpr> placed(Signature signature, SqlExpr.FunctionCall call) {
        @Nullable SqlExpr[] given = new @Nullable SqlExpr[signature.names().size()];
        int last = -1;
        for (int i = 0; i < call.arguments().size(); i++) {
            SqlExpr argument = call.arguments().get(i);
            boolean named = argument instanceof SqlExpr.NamedArgument;
            int at = i;
            if (argument instanceof SqlExpr.NamedArgument(String name, SqlExpr value, int _)) {
                at = signature.names().indexOf(name);
                argument = value;
            }
            if (at < 0 || at >= given.length || (named && given[at] != null)) {
                return null;
            }
            given[at] = argument;
            last = Math.max(last, at);
        }
        List<SqlExpr> placed = new ArrayList<>();
        for (int i = 0; i < Math.max(last + 1, signature.required()); i++) {
            SqlExpr argument = given[i];
            if (argument == null) {
                if (i < signature.required()) {
                    return null;
                }
                argument =
                        literal(
                                signature.defaults().get(i - signature.required()),
                                call.position());
            }
            placed.add(argument);
        }
        return placed;
    }

    private static SqlExpr literal(String text, int position) {
        if (text.startsWith("'")) {
            return new SqlExpr.StringLiteral(text.substring(1, text.length() - 1), position);
        }
        return text.equals("true") || text.equals("false")
                ? new SqlExpr.BooleanLiteral(text.equals("true"), position)
                : new SqlExpr.NumberLiteral(text, position);
    }

    private static SqlException missing(SqlExpr.FunctionCall call, ExpressionBinder binder) {
        String shown =
                call.arguments().stream()
                        .map(argument -> {
                            if (argument
                                    instanceof
                                    SqlExpr.NamedArgument(String name, SqlExpr value, int _)) {
                                return name + " => " + type(binder, value).sqlName();
                            }
                            return type(binder, argument).sqlName();
                        })
                        .collect(Collectors.joining(", "));
        return new SqlException(
                        SqlState.UNDEFINED_FUNCTION,
                        "function " + call.name() + "(" + shown + ") does not exist",
                        call.position())
                .withHint(
                        "No function matches the given name and argument types. You might need to"
                                + " add explicit type casts.");
    }

    private static SqlType type(ExpressionBinder binder, SqlExpr value) {
        return binder.bind(value).type();
    }
}
