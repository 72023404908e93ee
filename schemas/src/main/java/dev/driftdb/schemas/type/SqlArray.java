package dev.driftdb.schemas.type;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An array: its elements in row-major order and its dimensions.
 *
 * @param element the element type
 * @param lengths the length of each dimension; empty for the empty array
 * @param lowerBounds the first subscript of each dimension, usually 1
 * @param values all elements, the last dimension running fastest
 */
public record SqlArray(
        SqlType element,
        List<Integer> lengths,
        List<Integer> lowerBounds,
        List<@Nullable Object> values) {
    public static final int DIMENSIONS_MAX = 6;

    public SqlArray {
        lengths = List.copyOf(lengths);
        lowerBounds = List.copyOf(lowerBounds);
        // List.copyOf refuses null, and an element may be NULL.
        values = Collections.unmodifiableList(Arrays.asList(values.toArray()));
        int count = lengths.isEmpty() ? 0 : lengths.stream().reduce(1, Math::multiplyExact);
        if (count != values.size() || lengths.size() != lowerBounds.size()) {
            throw new IllegalArgumentException("the dimensions do not fit the elements");
        }
    }

    /** A one-dimensional array that starts at 1; empty when there are no values. */
    public static SqlArray of(SqlType element, List<? extends @Nullable Object> values) {
        @SuppressWarnings("unchecked")
        List<@Nullable Object> list = (List<@Nullable Object>) values;
        return values.isEmpty()
                ? new SqlArray(element, List.of(), List.of(), list)
                : new SqlArray(element, List.of(values.size()), List.of(1), list);
    }

    public int dimensions() {
        return lengths.size();
    }
}
