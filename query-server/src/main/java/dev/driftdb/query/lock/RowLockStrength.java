package dev.driftdb.query.lock;

import java.util.Locale;

/** How much of a row is locked, from the weakest. */
public enum RowLockStrength {
    /** The row stays, with its key: what a foreign key asks for. */
    KEY_SHARE(LockMode.ACCESS_SHARE),

    /** The row stays as it is. */
    SHARE(LockMode.ROW_SHARE),

    /** To change it, but for its key. */
    NO_KEY_UPDATE(LockMode.EXCLUSIVE),

    /** To delete it, or to change its key. */
    UPDATE(LockMode.ACCESS_EXCLUSIVE);

    private final LockMode mode;

    RowLockStrength(LockMode mode) {
        this.mode = mode;
    }

    public LockMode mode() {
        return mode;
    }

    /** As it is written after FOR. */
    public String sql() {
        return name().toUpperCase(Locale.ROOT).replace('_', ' ');
    }

    /** Whether nobody else can change the row (on this server) while it is held. */
    public boolean keepsRow() {
        return this != KEY_SHARE;
    }
}
