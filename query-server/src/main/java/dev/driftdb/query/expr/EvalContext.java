package dev.driftdb.query.expr;

import dev.driftdb.materializer.snapshot.Snapshot;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.lock.SessionLocks;
import dev.driftdb.query.statistics.Statistics;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.type.FormatSettings;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What functions may know besides their arguments: the statement, its transaction, its session.
 * Used by the session's own thread only.
 */
public interface EvalContext {
    /** Time zone and styles that text input and output depend on. */
    FormatSettings format();

    /** Microseconds since 2000-01-01 UTC: what now() answers. */
    long transactionTimestamp();

    long statementTimestamp();

    /** The catalog that the statement was bound to. */
    Catalog catalog();

    /** The state the statement reads (without its transaction's own changes). */
    ReadView view();

    /** The state after the entry at an offset, without what the transaction has changed. */
    ReadView viewAt(long offset);

    /** The value of $n in the class of the type it was bound with. */
    @Nullable Object parameter(int number);

    String currentUser();

    String sessionUser();

    String database();

    int backendPid();

    /** The names of the schemas searched, pg_catalog included where it is searched implicitly. */
    List<String> searchPath();

    /** The value of a configuration parameter (SHOW), or null if there is none of that name. */
    @Nullable String setting(String name);

    /** set_config(): returns the value now set. */
    String set(String name, String value, boolean local);

    /** All configuration parameters as (name, value, description), for pg_settings and SHOW ALL. */
    List<List<String>> settings();

    /** The server's sessions as rows of pg_stat_activity. */
    List<SessionInfo> sessions();

    /** What is known of tables' contents, for the views that show it. */
    default Statistics statistics() {
        return Statistics.NONE;
    }

    long nextval(int sequenceId);

    long currval(int sequenceId);

    long lastval();

    long setval(int sequenceId, long value, boolean called);

    /** The sequence's state as SELECT FROM it shows it: last_value, is_called. */
    dev.driftdb.schemas.catalog.SequenceState sequenceState(int sequenceId);

    /** The session's generator of random numbers, which setseed() seeds. */
    Random random();

    /** The snapshots that this replica has stored, each looked at. */
    List<Snapshot> snapshots();

    /** The applied offset of this replica: driftdb.current_offset(). */
    long currentOffset();

    /**
     * driftdb.state_hash(): over what the statement sees of what is committed, or at a point in
     * time.
     *
     * @param point as in SET driftdb.as_of
     */
    String stateHash(@Nullable String point);

    /** Advisory locks, and all locks to be looked at. */
    SessionLocks locks();

    /** Whether that pid was a session of this server. */
    boolean cancelBackend(int pid);

    /**
     * To be called in every loop.
     *
     * @throws dev.driftdb.schemas.error.SqlException 57014 when cancelled or past statement_timeout
     */
    void checkCanceled();

    /**
     * One row of pg_stat_activity.
     *
     * @param lockWaitedFor the wait_event of a wait for a lock, null if it does not wait
     * @param transactionId 0 if it has none
     */
    record SessionInfo(
            int pid,
            String user,
            String database,
            String application,
            String clientAddress,
            int clientPort,
            long backendStart,
            @Nullable Long transactionStart,
            @Nullable Long queryStart,
            String state,
            String query,
            @Nullable String lockWaitedFor,
            int transactionId) {}
}
