package dev.driftdb.materializer.replica;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** The log into a global store: every node reads all of it, without a consumer group. */
final class ReplicaTopology {
    private ReplicaTopology() {}

    static Topology of(String topic, RocksStateStore store, BatchEnds ends) {
        Topology topology = new Topology();
        topology.addGlobalStore(
                new RocksStateStore.Builder(store),
                "log",
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topic,
                "fold",
                () -> new Fold(store.processor(), ends));
        return topology;
    }

    private static final class Fold implements Processor<byte[], byte[], Void, Void> {
        private final LogProcessor processor;
        private final BatchEnds ends;
        private @Nullable ProcessorContext<Void, Void> context;

        Fold(LogProcessor processor, BatchEnds ends) {
            this.processor = processor;
            this.ends = ends;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            this.context = context;
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            ProcessorContext<Void, Void> initialized = context;
            if (initialized == null) {
                throw new IllegalStateException("a record before init");
            }
            RecordMetadata metadata =
                    initialized
                            .recordMetadata()
                            .orElseThrow(
                                    () -> new IllegalStateException("a record without offset"));
            processor.process(metadata.offset(), record.timestamp(), record.value());
            if (ends.isEnd(metadata.offset())) {
                processor.endBatch();
            }
        }
    }
}
