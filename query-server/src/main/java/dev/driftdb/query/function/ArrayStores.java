package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arrays with an element or a slice replaced, as UPDATE … SET a[i] stores them. */
public final class ArrayStores {
    /** PostgreSQL's own bound, of which its messages tell. */
    private static final long SIZE_MAX = 134_217_727;

    /** More elements than this are refused, long before memory runs out. */
    private static final int ELEMENTS_MAX = 1 << 24;

    private ArrayStores() {}

    /**
     * The array with one element replaced. An array of one dimension grows as far as the subscript
     * says, with NULLs in between.
     *
     * @param array null for an empty one
     * @param at one subscript per dimension
     */
    public static SqlArray element(
            SqlType type, @Nullable SqlArray array, List<Long> at, @Nullable Object value) {
        if (array == null || array.dimensions() == 0) {
            List<Integer> lengths = Collections.nCopies(at.size(), 1);
            for (long bound : at) {
                checkBound(bound, 1);
            }
            return new SqlArray(
                    type, lengths, at.stream().map(Long::intValue).toList(), one(value));
        }
        if (array.dimensions() != at.size()) {
            throw wrongSubscripts();
        }
        if (at.size() == 1) {
            SqlArray grown = grown(array, at.getFirst(), at.getFirst());
            List<@Nullable Object> values = new ArrayList<>(grown.values());
            values.set((int) (at.getFirst() - grown.lowerBounds().getFirst()), value);
            return with(grown, values);
        }
        int position = 0;
        for (int i = 0; i < at.size(); i++) {
            long offset = at.get(i) - array.lowerBounds().get(i);
            requireInside(offset, offset, array.lengths().get(i));
            position = position * array.lengths().get(i) + (int) offset;
        }
        List<@Nullable Object> values = new ArrayList<>(array.values());
        values.set(position, value);
        return with(array, values);
    }

    private static List<@Nullable Object> one(@Nullable Object value) {
        List<@Nullable Object> list = new ArrayList<>(1);
        list.add(value);
        return list;
    }

    private static SqlArray with(SqlArray shape, List<@Nullable Object> values) {
        return new SqlArray(shape.element(), shape.lengths(), shape.lowerBounds(), values);
    }

    /**
     * The array with a slice replaced by the first elements of another one, whatever its shape.
     *
     * @param array null for an empty one
     * @param lows per subscript, null for a bound that was left out
     * @param highs as {@code lows}
     * @param source null leaves the array as it is
     */
    public static SqlArray slice(
            SqlType type,
            @Nullable SqlArray array,
            List<@Nullable Long> lows,
            List<@Nullable Long> highs,
            @Nullable SqlArray source) {
        SqlArray target = array == null ? SqlArray.of(type, List.of()) : array;
        if (source == null) {
            return target;
        }
        int given = lows.size();
        if (target.dimensions() == 0) {
            return filled(type, lows, highs, source);
        }
        if (target.dimensions() < given) {
            throw wrongSubscripts();
        }
        int dimensions = target.dimensions();
        long[] from = new long[dimensions];
        long[] to = new long[dimensions];
        for (int i = 0; i < dimensions; i++) {
            long first = target.lowerBounds().get(i);
            Long low = i < given ? lows.get(i) : null;
            Long high = i < given ? highs.get(i) : null;
            from[i] = low == null ? first : low;
            to[i] = high == null ? first + target.lengths().get(i) - 1 : high;
            if (from[i] > to[i]) {
                throw subscriptError("upper bound cannot be less than lower bound");
            }
            if (dimensions > 1) {
                requireInside(from[i] - first, to[i] - first, target.lengths().get(i));
            }
        }
        if (dimensions == 1) {
            target = grown(target, from[0], to[0]);
        }
        long count = 1;
        for (int i = 0; i < dimensions; i++) {
            count *= to[i] - from[i] + 1;
        }
        if (count > source.values().size()) {
            throw subscriptError("source array too small");
        }
        List<@Nullable Object> values = new ArrayList<>(target.values());
        replace(target, from, to, 0, 0, values, source.values(), 0);
        return with(target, values);
    }

    /** What a slice of an empty array becomes: the source in the shape of the slice. */
    private static SqlArray filled(
            SqlType type, List<@Nullable Long> lows, List<@Nullable Long> highs, SqlArray source) {
        List<Integer> lengths = new ArrayList<>();
        List<Integer> bounds = new ArrayList<>();
        long count = 1;
        for (int i = 0; i < lows.size(); i++) {
            Long low = lows.get(i);
            Long high = highs.get(i);
            if (low == null || high == null) {
                throw subscriptError("array slice subscript must provide both boundaries")
                        .withDetail(
                                "When assigning to a slice of an empty array value, slice"
                                        + " boundaries must be fully specified.");
            }
            long length = high - low + 1;
            if (length > Integer.MAX_VALUE || length < Integer.MIN_VALUE) {
                throw tooLarge();
            }
            count = length < 0 ? SIZE_MAX + 1 : Math.min(count * length, SIZE_MAX + 1);
            bounds.add(low.intValue());
            lengths.add((int) length);
        }
        if (count > SIZE_MAX) {
            throw tooLarge();
        }
        if (count > source.values().size()) {
            throw subscriptError("source array too small");
        }
        if (count == 0) {
            return SqlArray.of(type, List.of());
        }
        for (int i = 0; i < lengths.size(); i++) {
            checkBound(bounds.get(i), lengths.get(i));
        }
        return new SqlArray(type, lengths, bounds, source.values().subList(0, (int) count));
    }

    /** Puts source values in the place of a slice; answers how many were taken so far. */
    private static int replace(
            SqlArray shape,
            long[] from,
            long[] to,
            int dimension,
            int position,
            List<@Nullable Object> values,
            List<@Nullable Object> source,
            int taken) {
        int next = taken;
        long first = shape.lowerBounds().get(dimension);
        for (long at = from[dimension]; at <= to[dimension]; at++) {
            int place = position * shape.lengths().get(dimension) + (int) (at - first);
            if (dimension == from.length - 1) {
                values.set(place, source.get(next++));
            } else {
                next = replace(shape, from, to, dimension + 1, place, values, source, next);
            }
        }
        return next;
    }

    /** An array of one dimension that has all subscripts from one to another. */
    private static SqlArray grown(SqlArray array, long from, long to) {
        long first = array.lowerBounds().getFirst();
        long length = array.lengths().getFirst();
        long before = Math.max(0, first - from);
        long after = Math.max(0, to - (first + length - 1));
        if (before == 0 && after == 0) {
            return array;
        }
        long size = before + length + after;
        if (size > SIZE_MAX) {
            throw tooLarge();
        }
        checkBound(first - before, size);
        if (size > ELEMENTS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "array would have " + size + " elements, more than " + ELEMENTS_MAX);
        }
        List<@Nullable Object> values = new ArrayList<>((int) size);
        values.addAll(Collections.nCopies((int) before, null));
        values.addAll(array.values());
        values.addAll(Collections.nCopies((int) after, null));
        return new SqlArray(
                array.element(), List.of((int) size), List.of((int) (first - before)), values);
    }

    /** The last subscript must have one behind it that is an integer too. */
    private static void checkBound(long lower, long length) {
        if (lower + length > Integer.MAX_VALUE) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED, "array lower bound is too large: " + lower);
        }
    }

    private static void requireInside(long from, long to, int length) {
        if (from < 0 || to >= length) {
            throw subscriptError("array subscript out of range");
        }
    }

    private static SqlException wrongSubscripts() {
        return subscriptError("wrong number of array subscripts");
    }

    private static SqlException subscriptError(String message) {
        return new SqlException(SqlState.ARRAY_SUBSCRIPT_ERROR, message);
    }

    private static SqlException tooLarge() {
        return new SqlException(
                SqlState.PROGRAM_LIMIT_EXCEEDED,
                "array size exceeds the maximum allowed (" + SIZE_MAX + ")");
    }
}
