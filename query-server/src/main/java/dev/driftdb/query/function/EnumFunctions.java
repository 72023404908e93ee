package dev.driftdb.query.function;

import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.10 Enum Support Functions. Of their arguments only the type may matter. */
final class EnumFunctions {
    private EnumFunctions() {}

    static void define(Definitions d) {
        d.define("enum_first", Types.ANYENUM, Types.ANYENUM)
                .nullable()
                .specialize((arguments, _) -> {
                    List<UserType.Label> labels = labels(arguments.getFirst());
                    return (Body.Nary) (_, _) -> position(labels, true, arguments.getFirst());
                });
        d.define("enum_last", Types.ANYENUM, Types.ANYENUM)
                .nullable()
                .specialize((arguments, _) -> {
                    List<UserType.Label> labels = labels(arguments.getFirst());
                    return (Body.Nary) (_, _) -> position(labels, false, arguments.getFirst());
                });
        d.define("enum_range", Types.ANYARRAY, Types.ANYENUM)
                .nullable()
                .specialize((arguments, _) -> {
                    SqlArray all = range(arguments.getFirst(), null, null);
                    return (Body.Nary) (_, _) -> all;
                });
        d.define("enum_range", Types.ANYARRAY, Types.ANYENUM, Types.ANYENUM)
                .nullable()
                .specialize((arguments, _) ->
                        (Body.Nary)
                                (values, _) ->
                                        range(
                                                arguments.getFirst(),
                                                (Long) values[0],
                                                (Long) values[1]));
    }

    private static List<UserType.Label> labels(SqlType type) {
        if (type.definition() instanceof UserType.Enumeration enumeration) {
            return enumeration.labels();
        }
        throw new SqlException(
                SqlState.FEATURE_NOT_SUPPORTED, "could not determine actual enum type");
    }

    private static Long position(List<UserType.Label> labels, boolean first, SqlType type) {
        if (labels.isEmpty()) {
            throw new SqlException(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "enum " + type.sqlName() + " contains no values");
        }
        return (first ? labels.getFirst() : labels.getLast()).position();
    }

    /**
     * @param from null for the first label
     * @param to null for the last label
     */
    private static SqlArray range(SqlType type, @Nullable Long from, @Nullable Long to) {
        List<@Nullable Object> values = new ArrayList<>();
        for (UserType.Label label : labels(type)) {
            if ((from == null || label.position() >= from)
                    && (to == null || label.position() <= to)) {
                values.add(label.position());
            }
        }
        return SqlArray.of(type, values);
    }
}
