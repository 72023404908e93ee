package dev.driftdb.query.function;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.type.FormatSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A session without a server: a catalog, settings in a map, a clock that stands still. */
final class FunctionContext implements EvalContext {
    private final Catalog catalog;
    private final Map<String, String> settings = new HashMap<>(Map.of("datestyle", "ISO, MDY"));

    FunctionContext(Catalog catalog) {
        this.catalog = catalog;
    }

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
    public Catalog catalog() {
        return catalog;
    }

    @Override
    public ReadView view() {
        throw new UnsupportedOperationException("no state");
    }

    @Override
    public @Nullable Object parameter(int number) {
        return null;
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
        return "postgres";
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
        return settings.get(name);
    }

    @Override
    public String set(String name, String value, boolean local) {
        settings.put(name, value);
        return value;
    }

    @Override
    public List<List<String>> settings() {
        return List.of();
    }

    @Override
    public List<SessionInfo> sessions() {
        return List.of();
    }

    @Override
    public long nextval(int sequenceId) {
        return sequenceId;
    }

    @Override
    public long currval(int sequenceId) {
        return sequenceId;
    }

    @Override
    public long lastval() {
        return 0;
    }

    @Override
    public long setval(int sequenceId, long value, boolean called) {
        return value;
    }

    @Override
    public SequenceState sequenceState(int sequenceId) {
        return new SequenceState(1, false);
    }

    @Override
    public java.util.Random random() {
        return new java.util.Random(1);
    }

    @Override
    public long currentOffset() {
        return 42;
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
