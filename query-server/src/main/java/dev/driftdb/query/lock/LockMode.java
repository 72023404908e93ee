package dev.driftdb.query.lock;

import java.util.Locale;

/**
 * The eight modes of LOCK TABLE, from the weakest. Row locks and advisory locks use some of them,
 * with the same conflicts.
 */
public enum LockMode {
    ACCESS_SHARE(0, "AccessShareLock", 0b1000_0000),
    ROW_SHARE(1, "RowShareLock", 0b1100_0000),
    ROW_EXCLUSIVE(2, "RowExclusiveLock", 0b1111_0000),
    SHARE_UPDATE_EXCLUSIVE(3, "ShareUpdateExclusiveLock", 0b1111_1000),
    SHARE(4, "ShareLock", 0b1110_1100),
    SHARE_ROW_EXCLUSIVE(5, "ShareRowExclusiveLock", 0b1111_1100),
    EXCLUSIVE(6, "ExclusiveLock", 0b1111_1110),
    ACCESS_EXCLUSIVE(7, "AccessExclusiveLock", 0b1111_1111);

    private static final LockMode[] ALL = values();

    private final int number;
    private final String shownName;

    /** Bit n: conflicts with the mode of number n. */
    private final int conflicts;

    LockMode(int number, String shownName, int conflicts) {
        this.number = number;
        this.shownName = shownName;
        this.conflicts = conflicts;
    }

    /**
     * @param words as in LOCK TABLE, for example "row exclusive"
     */
    public static LockMode of(String words) {
        return valueOf(words.toUpperCase(Locale.ROOT).replace(' ', '_'));
    }

    static LockMode of(int number) {
        return ALL[number];
    }

    /** From 0, the weakest. */
    int number() {
        return number;
    }

    /** What pg_locks calls it. */
    public String shownName() {
        return shownName;
    }

    int bit() {
        return 1 << number;
    }

    boolean conflictsWith(int modes) {
        return (conflicts & modes) != 0;
    }

    /** Whether one of these modes conflicts with all that this one conflicts with. */
    boolean isCoveredBy(int modes) {
        if ((modes & bit()) != 0) {
            return true;
        }
        for (LockMode mode : ALL) {
            if ((modes & mode.bit()) != 0 && (mode.conflicts & conflicts) == conflicts) {
                return true;
            }
        }
        return false;
    }

    /** Whether it never conflicts with another weak mode: those of statements. */
    public boolean isWeak() {
        return this == ACCESS_SHARE || this == ROW_SHARE || this == ROW_EXCLUSIVE;
    }
}
