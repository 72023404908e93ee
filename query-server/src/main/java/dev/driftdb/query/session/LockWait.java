package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import java.util.concurrent.CompletableFuture;

/** How a session waits for locks. For the session's thread only. */
final class LockWait {
    private final Activity activity;
    private final SessionSettings settings;

    /** False: {@link MustWait} instead of waiting. */
    private boolean allowed = true;

    LockWait(Activity activity, SessionSettings settings) {
        this.activity = activity;
        this.settings = settings;
    }

    void allow(boolean mayWait) {
        allowed = mayWait;
    }

    boolean isAllowed() {
        return allowed;
    }

    /**
     * Returns when the lock is the owner's.
     *
     * @throws dev.driftdb.schemas.error.SqlException 55P03 past lock_timeout, 57014 when cancelled,
     *     40P01 when waiting would never end
     */
    void acquire(RowLocks locks, RowLocks.Owner owner, RowLocks.Target target) {
        acquire(locks, owner, target, false);
    }

    /**
     * @param shared whether others may hold the lock too, shared as well
     */
    void acquire(RowLocks locks, RowLocks.Owner owner, RowLocks.Target target, boolean shared) {
        if (allowed) {
            locks.lock(owner, target, shared, settings.lockTimeoutMs(), activity::checkCanceled);
        } else if (!locks.tryLock(owner, target, shared)) {
            suspend(locks, owner, target, shared);
        }
    }

    private void suspend(
            RowLocks locks, RowLocks.Owner owner, RowLocks.Target target, boolean shared) {
        if (settings.lockTimeoutMs() > 0 || settings.statementTimeoutMs() > 0) {
            throw MustWait.onThread();
        }
        CompletableFuture<Void> granted = locks.request(owner, target, shared);
        if (granted != null) {
            try {
                activity.checkCanceled();
            } catch (RuntimeException e) {
                locks.withdraw(owner);
                throw e;
            }
            throw MustWait.until(activity.suspend(granted));
        }
    }
}
