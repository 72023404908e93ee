package dev.driftdb.query.bind;

import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** VARIADIC array given to a function of any number of arguments of any types. */
final class Variadics {
    private Variadics() {}

    /** The function over an array as last argument; itself if it takes arrays anyway. */
    static ScalarFunction spread(ScalarFunction function) {
        if (!function.variadic() || !function.arguments().getLast().equals(Types.ANY)) {
            return function;
        }
        return new ScalarFunction(
                function.oid(),
                function.schema(),
                function.name(),
                function.arguments(),
                true,
                function.defaultCount(),
                function.result(),
                function.strict(),
                function.volatility(),
                (types, result) -> {
                    List<SqlType> spread = new ArrayList<>(types);
                    SqlType last = spread.removeLast();
                    spread.add(last.isArray() ? last.element() : last);
                    Body body = function.implementation().specialize(spread, result);
                    boolean fixed = types.size() > 1;
                    return (Body.Nary)
                            (arguments, context) -> {
                                Object array = arguments[arguments.length - 1];
                                if (array == null && !fixed) {
                                    return null;
                                }
                                List<@Nullable Object> all =
                                        new ArrayList<>(
                                                Arrays.asList(arguments)
                                                        .subList(0, arguments.length - 1));
                                if (array instanceof SqlArray values) {
                                    all.addAll(values.values());
                                }
                                return ((Body.Nary) body).apply(all.toArray(), context);
                            };
                });
    }
}
