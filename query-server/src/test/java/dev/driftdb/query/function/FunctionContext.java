package dev.driftdb.query.function;

import dev.driftdb.query.expr.LoneSession;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SequenceState;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A session without a server: a catalog, settings in a map, a clock that stands still. */
final class FunctionContext implements LoneSession {
    private final Catalog catalog;
    private final Map<String, String> settings = new HashMap<>(Map.of("datestyle", "ISO, MDY"));

    FunctionContext(Catalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public Catalog catalog() {
        return catalog;
    }

    @Override
    public @Nullable Object parameter(int number) {
        return null;
    }

    @Override
    public String database() {
        return "postgres";
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
    public long currentOffset() {
        return 42;
    }
}
