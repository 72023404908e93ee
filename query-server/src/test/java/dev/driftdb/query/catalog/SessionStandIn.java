package dev.driftdb.query.catalog;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.type.FormatSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One session of user driftdb over a catalog and a view. */
record SessionStandIn(Catalog catalog, ReadView view) implements EvalContext {
    @Override
    public FormatSettings format() {
        return FormatSettings.UTC;
    }

    @Override
    public long transactionTimestamp() {
        return 0;
    }

    @Override
    public long statementTimestamp() {
        return 0;
    }

    @Override
    public @Nullable Object parameter(int number) {
        throw new IllegalStateException("no parameters");
    }

    @Override
    public String currentUser() {
        return "driftdb";
    }

    @Override
    public String sessionUser() {
        return "driftdb";
    }

    @Override
    public String database() {
        return "shop";
    }

    @Override
    public int backendPid() {
        return 7;
    }

    @Override
    public List<String> searchPath() {
        return List.of("pg_catalog", "public");
    }

    @Override
    public @Nullable String setting(String name) {
        return null;
    }

    @Override
    public String set(String name, String value, boolean local) {
        throw new IllegalStateException("no settings");
    }

    @Override
    public List<List<String>> settings() {
        return List.of(
                List.of("server_version", "16.0", "the version"),
                List.of("work_mem", "4MB", "memory"));
    }

    @Override
    public List<SessionInfo> sessions() {
        return List.of(
                new SessionInfo(
                        7,
                        "driftdb",
                        "shop",
                        "psql",
                        "127.0.0.1",
                        4321,
                        0,
                        null,
                        1L,
                        "active",
                        "SELECT 1"));
    }

    @Override
    public long nextval(int sequenceId) {
        throw new IllegalStateException("read only");
    }

    @Override
    public long currval(int sequenceId) {
        throw new IllegalStateException("read only");
    }

    @Override
    public long lastval() {
        throw new IllegalStateException("read only");
    }

    @Override
    public long setval(int sequenceId, long value, boolean called) {
        throw new IllegalStateException("read only");
    }

    @Override
    public SequenceState sequenceState(int sequenceId) {
        return new SequenceState(41, true);
    }

    @Override
    public java.util.Random random() {
        return new java.util.Random(1);
    }

    @Override
    public long currentOffset() {
        return view.offset();
    }

    @Override
    public String stateHash() {
        return "00";
    }

    @Override
    public boolean cancelBackend(int pid) {
        return false;
    }

    @Override
    public void checkCanceled() {}
}
