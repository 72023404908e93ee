package dev.driftdb.query.bind;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Namespace.Field;
import dev.driftdb.query.bind.Overloads.Candidate;
import dev.driftdb.query.bind.Overloads.Choice;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.AggregateFunction;
import dev.driftdb.query.function.Overload;
import dev.driftdb.query.function.RecordFunctions;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.TableFunction;
import dev.driftdb.query.function.WindowFunction;
import dev.driftdb.query.parse.StoredNames;
import dev.driftdb.query.plan.LogicalPlan.SetCall;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Binds function calls: PostgreSQL manual, "Function Type Resolution". */
final class CallBinder {
    /** More would not fit what clients know (pg_proc has FUNC_MAX_ARGS). */
    private static final int ARGUMENTS_MAX = 100;

    /** A call whose function is chosen and whose arguments are converted. */
    record Resolved<T>(T function, List<Expr> arguments, Polymorphism types) {}

    private static final Set<String> BUILT_IN_SCHEMAS =
            Set.of("pg_catalog", "information_schema", "driftdb");

    private final ExpressionBinder binder;
    private final BindState state;
    private final Overloads overloads;

    CallBinder(ExpressionBinder binder) {
        this.binder = binder;
        this.state = binder.state;
        this.overloads = new Overloads(binder.state.coercion);
    }

    Expr bind(SqlExpr.FunctionCall written) {
        return positional(NamedArguments.positional(written, binder));
    }

    private Expr positional(SqlExpr.FunctionCall call) {
        int position = call.position();
        ChangesBinder.refuse(call);
        Expr special = new ConditionalBinder(binder, new OperatorBinder(state)).special(call);
        if (special != null) {
            return special;
        }
        if (call.name().parts().size() == 1 && call.name().last().equals("grouping")) {
            return new AggregateCallBinder(binder, this).grouping(call);
        }
        String schema = schema(call.name());
        String written = call.name().last();
        List<AggregateFunction> aggregates =
                schema == null || schema.equals("pg_catalog")
                        ? state.functions.aggregates(written)
                        : List.of();
        List<WindowFunction> windows =
                schema == null || schema.equals("pg_catalog")
                        ? state.functions.windowFunctions(written)
                        : List.of();
        boolean scalar = !state.functions.scalars(written).isEmpty();
        if ((!aggregates.isEmpty() || !windows.isEmpty()) && !scalar) {
            return new AggregateCallBinder(binder, this).bind(call, aggregates, windows);
        }
        List<Expr> given = new ArrayList<>(binder.bindAll(call.arguments()));
        for (SqlExpr.OrderItem item : call.withinGroup()) {
            given.add(binder.bind(item.expression()));
        }
        List<Expr> arguments = JsonRows.named(state, written, given);
        refuseUnknownUnnest(call, arguments);
        List<Candidate<Overload>> candidates = new ArrayList<>();
        for (ScalarFunction function : state.functions.scalars(written)) {
            if (schema == null || schema.equals(function.schema())) {
                add(candidates, function, arguments.size(), call.variadic());
            }
        }
        for (TableFunction function : state.functions.tableFunctions(written)) {
            if (schema == null || schema.equals(function.schema())) {
                add(candidates, function, arguments.size(), call.variadic());
            }
        }
        Resolved<Overload> resolved = resolve(candidates, arguments);
        if (resolved != null && call.variadic()) {
            resolved = spread(resolved);
        }
        if (resolved == null) {
            Expr cast = asCast(call, arguments, schema);
            if (cast != null) {
                return cast;
            }
            throw noFunction(call.name(), arguments, candidates, position);
        }
        if (call.star()) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    written + "(*) specified, but " + written + " is not an aggregate function",
                    position);
        }
        refuseAggregateParts(call, written);
        if (call.over() != null) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    "OVER specified, but "
                            + written
                            + " is not a window function nor an aggregate function",
                    position);
        }
        return resolved.function() instanceof TableFunction function
                ? setCall(function, resolved, position)
                : scalarCall((ScalarFunction) resolved.function(), resolved);
    }

    /** VARIADIC array for a function that takes any number of arguments of any types. */
    private Resolved<Overload> spread(Resolved<Overload> resolved) {
        if (!(resolved.function() instanceof ScalarFunction function)
                || !function.arguments().getLast().equals(Types.ANY)) {
            return resolved;
        }
        Expr last = resolved.arguments().getLast();
        if (!last.type().isArray()) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "VARIADIC argument must be an array",
                    state.position(last));
        }
        return new Resolved<>(function.spreading(), resolved.arguments(), resolved.types());
    }

    /** A call of a function by its plain name with bound arguments. */
    Expr scalar(String name, List<Expr> arguments, int position) {
        List<Candidate<Overload>> candidates = new ArrayList<>();
        for (ScalarFunction function : state.functions.scalars(name)) {
            add(candidates, function, arguments.size(), false);
        }
        Resolved<Overload> resolved = resolve(candidates, arguments);
        if (resolved == null) {
            throw noFunction(QualifiedName.of(name), arguments, candidates, position);
        }
        return scalarCall((ScalarFunction) resolved.function(), resolved);
    }

    /** A function in FROM; null if no set-returning function has this name. */
    @Nullable Resolved<TableFunction> tableFunction(SqlExpr.FunctionCall written) {
        SqlExpr.FunctionCall call = NamedArguments.positional(written, binder);
        String schema = schema(call.name());
        List<TableFunction> functions =
                state.functions.tableFunctions(call.name().last()).stream()
                        .filter(f -> schema == null || schema.equals(f.schema()))
                        .toList();
        if (functions.isEmpty()) {
            return null;
        }
        refuseAggregateParts(call, call.name().last());
        List<Expr> arguments = binder.bindAll(call.arguments());
        refuseUnknownUnnest(call, arguments);
        List<Candidate<TableFunction>> candidates = new ArrayList<>();
        for (TableFunction function : functions) {
            add(candidates, function, arguments.size(), call.variadic());
        }
        Resolved<TableFunction> resolved = resolve(candidates, arguments);
        if (resolved == null) {
            if (!state.functions.scalars(call.name().last()).isEmpty()) {
                return null;
            }
            throw noFunction(call.name(), arguments, candidates, call.position());
        }
        return resolved;
    }

    static List<SqlType> columnTypes(TableFunction function, Polymorphism types) {
        List<SqlType> result = new ArrayList<>();
        for (SqlType declared : function.columnTypes()) {
            SqlType concrete = types.concrete(declared);
            result.add(concrete == null ? Types.TEXT : concrete);
        }
        return result;
    }

    private @Nullable String schema(QualifiedName name) {
        List<String> parts = name.parts();
        if (parts.size() > 2 && !parts.getFirst().equals(state.context.database())) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "cross-database references are not implemented: " + name,
                    name.position());
        }
        String schema = parts.size() > 1 ? parts.get(parts.size() - 2) : null;
        if (schema != null
                && !BUILT_IN_SCHEMAS.contains(schema)
                && state.context.catalog().findSchema(schema) == null) {
            throw new SqlException(
                    SqlState.INVALID_SCHEMA_NAME,
                    "schema \"" + schema + "\" does not exist",
                    name.position());
        }
        return schema;
    }

    /** PostgreSQL has unnest for tsvector too, and does not know which of the two is meant. */
    private static void refuseUnknownUnnest(SqlExpr.FunctionCall call, List<Expr> arguments) {
        if (call.name().last().equals("unnest")
                && arguments.size() == 1
                && arguments.getFirst().type().equals(Types.UNKNOWN)) {
            throw ambiguous("unnest(unknown)", call.position());
        }
    }

    static void refuseAggregateParts(SqlExpr.FunctionCall call, String name) {
        String part =
                call.distinct()
                        ? "DISTINCT"
                        : !call.orderBy().isEmpty()
                                ? "ORDER BY"
                                : call.filter() != null
                                        ? "FILTER"
                                        : !call.withinGroup().isEmpty() ? "WITHIN GROUP" : null;
        if (part != null) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    part + " specified, but " + name + " is not an aggregate function",
                    call.position());
        }
    }

    private static <T extends Overload> void add(
            List<Candidate<T>> candidates, T function, int given, boolean gathered) {
        add(
                candidates,
                function,
                function.arguments(),
                function.variadic(),
                function.defaultCount(),
                given,
                gathered);
    }

    static <T> void add(
            List<Candidate<T>> candidates,
            T function,
            List<SqlType> declared,
            boolean variadic,
            int defaults,
            int given,
            boolean gathered) {
        if (given > ARGUMENTS_MAX) {
            throw new SqlException(
                    SqlState.TOO_MANY_ARGUMENTS,
                    "cannot pass more than 100 arguments to a function");
        }
        if (given <= declared.size()
                && given >= declared.size() - defaults
                && !gathered
                && !(variadic && declared.getLast().equals(Types.ANY))) {
            candidates.add(new Candidate<>(function, declared.subList(0, given), false));
        } else if (gathered && variadic && given == declared.size()) {
            candidates.add(new Candidate<>(function, declared, false));
        }
        if (variadic && !gathered && given >= declared.size() - 1 + (defaults > 0 ? 0 : 1)) {
            List<SqlType> types = new ArrayList<>(declared.subList(0, declared.size() - 1));
            SqlType last = declared.getLast();
            SqlType element =
                    switch (last.name()) {
                        case "anyarray" -> Types.ANYELEMENT;
                        case "anycompatiblearray" -> Types.ANYCOMPATIBLE;
                        default -> last.isArray() ? last.element() : last;
                    };
            while (types.size() < given) {
                types.add(element);
            }
            boolean known =
                    candidates.stream().anyMatch(c -> c.types().equals(types) && !c.expanded());
            if (!known) {
                candidates.add(new Candidate<>(function, types, true));
            }
        }
    }

    <T> @Nullable Resolved<T> resolve(List<Candidate<T>> candidates, List<Expr> arguments) {
        List<SqlType> actual = arguments.stream().map(e -> e.type().base()).toList();
        Choice<T> choice = overloads.chooseFunction(candidates, actual);
        Candidate<T> chosen = choice.candidate();
        if (chosen == null) {
            return null;
        }
        for (int i = 0; i < arguments.size(); i++) {
            // A domain over an enumeration is none itself.
            if (chosen.types().get(i).equals(Types.ANYENUM) && arguments.get(i).type().isDomain()) {
                return null;
            }
        }
        requireKnown(chosen, actual);
        Polymorphism types = Polymorphism.resolve(chosen.types(), actual, state.coercion);
        if (types == null) {
            return null;
        }
        List<Expr> converted = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            SqlType want =
                    chosen.types().get(i).equals(Types.ANY)
                            ? arguments.get(i).type()
                            : types.types().get(i);
            Expr argument = state.coercion.implicit(arguments.get(i), want);
            boolean asIs =
                    argument instanceof Expr.Constant
                            && chosen.target() instanceof ScalarFunction function
                            && function.name().equals("pg_typeof");
            converted.add(asIs ? argument : state.coercion.known(argument));
        }
        if (chosen.expanded()) {
            List<SqlType> declared = declared(chosen.target());
            boolean any = declared.getLast().equals(Types.ANY);
            if (!any) {
                int fixed = declared.size() - 1;
                List<Expr> rest = new ArrayList<>(converted.subList(fixed, converted.size()));
                SqlType array = types.concrete(declared.getLast());
                if (array == null) {
                    return null;
                }
                converted = new ArrayList<>(converted.subList(0, fixed));
                converted.add(gather(rest, array));
            }
        }
        return new Resolved<>(chosen.target(), converted, types);
    }

    /** Untyped literals alone do not say what anyelement is. */
    private static void requireKnown(Candidate<?> chosen, List<SqlType> actual) {
        boolean unknown = false;
        for (int i = 0; i < actual.size(); i++) {
            if (Polymorphism.isOfOneElement(chosen.types().get(i))) {
                if (!actual.get(i).equals(Types.UNKNOWN)) {
                    return;
                }
                unknown = true;
            }
        }
        if (unknown) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "could not determine polymorphic type because input has type unknown");
        }
    }

    private static Expr gather(List<Expr> elements, SqlType array) {
        return new Expr.ArrayConstructor(elements, array);
    }

    private static List<SqlType> declared(Object function) {
        return switch (function) {
            case ScalarFunction scalar -> scalar.arguments();
            case TableFunction table -> table.arguments();
            case AggregateFunction aggregate -> aggregate.arguments();
            case WindowFunction window -> window.arguments();
            default -> throw new IllegalStateException("not a function: " + function);
        };
    }

    private Expr scalarCall(ScalarFunction function, Resolved<Overload> resolved) {
        SqlType result = resolved.types().concrete(function.result());
        return state.folding.fold(
                new Expr.Call(
                        function,
                        resolved.arguments(),
                        result == null ? function.result() : result,
                        -1,
                        null));
    }

    private Expr setCall(TableFunction function, Resolved<Overload> resolved, int position) {
        if (RecordFunctions.isRecord(function)) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "could not determine row type for result of " + function.name())
                    .withHint(
                            "Provide a non-null record argument, or call the function in the FROM"
                                    + " clause using a column definition list.");
        }
        SetCollector collector = binder.clause.requireSetCalls(position);
        List<SqlType> types = columnTypes(function, resolved.types());
        SetCall call = new SetCall(function, resolved.arguments());
        List<Expr> known = binder.clause.name().equals("SELECT") ? null : collector.find(call);
        List<Expr> columns = known == null ? collector.add(call, types) : known;
        if (columns.size() == 1) {
            return columns.getFirst();
        }
        Expr row = new Expr.Row(columns);
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            fields.add(new Field(function.columnNames().get(i), types.get(i)));
        }
        state.fields(row, fields);
        return row;
    }

    /** text(x), float8('1.5'): a type's name as a function of one argument is a cast. */
    private @Nullable Expr asCast(
            SqlExpr.FunctionCall call, List<Expr> arguments, @Nullable String schema) {
        if (arguments.size() != 1) {
            return null;
        }
        SqlType type =
                new UserTypeNames(state, binder.environment)
                        .find(call.name().parts(), call.name().position());
        if (type == null
                || type.isPseudo()
                || (!type.name().equals(call.name().last())
                        && StoredNames.typeId(call.name().parts()) == 0)) {
            return null;
        }
        Expr argument = arguments.getFirst();
        return state.functions.cast(argument.type(), type) == null
                        && !argument.type().equals(Types.UNKNOWN)
                ? null
                : state.coercion.explicit(argument, type, -1, call.position());
    }

    <T> SqlException noFunction(
            QualifiedName name, List<Expr> arguments, List<Candidate<T>> candidates, int position) {
        List<SqlType> actual = arguments.stream().map(Expr::type).toList();
        String shown =
                name
                        + "("
                        + actual.stream().map(SqlType::sqlName).collect(Collectors.joining(", "))
                        + ")";
        return overloads.chooseFunction(candidates, actual).ambiguous()
                ? ambiguous(shown, position)
                : new SqlException(
                                SqlState.UNDEFINED_FUNCTION,
                                "function " + shown + " does not exist",
                                position)
                        .withHint(
                                "No function matches the given name and argument types. You might"
                                        + " need to add explicit type casts.");
    }

    private static SqlException ambiguous(String shown, int position) {
        return new SqlException(
                        SqlState.AMBIGUOUS_FUNCTION,
                        "function " + shown + " is not unique",
                        position)
                .withHint(
                        "Could not choose a best candidate function. You might need to add"
                                + " explicit type casts.");
    }
}
