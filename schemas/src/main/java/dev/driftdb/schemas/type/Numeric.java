package dev.driftdb.schemas.type;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A numeric value: a decimal with its display scale, or NaN, Infinity, -Infinity.
 *
 * <p>Equal and hashed by value, so 1.0 equals 1.00. Order: -Infinity, finite, Infinity, NaN.
 */
public final class Numeric implements Comparable<Numeric> {
    public static final Numeric NAN = new Numeric(null, 2);
    public static final Numeric INFINITY = new Numeric(null, 1);
    public static final Numeric NEGATIVE_INFINITY = new Numeric(null, -1);
    public static final Numeric ZERO = new Numeric(BigDecimal.ZERO, 0);

    private final @Nullable BigDecimal value;
    private final int rank;

    private Numeric(@Nullable BigDecimal value, int rank) {
        this.value = value;
        this.rank = rank;
    }

    public static Numeric of(BigDecimal value) {
        // PostgreSQL's numeric has no negative scale: 1e3 is 1000.
        return new Numeric(value.scale() < 0 ? value.setScale(0) : value, 0);
    }

    public static Numeric of(long value) {
        return new Numeric(BigDecimal.valueOf(value), 0);
    }

    public static Numeric of(BigInteger value) {
        return new Numeric(new BigDecimal(value), 0);
    }

    public boolean isFinite() {
        return value != null;
    }

    public boolean isNaN() {
        return rank == 2;
    }

    /** The decimal of a finite value; its scale is the display scale. */
    public BigDecimal decimal() {
        if (value == null) {
            throw new IllegalStateException(this + " has no decimal value");
        }
        return value;
    }

    @Override
    public int compareTo(Numeric other) {
        return value != null && other.value != null
                ? value.compareTo(other.value)
                : Integer.compare(rank, other.rank);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Numeric numeric && compareTo(numeric) == 0;
    }

    @Override
    public int hashCode() {
        return value == null ? rank : value.stripTrailingZeros().hashCode();
    }

    @Override
    public String toString() {
        if (value != null) {
            return value.toPlainString();
        }
        return switch (rank) {
            case 2 -> "NaN";
            case 1 -> "Infinity";
            default -> "-Infinity";
        };
    }
}
