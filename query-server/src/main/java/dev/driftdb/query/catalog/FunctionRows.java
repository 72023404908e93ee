package dev.driftdb.query.catalog;

import dev.driftdb.query.catalog.Procedures.Procedure;
import dev.driftdb.query.function.AggregateFunction;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.function.OperatorDef;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.TableFunction;
import dev.driftdb.query.function.WindowFunction;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** pg_proc, pg_aggregate, pg_operator and pg_cast: views of the catalog of functions. */
final class FunctionRows {
    /** Casts have no oids of their own; these are numbered in the order of the catalog. */
    private static final int FIRST_CAST_ID = 14000;

    private static final float ROWS_ESTIMATE = 1000f;

    private final Supplier<? extends FunctionCatalog> functions;

    private FunctionRows(Supplier<? extends FunctionCatalog> functions) {
        this.functions = functions;
    }

    static void define(RowSources sources, Supplier<? extends FunctionCatalog> functions) {
        FunctionRows rows = new FunctionRows(functions);
        sources.pgCatalog("pg_proc", (relation, _, _) -> rows.procedures(relation));
        sources.pgCatalog("pg_aggregate", (relation, _, _) -> rows.aggregates(relation));
        sources.pgCatalog("pg_operator", (relation, _, _) -> rows.operators(relation));
        sources.pgCatalog("pg_cast", (relation, _, _) -> rows.casts(relation));
    }

    private Stream<@Nullable Object[]> procedures(DeclaredRelation relation) {
        FunctionCatalog catalog = functions.get();
        Set<Integer> shown = new HashSet<>();
        return Stream.of(
                        catalog.allScalars().stream()
                                .filter(function -> shown.add(function.oid()))
                                .map(function -> scalar(relation, function)),
                        catalog.allTableFunctions().stream()
                                .filter(function -> shown.add(function.oid()))
                                .map(function -> table(relation, function)),
                        catalog.allAggregates().stream()
                                .filter(function -> shown.add(function.oid()))
                                .map(function -> aggregate(relation, function)),
                        catalog.allWindowFunctions().stream()
                                .map(function -> window(relation, function)),
                        Procedures.all().stream()
                                .filter(procedure -> shown.add(procedure.oid()))
                                .map(procedure -> named(relation, procedure)))
                .flatMap(rows -> rows);
    }

    private static @Nullable Object[] scalar(DeclaredRelation relation, ScalarFunction function) {
        return relation.row(
                "oid", function.oid(),
                "proname", function.name(),
                "pronamespace", RelationRows.schemaId(function.schema()),
                "provariadic", variadic(function.arguments(), function.variadic()),
                "prokind", 'f',
                "proisstrict", function.strict(),
                "provolatile",
                        switch (function.volatility()) {
                            case IMMUTABLE -> 'i';
                            case STABLE -> 's';
                            case VOLATILE -> 'v';
                        },
                "pronargs", function.arguments().size(),
                "pronargdefaults", function.defaultCount(),
                "prorettype", function.result().oid(),
                "proargtypes", vector(function.arguments()),
                "prosrc", function.name());
    }

    private static @Nullable Object[] table(DeclaredRelation relation, TableFunction function) {
        boolean single = function.columnTypes().size() == 1;
        List<Long> types = new ArrayList<>(oids(function.arguments()));
        List<String> modes = new ArrayList<>(Collections.nCopies(function.arguments().size(), "i"));
        List<String> names = new ArrayList<>(Collections.nCopies(function.arguments().size(), ""));
        types.addAll(oids(function.columnTypes()));
        names.addAll(function.columnNames());
        modes.addAll(Collections.nCopies(function.columnTypes().size(), "t"));
        return relation.row(
                "oid", function.oid(),
                "proname", function.name(),
                "pronamespace", RelationRows.schemaId(function.schema()),
                "prorows", ROWS_ESTIMATE,
                "provariadic", variadic(function.arguments(), function.variadic()),
                "prokind", 'f',
                "proisstrict", function.strict(),
                "proretset", true,
                "provolatile", 'v',
                "pronargs", function.arguments().size(),
                "pronargdefaults", function.defaultCount(),
                "prorettype", single ? function.columnTypes().getFirst().oid() : Types.RECORD.oid(),
                "proargtypes", vector(function.arguments()),
                "proallargtypes", single ? null : SqlArray.of(Types.OID, types),
                "proargmodes", single ? null : SqlArray.of(Types.CHAR, modes),
                "proargnames", single ? null : SqlArray.of(Types.TEXT, names),
                "prosrc", function.name());
    }

    private static @Nullable Object[] aggregate(
            DeclaredRelation relation, AggregateFunction function) {
        return relation.row(
                "oid", function.oid(),
                "proname", function.name(),
                "provariadic", variadic(function.arguments(), function.variadic()),
                "prokind", 'a',
                "provolatile", 'i',
                "pronargs", function.arguments().size(),
                "prorettype", function.result().oid(),
                "proargtypes", vector(function.arguments()),
                "prosrc", "aggregate_dummy");
    }

    private static @Nullable Object[] window(DeclaredRelation relation, WindowFunction function) {
        return relation.row(
                "oid", function.oid(),
                "proname", function.name(),
                "prokind", 'w',
                "proisstrict", !function.arguments().isEmpty(),
                "provolatile", 'i',
                "pronargs", function.arguments().size(),
                "prorettype", function.result().oid(),
                "proargtypes", vector(function.arguments()),
                "prosrc", "window_" + function.name());
    }

    private static @Nullable Object[] named(DeclaredRelation relation, Procedure procedure) {
        return relation.row(
                "oid", procedure.oid(),
                "proname", procedure.name(),
                "prokind", 'f',
                "proisstrict", procedure.strict(),
                "provolatile", procedure.volatility(),
                "pronargs", procedure.arguments().size(),
                "prorettype", procedure.result(),
                "proargtypes", TypeData.vector(Types.OID, procedure.arguments()),
                "prosrc", procedure.name());
    }

    private static int variadic(List<SqlType> arguments, boolean variadic) {
        if (!variadic) {
            return 0;
        }
        SqlType last = arguments.getLast();
        return last.isArray() ? last.elementOid() : pseudoElement(last).oid();
    }

    private static SqlType pseudoElement(SqlType type) {
        return switch (type.name()) {
            case "anyarray" -> Types.ANYELEMENT;
            case "anycompatiblearray" -> Types.ANYCOMPATIBLE;
            default -> type;
        };
    }

    private static List<Long> oids(List<SqlType> types) {
        return types.stream().map(type -> (long) type.oid()).toList();
    }

    private static SqlArray vector(List<SqlType> types) {
        return TypeData.vector(Types.OID, oids(types));
    }

    private Stream<@Nullable Object[]> aggregates(DeclaredRelation relation) {
        return functions.get().allAggregates().stream()
                .map(function ->
                        relation.row(
                                "aggfnoid",
                                function.oid(),
                                "aggkind",
                                switch (function.kind()) {
                                    case NORMAL -> 'n';
                                    case ORDERED_SET -> 'o';
                                    case HYPOTHETICAL_SET -> 'h';
                                },
                                "aggnumdirectargs",
                                function.direct()));
    }

    private Stream<@Nullable Object[]> operators(DeclaredRelation relation) {
        Set<Integer> shown = new HashSet<>();
        return Stream.concat(
                functions.get().allOperators().stream()
                        .filter(operator -> shown.add(operator.oid()))
                        .map(operator -> operator(relation, operator)),
                DataFile.words("comparisons.txt").stream()
                        .filter(words -> shown.add(Integer.valueOf(words[0])))
                        .map(words -> comparison(relation, words)));
    }

    private static @Nullable Object[] operator(DeclaredRelation relation, OperatorDef operator) {
        SqlType left = operator.left();
        return relation.row(
                "oid", operator.oid(),
                "oprname", operator.name(),
                "oprkind", left == null ? 'l' : 'b',
                "oprleft", left == null ? 0 : left.oid(),
                "oprright", operator.right().oid(),
                "oprresult", operator.function().result().oid(),
                "oprcode", operator.function().oid());
    }

    /** A line of {@code comparisons.txt}. */
    private static @Nullable Object[] comparison(DeclaredRelation relation, String[] words) {
        return relation.row(
                "oid", Long.valueOf(words[0]),
                "oprname", words[1],
                "oprkind", 'b',
                "oprcanmerge", words[7].equals("t"),
                "oprcanhash", words[8].equals("t"),
                "oprleft", Long.valueOf(words[2]),
                "oprright", Long.valueOf(words[3]),
                "oprresult", Types.BOOL.oid(),
                "oprcom", Long.valueOf(words[4]),
                "oprnegate", Long.valueOf(words[5]),
                "oprcode", Long.valueOf(words[6]));
    }

    /** The code of a cast has no name in SQL: castfunc is 0. */
    private Stream<@Nullable Object[]> casts(DeclaredRelation relation) {
        List<CastDef> casts = List.copyOf(functions.get().allCasts());
        return java.util.stream.IntStream.range(0, casts.size())
                .mapToObj(i -> {
                    CastDef cast = casts.get(i);
                    return relation.row(
                            "oid",
                            FIRST_CAST_ID + i,
                            "castsource",
                            cast.from().oid(),
                            "casttarget",
                            cast.to().oid(),
                            "castcontext",
                            switch (cast.context()) {
                                case IMPLICIT -> 'i';
                                case ASSIGNMENT -> 'a';
                                case EXPLICIT -> 'e';
                            });
                });
    }
}
