package dev.driftdb.query.execute.spill;

import dev.driftdb.query.execute.Frame;
import org.jspecify.annotations.Nullable;

/** Rows parted by the hashes of their keys into files, each of which may fit in memory. */
public final class HashPartitions {
    /** How many parts, a power of two. */
    public static final int COUNT = 16;

    private static final int BITS = 4;

    /** After so many rounds rows are taken to have the same key: parting them does not help. */
    public static final int LEVELS_MAX = 6;

    private final Frame frame;
    private final int level;
    private final @Nullable SpillFile[] files = new @Nullable SpillFile[COUNT];

    /**
     * @param level how often the rows were parted before
     */
    public HashPartitions(Frame frame, int level) {
        this.frame = frame;
        this.level = level;
    }

    public int partOf(int hash) {
        // Other bits than those that a hash table is likely to use, and others at each level.
        int mixed = hash * 0x85EBCA6B;
        return (mixed >>> (Integer.SIZE - BITS * (level + 1))) & (COUNT - 1);
    }

    public void write(int hash, @Nullable Object[] row) {
        int part = partOf(hash);
        SpillFile file = files[part];
        if (file == null) {
            file = frame.context().spillSpace().create();
            files[part] = file;
        }
        file.write(row);
    }

    /** Null if there are no rows. */
    public @Nullable SpillFile file(int part) {
        return files[part];
    }

    public int level() {
        return level;
    }

    public void close() {
        for (SpillFile file : files) {
            if (file != null) {
                file.close();
            }
        }
    }
}
