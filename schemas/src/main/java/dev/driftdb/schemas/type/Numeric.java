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
    public static final Numeric NAN = new Numeric(2);
    public static final Numeric INFINITY = new Numeric(1);
    public static final Numeric NEGATIVE_INFINITY = new Numeric(-1);
    public static final Numeric ZERO = new Numeric(0, 0);

    /** Stands in {@link #unscaled} for a number that is not kept there. */
    private static final long LARGE = Long.MIN_VALUE;

    /** Digits that a long certainly has room for. */
    private static final int COMPACT_DIGITS = 18;

    private static final long[] POWERS_OF_TEN = new long[COMPACT_DIGITS + 1];

    static {
        POWERS_OF_TEN[0] = 1;
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = POWERS_OF_TEN[i - 1] * 10;
        }
    }

    /** The digits as one number if a long holds it, else {@link #LARGE}. */
    private final long unscaled;

    private final int scale;
    private final int rank;

    /** Of a large number its value; of a small one made when somebody asks: always the same. */
    @SuppressWarnings("Immutable")
    private @Nullable BigDecimal value;

    private Numeric(int rank) {
        this.unscaled = LARGE;
        this.scale = 0;
        this.rank = rank;
    }

    private Numeric(long unscaled, int scale) {
        this.unscaled = unscaled;
        this.scale = scale;
        this.rank = 0;
    }

    private Numeric(BigDecimal value) {
        this.unscaled = LARGE;
        this.scale = value.scale();
        this.rank = 0;
        this.value = value;
    }

    public static Numeric of(BigDecimal value) {
        // PostgreSQL's numeric has no negative scale: 1e3 is 1000.
        BigDecimal plain = value.scale() < 0 ? value.setScale(0) : value;
        return plain.precision() <= COMPACT_DIGITS
                ? new Numeric(plain.unscaledValue().longValue(), plain.scale())
                : new Numeric(plain);
    }

    public static Numeric of(long value) {
        return of(value, 0);
    }

    /**
     * @param scale digits behind the point, not negative
     */
    public static Numeric of(long unscaled, int scale) {
        return unscaled == LARGE
                ? new Numeric(BigDecimal.valueOf(unscaled, scale))
                : new Numeric(unscaled, scale);
    }

    public static Numeric of(BigInteger value) {
        return of(new BigDecimal(value));
    }

    public boolean isFinite() {
        return rank == 0;
    }

    public boolean isNaN() {
        return rank == 2;
    }

    /** Whether {@link #unscaled()} and {@link #scale()} say all. */
    public boolean isCompact() {
        return unscaled != LARGE;
    }

    /** The digits of a compact number without the point. */
    public long unscaled() {
        return unscaled;
    }

    /** The display scale. */
    public int scale() {
        return scale;
    }

    /** The decimal of a finite value; its scale is the display scale. */
    public BigDecimal decimal() {
        BigDecimal known = value;
        if (known == null) {
            if (rank != 0) {
                throw new IllegalStateException(this + " has no decimal value");
            }
            known = BigDecimal.valueOf(unscaled, scale);
            value = known;
        }
        return known;
    }

    /** The sum of two finite numbers. */
    public Numeric plus(Numeric other) {
        if (isCompact() && other.isCompact()) {
            int common = Math.max(scale, other.scale);
            long a = scaledTo(common);
            long b = other.scaledTo(common);
            long sum = a + b;
            if (a != LARGE && b != LARGE && ((a ^ sum) & (b ^ sum)) >= 0) {
                return of(sum, common);
            }
        }
        return of(decimal().add(other.decimal()));
    }

    /** The product of two finite numbers. */
    public Numeric times(Numeric other) {
        if (isCompact() && other.isCompact()) {
            long high = Math.multiplyHigh(unscaled, other.unscaled);
            long low = unscaled * other.unscaled;
            if ((high == 0 && low >= 0) || (high == -1 && low < 0)) {
                return of(low, scale + other.scale);
            }
        }
        return of(decimal().multiply(other.decimal()));
    }

    /** A finite number with the other sign. */
    public Numeric negated() {
        return isCompact() ? new Numeric(-unscaled, scale) : of(decimal().negate());
    }

    /** The digits of a compact number at a larger scale, {@link #LARGE} if there is no room. */
    private long scaledTo(int wanted) {
        int by = wanted - scale;
        if (by == 0) {
            return unscaled;
        }
        if (by > COMPACT_DIGITS) {
            return unscaled == 0 ? 0 : LARGE;
        }
        long high = Math.multiplyHigh(unscaled, POWERS_OF_TEN[by]);
        long low = unscaled * POWERS_OF_TEN[by];
        return (high == 0 && low >= 0) || (high == -1 && low < 0) ? low : LARGE;
    }

    @Override
    public int compareTo(Numeric other) {
        if (isCompact() && other.isCompact()) {
            int common = Math.max(scale, other.scale);
            long a = scaledTo(common);
            long b = other.scaledTo(common);
            if (a != LARGE && b != LARGE) {
                return Long.compare(a, b);
            }
        }
        return rank == 0 && other.rank == 0
                ? decimal().compareTo(other.decimal())
                : Integer.compare(rank, other.rank);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Numeric numeric && compareTo(numeric) == 0;
    }

    @Override
    public int hashCode() {
        if (rank != 0) {
            return rank;
        }
        if (isCompact()) {
            return hash(unscaled, scale);
        }
        BigDecimal shortest = decimal().stripTrailingZeros();
        return shortest.precision() <= COMPACT_DIGITS
                ? hash(shortest.unscaledValue().longValue(), shortest.scale())
                : shortest.hashCode();
    }

    /** Of the number without zeros at its end; numbers beyond 18 digits hash as decimals do. */
    private static int hash(long digits, int scale) {
        if (digits == 0) {
            return 0;
        }
        long rest = digits;
        int places = scale;
        while (rest % 10 == 0) {
            rest /= 10;
            places--;
        }
        if (Math.abs(rest) >= POWERS_OF_TEN[COMPACT_DIGITS]) {
            return BigDecimal.valueOf(rest, places).hashCode();
        }
        return Long.hashCode(rest) * 31 + places;
    }

    @Override
    public String toString() {
        if (rank == 0) {
            return decimal().toPlainString();
        }
        return switch (rank) {
            case 2 -> "NaN";
            case 1 -> "Infinity";
            default -> "-Infinity";
        };
    }
}
