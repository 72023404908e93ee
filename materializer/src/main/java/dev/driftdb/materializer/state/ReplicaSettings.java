package dev.driftdb.materializer.state;

import java.time.Duration;

/**
 * What a replica may use of the machine.
 *
 * @param memtableBytes changes held in memory before they are written out as sorted files; also
 *     about what is replayed from the log after a crash
 * @param blockCacheBytes blocks of those files held in memory, off the heap
 * @param rowCacheBytes rows read or written lately, on the heap; 0 for none
 * @param scanCacheBytes tables scanned again and again, on the heap; 0 for none
 * @param closeWait how long closing waits for readers; the last of them closes the state after it
 */
public record ReplicaSettings(
        long memtableBytes,
        long blockCacheBytes,
        long rowCacheBytes,
        long scanCacheBytes,
        Duration closeWait) {
    private static final long MIB = 1L << 20;

    public static final long MEMTABLE_BYTES_DEFAULT = 128 * MIB;
    public static final long BLOCK_CACHE_BYTES_DEFAULT = 256 * MIB;
    public static final long ROW_CACHE_BYTES_DEFAULT = 32 * MIB;

    /** The share of the heap that scanned tables may take. */
    private static final int SCAN_CACHE_SHARE = 8;

    public static final Duration CLOSE_WAIT_DEFAULT = Duration.ofSeconds(5);

    public ReplicaSettings {
        if (memtableBytes <= 0 || blockCacheBytes <= 0 || rowCacheBytes < 0 || scanCacheBytes < 0) {
            throw new IllegalArgumentException("memory sizes of a replica must be positive");
        }
    }

    public static ReplicaSettings defaults() {
        return new ReplicaSettings(
                MEMTABLE_BYTES_DEFAULT,
                BLOCK_CACHE_BYTES_DEFAULT,
                ROW_CACHE_BYTES_DEFAULT,
                Runtime.getRuntime().maxMemory() / SCAN_CACHE_SHARE,
                CLOSE_WAIT_DEFAULT);
    }

    /** For tests and tiny databases. */
    public static ReplicaSettings small() {
        return new ReplicaSettings(16 * MIB, 16 * MIB, 4 * MIB, 8 * MIB, CLOSE_WAIT_DEFAULT);
    }
}
