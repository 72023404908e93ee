package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.TableFunction;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** information_schema: routines and their parameters. */
final class InformationRoutines {
    /** What scalar and table functions have in common; results of a table function are outputs. */
    private record Routine(
            int oid,
            String schema,
            String name,
            List<SqlType> arguments,
            SqlType result,
            boolean strict,
            boolean deterministic,
            List<String> outputNames,
            List<SqlType> outputTypes) {
        String specificName() {
            return name + "_" + oid;
        }
    }

    private final Supplier<? extends FunctionCatalog> functions;

    private InformationRoutines(Supplier<? extends FunctionCatalog> functions) {
        this.functions = functions;
    }

    static void define(RowSources sources, Supplier<? extends FunctionCatalog> functions) {
        InformationRoutines routines = new InformationRoutines(functions);
        sources.informationSchema(
                "routines", (relation, _, context) -> routines.routines(relation, context));
        sources.informationSchema(
                "parameters", (relation, _, context) -> routines.parameters(relation, context));
    }

    private Stream<Routine> all() {
        FunctionCatalog catalog = functions.get();
        return Stream.concat(
                catalog.allScalars().stream().map(InformationRoutines::scalar),
                catalog.allTableFunctions().stream().map(InformationRoutines::table));
    }

    private static Routine scalar(ScalarFunction function) {
        return new Routine(
                function.oid(),
                function.schema(),
                function.name(),
                function.arguments(),
                function.result(),
                function.strict(),
                function.volatility() == ScalarFunction.Volatility.IMMUTABLE,
                List.of(),
                List.of());
    }

    private static Routine table(TableFunction function) {
        boolean single = function.columnTypes().size() == 1;
        return new Routine(
                function.oid(),
                function.schema(),
                function.name(),
                function.arguments(),
                single ? function.columnTypes().getFirst() : Types.RECORD,
                function.strict(),
                false,
                single ? List.of() : function.columnNames(),
                single ? List.of() : function.columnTypes());
    }

    private Stream<@Nullable Object[]> routines(DeclaredRelation relation, EvalContext context) {
        String database = context.database();
        return all().map(routine ->
                relation.row(
                        "specific_catalog",
                        database,
                        "specific_schema",
                        routine.schema(),
                        "specific_name",
                        routine.specificName(),
                        "routine_catalog",
                        database,
                        "routine_schema",
                        routine.schema(),
                        "routine_name",
                        routine.name(),
                        "routine_type",
                        "FUNCTION",
                        "data_type",
                        InformationTypes.of(routine.result(), -1).dataType(),
                        "type_udt_catalog",
                        database,
                        "type_udt_schema",
                        "pg_catalog",
                        "type_udt_name",
                        routine.result().name(),
                        "dtd_identifier",
                        "0",
                        "routine_body",
                        "EXTERNAL",
                        "external_name",
                        routine.name(),
                        "external_language",
                        "INTERNAL",
                        "parameter_style",
                        "GENERAL",
                        "is_deterministic",
                        InformationSchema.yesNo(routine.deterministic()),
                        "sql_data_access",
                        "MODIFIES",
                        "is_null_call",
                        InformationSchema.yesNo(routine.strict()),
                        "schema_level_routine",
                        "YES",
                        "max_dynamic_result_sets",
                        0,
                        "security_type",
                        "INVOKER",
                        "as_locator",
                        "NO",
                        "is_udt_dependent",
                        "NO"));
    }

    private Stream<@Nullable Object[]> parameters(DeclaredRelation relation, EvalContext context) {
        return all().flatMap(routine -> {
            List<@Nullable Object[]> rows = new ArrayList<>();
            for (SqlType argument : routine.arguments()) {
                rows.add(parameter(relation, context, routine, rows.size() + 1, null, argument));
            }
            for (int i = 0; i < routine.outputTypes().size(); i++) {
                rows.add(
                        parameter(
                                relation,
                                context,
                                routine,
                                rows.size() + 1,
                                routine.outputNames().get(i),
                                routine.outputTypes().get(i)));
            }
            return rows.stream();
        });
    }

    /**
     * @param outputName null for an input
     */
    private static @Nullable Object[] parameter(
            DeclaredRelation relation,
            EvalContext context,
            Routine routine,
            int position,
            @Nullable String outputName,
            SqlType type) {
        return relation.row(
                "specific_catalog", context.database(),
                "specific_schema", routine.schema(),
                "specific_name", routine.specificName(),
                "ordinal_position", position,
                "parameter_mode", outputName == null ? "IN" : "OUT",
                "is_result", "NO",
                "as_locator", "NO",
                "parameter_name", outputName,
                "data_type", InformationTypes.of(type, -1).dataType(),
                "udt_catalog", context.database(),
                "udt_schema", "pg_catalog",
                "udt_name", type.name(),
                "dtd_identifier", Integer.toString(position));
    }
}
