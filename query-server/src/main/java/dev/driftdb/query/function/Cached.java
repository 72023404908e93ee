package dev.driftdb.query.function;

import org.jspecify.annotations.Nullable;

/** Keeps the last pattern compiled: it is a constant in almost every query. */
final class Cached<P> {
    @FunctionalInterface
    interface Compiler<P> {
        P compile(String pattern, String option);
    }

    private record Entry<P>(String pattern, String option, P compiled) {}

    private final Compiler<P> compiler;
    // Racing threads at worst compile twice: an entry is immutable.
    private volatile @Nullable Entry<P> last;

    Cached(Compiler<P> compiler) {
        this.compiler = compiler;
    }

    P of(String pattern, String option) {
        Entry<P> entry = last;
        if (entry == null || !entry.pattern.equals(pattern) || !entry.option.equals(option)) {
            entry = new Entry<>(pattern, option, compiler.compile(pattern, option));
            last = entry;
        }
        return entry.compiled;
    }
}
