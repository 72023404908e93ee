package dev.driftdb.query.bind;

import dev.driftdb.query.bind.Namespace.Field;
import dev.driftdb.query.expr.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Rows given to functions of JSON keep the names of their fields: row_to_json(t). */
final class JsonRows {
    private static final Set<String> FUNCTIONS =
            Set.of(
                    "row_to_json",
                    "to_json",
                    "to_jsonb",
                    "json_agg",
                    "jsonb_agg",
                    "json_object_agg",
                    "jsonb_object_agg",
                    "json_build_array",
                    "jsonb_build_array",
                    "json_build_object",
                    "jsonb_build_object",
                    "array_agg");

    private JsonRows() {}

    static List<Expr> named(BindState state, String function, List<Expr> arguments) {
        if (!FUNCTIONS.contains(function)) {
            return arguments;
        }
        List<Expr> named = new ArrayList<>(arguments.size());
        for (Expr argument : arguments) {
            List<Field> fields = state.fields(argument);
            named.add(
                    fields == null
                            ? argument
                            : RowFunctions.named(
                                    argument, fields.stream().map(Field::name).toList()));
        }
        return named;
    }
}
