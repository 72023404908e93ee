package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANYARRAY;
import static dev.driftdb.schemas.type.Types.INT4;

import dev.driftdb.schemas.type.SqlArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** array_shuffle and array_sample; what they move are the items of the first dimension. */
final class ArraySamples {
    /** PostgreSQL's MAXDIM. */
    private ArraySamples() {}

    static void define(Definitions d) {
        d.define("array_shuffle", ANYARRAY, ANYARRAY)
                .changing()
                .eval((a, c) -> {
                    SqlArray array = (SqlArray) Objects.requireNonNull(a[0]);
                    int count = array.dimensions() == 0 ? 0 : array.lengths().getFirst();
                    return count < 2
                            ? array
                            : chosen(array, count, array.lowerBounds().getFirst(), c.random());
                });
        d.define("array_sample", ANYARRAY, ANYARRAY, INT4)
                .changing()
                .eval((a, c) -> {
                    SqlArray array = (SqlArray) Objects.requireNonNull(a[0]);
                    long n = SystemFunctions.number(a, 1);
                    int count = array.dimensions() == 0 ? 0 : array.lengths().getFirst();
                    if (n < 0 || n > count) {
                        throw SqlErrors.invalidParameter(
                                "sample size must be between 0 and " + count);
                    }
                    return chosen(array, (int) n, 1, c.random());
                });
    }

    /** So many items in an order of chance, each at most once. */
    private static SqlArray chosen(SqlArray array, int n, int lowerBound, Random random) {
        if (n == 0) {
            return SqlArray.of(array.element(), List.of());
        }
        int count = array.lengths().getFirst();
        int part = array.values().size() / count;
        List<Integer> order = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            order.add(i);
        }
        List<@Nullable Object> values = new ArrayList<>(n * part);
        for (int i = 0; i < n; i++) {
            Collections.swap(order, i, i + random.nextInt(count - i));
            int item = order.get(i);
            values.addAll(array.values().subList(item * part, (item + 1) * part));
        }
        List<Integer> lengths = new ArrayList<>(array.lengths());
        lengths.set(0, n);
        List<Integer> lowerBounds = new ArrayList<>(array.lowerBounds());
        lowerBounds.set(0, lowerBound);
        return new SqlArray(array.element(), lengths, lowerBounds, values);
    }
}
