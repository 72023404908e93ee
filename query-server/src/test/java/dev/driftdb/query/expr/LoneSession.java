package dev.driftdb.query.expr;

import dev.driftdb.materializer.snapshot.Snapshot;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.lock.SessionLocks;
import dev.driftdb.schemas.type.FormatSettings;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A session of user driftdb without a server: nobody else is there, nothing is set, and its clock
 * stands still.
 */
public interface LoneSession extends EvalContext {
    @Override
    default ReadView viewAt(long offset) {
        throw new UnsupportedOperationException("the past");
    }

    @Override
    default List<Snapshot> snapshots() {
        return List.of();
    }

    @Override
    default FormatSettings format() {
        return FormatSettings.UTC;
    }

    @Override
    default long transactionTimestamp() {
        return 0;
    }

    @Override
    default long statementTimestamp() {
        return 0;
    }

    @Override
    default ReadView view() {
        throw new IllegalStateException("no state");
    }

    @Override
    default @Nullable Object parameter(int number) {
        throw new IllegalStateException("no parameters");
    }

    @Override
    default String currentUser() {
        return "driftdb";
    }

    @Override
    default String sessionUser() {
        return "driftdb";
    }

    @Override
    default int backendPid() {
        return 7;
    }

    @Override
    default List<String> searchPath() {
        return List.of("pg_catalog", "public");
    }

    @Override
    default @Nullable String setting(String name) {
        return null;
    }

    @Override
    default String set(String name, String value, boolean local) {
        return value;
    }

    @Override
    default List<List<String>> settings() {
        return List.of();
    }

    @Override
    default List<SessionInfo> sessions() {
        return List.of();
    }

    @Override
    default long nextval(int sequenceId) {
        throw new IllegalStateException("read only");
    }

    @Override
    default long currval(int sequenceId) {
        throw new IllegalStateException("read only");
    }

    @Override
    default long lastval() {
        throw new IllegalStateException("read only");
    }

    @Override
    default long setval(int sequenceId, long value, boolean called) {
        throw new IllegalStateException("read only");
    }

    @Override
    default Random random() {
        return new Random(1);
    }

    @Override
    default long currentOffset() {
        return 0;
    }

    @Override
    default SessionLocks locks() {
        throw new IllegalStateException("no locks");
    }

    @Override
    default String stateHash(@Nullable String point) {
        return "00";
    }

    @Override
    default boolean cancelBackend(int pid) {
        return false;
    }

    @Override
    default void checkCanceled() {}
}
