package dev.driftdb.bench;

import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.TopicNames;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** What folding a log costs at the least: reading and decoding it, and writing its rows. */
final class RebuildFloor {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int BATCH_ROWS = 10_000;
    private static final long MEMTABLE_BYTES = 128L << 20;
    private static final int KEY_BYTES = 13;
    private static final int ROW_BYTES = 45;
    private static final int ENTRY_BYTES = 22;
    private static final int ENTRY_VALUE_BYTES = 5;

    private RebuildFloor() {}

    /** Row changes a second of a plain consumer that decodes the whole log. */
    static double readAndDecode(String bootstrapServers) {
        TopicPartition log = new TopicPartition(new TopicNames(Endpoint.DATABASE).log(), 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(List.of(log));
            consumer.seekToBeginning(List.of(log));
            long end = consumer.endOffsets(List.of(log)).getOrDefault(log, 0L);
            long changes = 0;
            long start = System.nanoTime();
            while (consumer.position(log) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    changes += rows(LogCodec.decode(record.value()));
                }
            }
            return changes * 1e9 / (System.nanoTime() - start);
        }
    }

    private static long rows(LogRecord record) {
        List<Change> changes =
                switch (record) {
                    case LogRecord.TransactionEntry entry -> entry.changes();
                    case LogRecord.Chunk chunk -> chunk.changes();
                };
        return changes.stream()
                .filter(change -> change instanceof Change.Put || change instanceof Change.Delete)
                .count();
    }

    /** Rows with an index entry each, of the size of the benchmark's, in large batches. */
    static double rocksAlone(Path directory, int rows) throws RocksDBException {
        RocksDB.loadLibrary();
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        List<ColumnFamilyDescriptor> families =
                List.of(
                        new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
                        new ColumnFamilyDescriptor("index".getBytes(StandardCharsets.US_ASCII)));
        try (DBOptions options =
                        new DBOptions()
                                .setCreateIfMissing(true)
                                .setCreateMissingColumnFamilies(true)
                                .setAtomicFlush(true)
                                .setDbWriteBufferSize(MEMTABLE_BYTES);
                RocksDB db = RocksDB.open(options, directory.toString(), families, handles);
                WriteOptions write = new WriteOptions().setDisableWAL(true);
                WriteBatch batch = new WriteBatch()) {
            long start = System.nanoTime();
            for (int id = 0; id < rows; id++) {
                byte[] key = new byte[KEY_BYTES];
                byte[] entry = new byte[ENTRY_BYTES];
                ByteBuffer.wrap(key).putLong(KEY_BYTES - Long.BYTES, id);
                ByteBuffer.wrap(entry)
                        .putInt(Long.BYTES, id % RebuildBenchmark.INDEXED_VALUES)
                        .putLong(ENTRY_BYTES - Long.BYTES, id);
                batch.put(handles.getFirst(), key, new byte[ROW_BYTES]);
                batch.put(handles.getLast(), entry, new byte[ENTRY_VALUE_BYTES]);
                if (id % BATCH_ROWS == BATCH_ROWS - 1) {
                    db.write(write, batch);
                    batch.clear();
                }
            }
            db.write(write, batch);
            double perSecond = rows * 1e9 / (System.nanoTime() - start);
            handles.forEach(ColumnFamilyHandle::close);
            return perSecond;
        }
    }
}
