package dev.driftdb.query.session;

import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockOwner;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.Locks;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How a session waits for locks. For the session's thread only. */
final class LockWait {
    /** How long a session sleeps before it looks whether it was cancelled. */
    private static final long CANCEL_CHECK_MS = 50;

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
     * @throws SqlException 55P03 past lock_timeout, 57014 when cancelled, 40P01 when waiting would
     *     never end
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

    /**
     * Returns when the future is completed, in whichever way.
     *
     * @throws SqlException 57014 when cancelled
     */
    void await(CompletableFuture<?> future) {
        while (allowed && !future.isDone()) {
            try {
                future.get(CANCEL_CHECK_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException | CancellationException e) {
                activity.checkCanceled();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SqlException(
                        SqlState.ADMIN_SHUTDOWN,
                        "terminating connection due to administrator command");
            }
        }
        if (!future.isDone()) {
            if (settings.statementTimeoutMs() > 0) {
                throw MustWait.onThread();
            }
            activity.checkCanceled();
            throw MustWait.until(activity.suspend(future));
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
