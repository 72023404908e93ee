package dev.driftdb.query.execute.eval;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ARRAY[[1, 2], [3, 4]]: arrays as elements make an array of one dimension more. */
final class ArrayStacking {
    private ArrayStacking() {}

    /** ARRAY(SELECT array): only arrays with elements, all of one shape. */
    static SqlArray accumulate(SqlType element, @Nullable Object[] arrays) {
        SqlArray first = null;
        for (Object found : arrays) {
            if (!(found instanceof SqlArray array)) {
                throw new SqlException(
                        SqlState.NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays");
            }
            if (array.dimensions() == 0) {
                throw new SqlException(
                        SqlState.ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays");
            }
            first = first == null ? array : first;
            if (!first.lengths().equals(array.lengths())) {
                throw new SqlException(
                        SqlState.ARRAY_SUBSCRIPT_ERROR,
                        "cannot accumulate arrays of different dimensionality");
            }
        }
        return stack(element, arrays);
    }

    static SqlArray stack(SqlType element, @Nullable Object[] arrays) {
        List<@Nullable Object> values = new ArrayList<>();
        SqlArray first = null;
        for (Object array : arrays) {
            SqlArray part =
                    array instanceof SqlArray given ? given : SqlArray.of(element, List.of());
            if (first == null) {
                first = part;
            } else if (!first.lengths().equals(part.lengths())) {
                throw new SqlException(
                        SqlState.ARRAY_SUBSCRIPT_ERROR,
                        "multidimensional arrays must have array expressions with matching"
                                + " dimensions");
            }
            values.addAll(part.values());
        }
        if (first == null || first.lengths().isEmpty()) {
            return SqlArray.of(element, List.of());
        }
        List<Integer> lengths = new ArrayList<>(List.of(arrays.length));
        lengths.addAll(first.lengths());
        List<Integer> lowerBounds = new ArrayList<>(List.of(1));
        lowerBounds.addAll(first.lowerBounds());
        return new SqlArray(element, lengths, lowerBounds, values);
    }
}
