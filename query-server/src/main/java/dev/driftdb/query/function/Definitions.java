package dev.driftdb.query.function;

import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.query.function.ScalarFunction.Volatility;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The list that the chapters write their functions into: one or two lines for each. Functions are
 * strict, immutable and in pg_catalog unless said otherwise.
 *
 * <p>Used by one thread while the catalog is built.
 */
final class Definitions {
    /** Our own numbers start here; below are PostgreSQL's. */
    private static final int FIRST_OID = 100_000;

    private static final List<SqlType> STRINGS = List.of(Types.TEXT, Types.VARCHAR, Types.BPCHAR);

    final List<ScalarFunction> scalars = new ArrayList<>();
    final List<AggregateFunction> aggregates = new ArrayList<>();
    final List<WindowFunction> windows = new ArrayList<>();
    final List<TableFunction> tables = new ArrayList<>();
    final List<OperatorDef> operators = new ArrayList<>();
    final List<CastDef> casts = new ArrayList<>();
    private int nextOid = FIRST_OID;

    /** A function of one argument whose Java class is known. */
    @FunctionalInterface
    interface F1<A> {
        @Nullable Object apply(A a);
    }

    @FunctionalInterface
    interface F2<A, B> {
        @Nullable Object apply(A a, B b);
    }

    @FunctionalInterface
    interface F3<A, B, C> {
        @Nullable Object apply(A a, B b, C c);
    }

    int oid() {
        return nextOid++;
    }

    // The declared argument types say which classes arrive: that is what the casts below rest on.

    @SuppressWarnings("unchecked")
    private static <A> Body body(F1<A> f) {
        return (Body.Unary) a -> f.apply((A) a);
    }

    @SuppressWarnings("unchecked")
    private static <A, B> Body body(F2<A, B> f) {
        return (Body.Binary) (a, b) -> f.apply((A) a, (B) b);
    }

    <A> void fn(String name, SqlType a, SqlType result, F1<A> f) {
        Body body = body(f);
        define(name, result, a).body(body);
    }

    <A, B> void fn(String name, SqlType a, SqlType b, SqlType result, F2<A, B> f) {
        Body body = body(f);
        define(name, result, a, b).body(body);
    }

    @SuppressWarnings("unchecked")
    <A, B, C> void fn(String name, SqlType a, SqlType b, SqlType c, SqlType result, F3<A, B, C> f) {
        define(name, result, a, b, c)
                .eval((args, _) -> f.apply((A) args[0], (B) args[1], (C) args[2]));
    }

    /** For all that is not a plain function of one to three arguments. */
    Builder define(String name, SqlType result, SqlType... arguments) {
        return new Builder(name, result, List.of(arguments));
    }

    <A, B> void op(String symbol, SqlType left, SqlType right, SqlType result, F2<A, B> f) {
        Body body = body(f);
        operator(symbol, left, new Builder(symbol, result, List.of(left, right)), body);
    }

    /** Both orders of the operands. */
    <A, B> void commutative(
            String symbol, SqlType left, SqlType right, SqlType result, F2<A, B> f) {
        op(symbol, left, right, result, f);
        op(symbol, right, left, result, (B b, A a) -> f.apply(a, b));
    }

    <A> void prefix(String symbol, SqlType right, SqlType result, F1<A> f) {
        Body body = body(f);
        operator(symbol, null, new Builder(symbol, result, List.of(right)), body);
    }

    /** An operator whose function was defined under a name before. */
    void operator(String symbol, @Nullable SqlType left, SqlType right, ScalarFunction function) {
        operators.add(new OperatorDef(oid(), symbol, left, right, function));
    }

    private void operator(String symbol, @Nullable SqlType left, Builder builder, Body body) {
        ScalarFunction function = builder.build((_, _) -> body);
        operator(symbol, left, function.arguments().getLast(), function);
    }

    void cast(SqlType from, SqlType to, CastDef.Context context, F1<Object> f) {
        casts.add(
                new CastDef(
                        from,
                        to,
                        context,
                        false,
                        (value, _, _, _) -> {
                            Object result = f.apply(value);
                            if (result == null) {
                                throw new IllegalStateException("a cast has no value");
                            }
                            return result;
                        }));
    }

    /** A cast that depends on the session: its time zone, its catalog. */
    void castStable(SqlType from, SqlType to, CastDef.Context context, CastDef.Body body) {
        casts.add(new CastDef(from, to, context, true, body));
    }

    /** An aggregate that skips NULLs. */
    void aggregate(
            String name,
            SqlType argument,
            SqlType result,
            Supplier<AggregateFunction.Accumulator> maker) {
        aggregate(name, List.of(argument), result, true, (_, _) -> maker);
    }

    void aggregate(
            String name,
            List<SqlType> arguments,
            SqlType result,
            boolean skipNulls,
            AggregateFunction.Implementation implementation) {
        aggregates.add(
                new AggregateFunction(
                        oid(),
                        name,
                        arguments,
                        false,
                        result,
                        skipNulls,
                        AggregateFunction.Kind.NORMAL,
                        0,
                        false,
                        implementation));
    }

    /** An aggregate whose state grows with every row. */
    void gatheringAggregate(
            String name,
            List<SqlType> arguments,
            SqlType result,
            AggregateFunction.Implementation implementation) {
        aggregates.add(
                new AggregateFunction(
                        oid(),
                        name,
                        arguments,
                        false,
                        result,
                        false,
                        AggregateFunction.Kind.NORMAL,
                        0,
                        true,
                        implementation));
    }

    /**
     * An ordered-set aggregate, which skips NULLs.
     *
     * @param direct the arguments in front of WITHIN GROUP
     */
    void orderedSet(
            String name,
            List<SqlType> direct,
            SqlType ordered,
            SqlType result,
            AggregateFunction.Implementation implementation) {
        List<SqlType> arguments = new ArrayList<>(direct);
        arguments.add(ordered);
        aggregates.add(
                new AggregateFunction(
                        oid(),
                        name,
                        arguments,
                        false,
                        result,
                        true,
                        AggregateFunction.Kind.ORDERED_SET,
                        direct.size(),
                        true,
                        implementation));
    }

    /** A hypothetical-set aggregate of any number of arguments. */
    void hypotheticalSet(
            String name, SqlType result, Supplier<AggregateFunction.Accumulator> maker) {
        aggregates.add(
                new AggregateFunction(
                        oid(),
                        name,
                        List.of(Types.ANY),
                        true,
                        result,
                        false,
                        AggregateFunction.Kind.HYPOTHETICAL_SET,
                        0,
                        false,
                        (_, _) -> maker));
    }

    /** A window function; {@code oid} is PostgreSQL's. */
    void window(
            int oid, String name, WindowFunction.Kind kind, SqlType result, SqlType... arguments) {
        windows.add(new WindowFunction(oid, name, List.of(arguments), result, kind));
    }

    /** A function that returns rows of one column, strict. */
    void table(String name, SqlType column, TableFunction.Body body, SqlType... arguments) {
        table(name, List.of(name), List.of(column), 0, body, arguments);
    }

    void table(
            String name,
            List<String> columnNames,
            List<SqlType> columnTypes,
            int defaultCount,
            TableFunction.Body body,
            SqlType... arguments) {
        tables.add(
                new TableFunction(
                        oid(),
                        "pg_catalog",
                        name,
                        List.of(arguments),
                        false,
                        defaultCount,
                        columnNames,
                        columnTypes,
                        true,
                        body));
    }

    static boolean isString(SqlType type) {
        return STRINGS.contains(type);
    }

    /** One scalar function with what differs from the usual. */
    final class Builder {
        private final String name;
        private final SqlType result;
        private final List<SqlType> arguments;
        private int oid;
        private String schema = "pg_catalog";
        private boolean variadic;
        private int defaultCount;
        private boolean strict = true;
        private Volatility volatility = Volatility.IMMUTABLE;

        private Builder(String name, SqlType result, List<SqlType> arguments) {
            this.name = name;
            this.result = result;
            this.arguments = arguments;
        }

        Builder oid(int value) {
            oid = value;
            return this;
        }

        Builder schema(String value) {
            schema = value;
            return this;
        }

        Builder variadic() {
            variadic = true;
            return this;
        }

        Builder defaults(int count) {
            defaultCount = count;
            return this;
        }

        /** Not strict: NULL arguments reach the body. */
        Builder nullable() {
            strict = false;
            return this;
        }

        Builder stable() {
            volatility = Volatility.STABLE;
            return this;
        }

        Builder changing() {
            volatility = Volatility.VOLATILE;
            return this;
        }

        private void body(Body body) {
            specialize((_, _) -> body);
        }

        void eval(Body.Nary body) {
            body(body);
        }

        void specialize(ScalarFunction.Implementation implementation) {
            scalars.add(build(implementation));
        }

        private ScalarFunction build(ScalarFunction.Implementation implementation) {
            return new ScalarFunction(
                    oid == 0 ? Definitions.this.oid() : oid,
                    schema,
                    name,
                    arguments,
                    variadic,
                    defaultCount,
                    result,
                    strict,
                    volatility,
                    implementation);
        }
    }
}
