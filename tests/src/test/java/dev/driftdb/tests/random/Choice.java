package dev.driftdb.tests.random;

import java.util.List;
import java.util.Random;

/** Random choices from one seed. One thread. */
final class Choice {
    private final Random random;

    Choice(long seed) {
        random = new Random(seed);
    }

    /** From 0, below the bound. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    @SafeVarargs
    final <T> T of(T... values) {
        return values[random.nextInt(values.length)];
    }

    <T> T of(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
