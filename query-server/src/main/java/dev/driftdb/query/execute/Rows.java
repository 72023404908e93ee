package dev.driftdb.query.execute;

import org.jspecify.annotations.Nullable;

/** One run of an operator: its rows one after another. For one thread. */
public interface Rows extends AutoCloseable {
    /** The next row, which nobody changes afterwards; null at the end. */
    @Nullable Object @Nullable [] next();

    @Override
    void close();

    /** Tells how it worked, for EXPLAIN ANALYZE; before it is closed. */
    default void report(RunReport report) {}

    /** Rows of a list. */
    static Rows of(java.util.List<@Nullable Object[]> list) {
        return new Rows() {
            private int position;

            @Override
            public @Nullable Object @Nullable [] next() {
                return position < list.size() ? list.get(position++) : null;
            }

            @Override
            public void close() {}
        };
    }

    Rows NONE = of(java.util.List.of());
}
