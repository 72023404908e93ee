package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One overload of a function; an operator's function too.
 *
 * @param oid PostgreSQL's where known to clients (regproc output), else a number from 100000
 * @param schema pg_catalog, information_schema or driftdb
 * @param arguments declared argument types, pseudo-types (anyelement…) included
 * @param variadic the last argument, an array type, takes any number of its elements; if it is
 *     declared "any", any number of arguments of any types, which arrive one by one, not gathered
 * @param defaultCount how many trailing arguments may be left out (the body sees a shorter array)
 * @param result declared result type
 * @param strict NULL for any NULL argument, without a call
 */
public record ScalarFunction(
        int oid,
        String schema,
        String name,
        List<SqlType> arguments,
        boolean variadic,
        int defaultCount,
        SqlType result,
        boolean strict,
        Volatility volatility,
        Implementation implementation)
        implements Overload {
    public ScalarFunction {
        arguments = List.copyOf(arguments);
    }

    /**
     * The same function for a call with VARIADIC array, where the last argument is declared "any":
     * the elements arrive one by one. A NULL array makes NULL, but no arguments for format().
     */
    public ScalarFunction spreading() {
        int fixed = arguments.size() - 1;
        Implementation spread =
                (types, resultType) -> {
                    SqlType element = types.getLast().element();
                    return (Body.Nary)
                            (given, context) -> {
                                SqlArray list = (SqlArray) given[fixed];
                                if (list == null && !name.equals("format")) {
                                    return null;
                                }
                                List<@Nullable Object> all = new ArrayList<>();
                                List<SqlType> allTypes = new ArrayList<>();
                                for (int i = 0; i < fixed; i++) {
                                    all.add(given[i]);
                                    allTypes.add(types.get(i));
                                }
                                for (Object item : list == null ? List.of() : list.values()) {
                                    all.add(item);
                                    allTypes.add(element);
                                }
                                return ((Body.Nary) implementation.specialize(allTypes, resultType))
                                        .apply(all.toArray(), context);
                            };
                };
        return new ScalarFunction(
                oid, schema, name, arguments, variadic, 0, result, strict, volatility, spread);
    }

    /** As in pg_proc.provolatile: only IMMUTABLE calls of constants are folded when planning. */
    public enum Volatility {
        IMMUTABLE,
        STABLE,
        VOLATILE
    }

    /** Makes the body for the actual types of one call. */
    @FunctionalInterface
    public interface Implementation {
        /** A variadic call written as a list arrives with its elements gathered in a SqlArray. */
        Body specialize(List<SqlType> argumentTypes, SqlType resultType);
    }

    /** Code of a function; one and two arguments have forms that need no array. */
    public sealed interface Body {
        /** No NULL reaches a strict function. */
        @FunctionalInterface
        non-sealed interface Unary extends Body {
            @Nullable Object apply(Object value);
        }

        @FunctionalInterface
        non-sealed interface Binary extends Body {
            @Nullable Object apply(Object left, Object right);
        }

        /** Any number of arguments; those of a function that is not strict may be null. */
        @FunctionalInterface
        non-sealed interface Nary extends Body {
            @Nullable Object apply(@Nullable Object[] arguments, EvalContext context);
        }
    }
}
