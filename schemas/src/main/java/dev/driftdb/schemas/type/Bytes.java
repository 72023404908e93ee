package dev.driftdb.schemas.type;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable byte string with value equality, ordered as unsigned bytes. */
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Odd, with its bits well spread: 2^64 divided by the golden ratio. */
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final byte[] value;
    private int hash;

    private Bytes(byte[] value) {
        this.value = value;
    }

    /** Wraps without copying: the caller gives the array away. */
    public static Bytes wrap(byte[] value) {
        return new Bytes(value);
    }

    public static Bytes copyOf(byte[] value) {
        return new Bytes(value.clone());
    }

    public int length() {
        return value.length;
    }

    public byte at(int index) {
        return value[index];
    }

    /** The bytes themselves, not a copy: for reading only. */
    public byte[] array() {
        return value;
    }

    public String hex() {
        return HexFormat.of().formatHex(value);
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(value, other.value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
    }

    /**
     * Mixes whole words: keys of neighbouring rows differ in their last bytes only, and 31 times
     * the one plus the other would give thousands of them the same hash.
     */
    @Override
    public int hashCode() {
        int h = hash;
        if (h == 0) {
            long mixed = value.length;
            int i = 0;
            for (; i + Long.BYTES <= value.length; i += Long.BYTES) {
                mixed = (mixed ^ (long) WORDS.get(value, i)) * MULTIPLIER;
                mixed ^= mixed >>> 32;
            }
            for (; i < value.length; i++) {
                mixed = (mixed ^ value[i]) * MULTIPLIER;
                mixed ^= mixed >>> 32;
            }
            h = (int) (mixed ^ (mixed >>> 32));
            hash = h;
        }
        return h;
    }

    @Override
    public String toString() {
        return "\\x" + hex();
    }
}
