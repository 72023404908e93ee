package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockOwner;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.Locks;
import dev.driftdb.query.lock.TableLocks;
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
    void acquire(Locks locks, LockOwner owner, LockTarget target, LockMode mode) {
        if (allowed) {
            locks.lock(owner, target, mode, settings.lockTimeoutMs(), activity::checkCanceled);
        } else if (!locks.tryLock(owner, target, mode)) {
            suspend(locks, owner, target, mode);
        }
    }

    /**
     * Takes the locks of a statement on its tables.
     *
     * @return whether it has waited for one: then much may have changed
     */
    boolean acquire(Locks locks, LockOwner owner, TableLocks wanted) {
        boolean waited = false;
        while (true) {
            LockTarget.Table blocked = locks.tryHold(owner.party(), wanted);
            if (blocked == null) {
                return waited;
            }
            waited = true;
            acquire(locks, owner, blocked, Locks.modeOf(wanted, blocked));
        }
    }

    private void suspend(Locks locks, LockOwner owner, LockTarget target, LockMode mode) {
        if (settings.lockTimeoutMs() > 0 || settings.statementTimeoutMs() > 0) {
            throw MustWait.onThread();
        }
        CompletableFuture<Void> granted = locks.request(owner, target, mode);
        if (granted != null) {
            try {
                activity.checkCanceled();
            } catch (RuntimeException e) {
                locks.withdraw(owner.party());
                throw e;
            }
            throw MustWait.until(activity.suspend(granted));
        }
    }
}
