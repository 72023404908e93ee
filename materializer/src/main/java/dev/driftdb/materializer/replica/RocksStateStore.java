package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.state.RocksTableState;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The replica's state as Kafka Streams sees it: a store that keeps its own offset (KIP-1035), in
 * the same write as what it read up to there. The replica opens and closes the state itself.
 */
final class RocksStateStore implements StateStore {
    static final String NAME = "tables";

    private final RocksTableState state;
    private final LogProcessor processor;
    private volatile boolean open;

    RocksStateStore(RocksTableState state, LogProcessor processor) {
        this.state = state;
        this.processor = processor;
    }

    LogProcessor processor() {
        return processor;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        open = true;
        // A global store is restored through its processor, so that replay and live are one path.
        StateRestoreCallback never =
                (key, value) -> {
                    throw new IllegalStateException("the log is restored by its processor");
                };
        context.register(root, never);
    }

    @Override
    @SuppressWarnings("deprecation") // by Kafka, only because false is to go
    public boolean managesOffsets() {
        return true;
    }

    /** The next offset to read, as Kafka Streams wants it of a global store. */
    @Override
    public @Nullable Long committedOffset(TopicPartition partition) {
        long applied = state.appliedOffset();
        return applied < 0 ? null : Long.valueOf(applied + 1);
    }

    /** The offset is written with the data; Kafka's own idea of it must never replace it. */
    @Override
    public void commit(Map<TopicPartition, Long> offsets) {
        processor.endBatch();
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            processor.endBatch();
        }
    }

    @Override
    public boolean persistent() {
        return true;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** Hands the one store to the topology. */
    record Builder(RocksStateStore store) implements StoreBuilder<RocksStateStore> {
        @Override
        public StoreBuilder<RocksStateStore> withCachingEnabled() {
            return this;
        }

        @Override
        public StoreBuilder<RocksStateStore> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<RocksStateStore> withLoggingEnabled(Map<String, String> config) {
            return this;
        }

        @Override
        public StoreBuilder<RocksStateStore> withLoggingDisabled() {
            return this;
        }

        @Override
        public RocksStateStore build() {
            return store;
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }

        @Override
        public String name() {
            return NAME;
        }
    }
}
