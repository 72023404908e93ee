package dev.driftdb.query.execute.operator;

/**
 * Which keys a sample takes: those whose hash with the seed lies below a cutoff. The same seed
 * takes the same rows of a table, whatever else is in it.
 *
 * @param cutoff of {@link #HASHES} hashes
 */
record KeySample(long seed, long cutoff) {
    static final long HASHES = 1L << 32;

    private static final long FNV_PRIME = 0x100000001b3L;

    /**
     * @param percentage from 0 to 100
     */
    static KeySample of(long seed, double percentage) {
        return new KeySample(mixed(seed), (long) Math.rint(HASHES * percentage / 100));
    }

    boolean takes(byte[] key) {
        long hash = seed;
        for (byte b : key) {
            hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
        }
        return mixed(hash) >>> 32 < cutoff;
    }

    /** Every bit of the argument changes half of the bits. */
    private static long mixed(long value) {
        long x = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return x ^ (x >>> 33);
    }
}
