package dev.driftdb.materializer.replica;

import static dev.driftdb.materializer.testing.Tables.*;

import com.sun.management.OperatingSystemMXBean;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Precondition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Row changes a second of resolve and apply without Kafka, to be run by hand: logs in memory, of a
 * table with a primary key and one index; beside them what decoding and RocksDB alone take.
 */
final class MeasureRebuild {
    private static final Logger LOG = LoggerFactory.getLogger(MeasureRebuild.class);
    private static final int ROWS = Integer.getInteger("rows", 1_000_000);
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final int TRANSACTION_ROWS = Integer.getInteger("transaction", 50_000);
    private static final int POLL_RECORDS = 500;
    private static final int POLL_BYTES = 1 << 20;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private MeasureRebuild() {}

    public static void main(String[] arguments) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            rocksAlone();
            Random random = new Random(1);
            Path directory = Files.createTempDirectory("measure");
            try (LocalReplica replica =
                    new LocalReplica(directory, ReplicaSettings.defaults(), () -> 1)) {
                replica.append(List.of(entry(define(T), define(T_PKEY), define(T_G))));
                long[] versions = new long[ROWS];
                Arrays.fill(versions, Precondition.ABSENT);
                run(replica, "bulk insert", log(replica, versions, TRANSACTION_ROWS, 0, random));
                run(
                        replica,
                        "update, not indexed",
                        log(replica, versions, TRANSACTION_ROWS, 0, random));
                run(
                        replica,
                        "update, indexed",
                        log(replica, versions, TRANSACTION_ROWS, 1, random));
                run(replica, "updates of 1 to 4 rows", log(replica, versions, 0, 1, random));
            }
            delete(directory);
            directory = Files.createTempDirectory("measure");
            try (LocalReplica replica =
                    new LocalReplica(directory, ReplicaSettings.defaults(), () -> 1)) {
                replica.append(List.of(entry(define(T), define(T_PKEY), define(T_G))));
                long[] versions = new long[ROWS];
                Arrays.fill(versions, Precondition.ABSENT);
                run(replica, "inserts of 1 to 4 rows", log(replica, versions, 0, 0, random));
            }
            delete(directory);
        }
    }

    private static List<byte[]> log(
            LocalReplica replica, long[] versions, int rows, int step, Random random) {
        List<byte[]> records = new ArrayList<>();
        long offset = replica.appliedOffset();
        int id = 0;
        while (id < ROWS) {
            int end = Math.min(ROWS, id + (rows > 0 ? rows : 1 + random.nextInt(4)));
            List<Precondition> preconditions = new ArrayList<>();
            List<Change> changes = new ArrayList<>();
            int first = id;
            preconditions.add(new Precondition.DefinitionUnchanged(TABLE, 0));
            for (; id < end; id++) {
                preconditions.add(new Precondition.RowVersion(STORAGE, key(id), versions[id]));
                changes.add(put(id, offset, (id + (versions[id] < 0 ? 0 : step)) % 1000L));
            }
            List<LogRecord> split =
                    Chunker.split(
                            new LogRecord.TransactionEntry(
                                    nextUuid(), SQL, preconditions, changes, 0));
            split.forEach(record -> records.add(LogCodec.encode(record)));
            offset += split.size();
            for (int i = first; i < id; i++) {
                versions[i] = offset;
            }
        }
        return records;
    }

    private static void run(LocalReplica replica, String what, List<byte[]> records) {
        long start = System.nanoTime();
        long startCpu = THREADS.getCurrentThreadCpuTime();
        long startAll = PROCESS.getProcessCpuTime();
        long offset = replica.appliedOffset();
        int polledRecords = 0;
        int polledBytes = 0;
        long bytes = 0;
        for (byte[] record : records) {
            replica.processor.process(++offset, 1, record);
            polledBytes += record.length;
            bytes += record.length;
            if (++polledRecords >= POLL_RECORDS || polledBytes >= POLL_BYTES) {
                replica.processor.endBatch();
                polledRecords = 0;
                polledBytes = 0;
            }
        }
        replica.processor.endBatch();
        long nanos = System.nanoTime() - start;
        long cpu = THREADS.getCurrentThreadCpuTime() - startCpu;
        long all = PROCESS.getProcessCpuTime() - startAll;
        LOG.info(
                "{}: {} rows/s; per second of its thread {}, of the processors {} ({} records, {} MB)",
                what,
                (long) (1e9 * ROWS / nanos),
                (long) (1e9 * ROWS / cpu),
                (long) (1e9 * ROWS / all),
                records.size(),
                bytes >> 20);
    }

    /** The same bytes as the bulk insert's in batches of about a poll. */
    private static void rocksAlone() throws Exception {
        Path directory = Files.createTempDirectory("measure");
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (DBOptions options =
                        new DBOptions()
                                .setCreateIfMissing(true)
                                .setCreateMissingColumnFamilies(true)
                                .setAtomicFlush(true)
                                .setDbWriteBufferSize(128 << 20);
                RocksDB db =
                        RocksDB.open(
                                options,
                                directory.toString(),
                                List.of(
                                        new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
                                        new ColumnFamilyDescriptor(
                                                "index".getBytes(StandardCharsets.US_ASCII))),
                                handles);
                WriteOptions write = new WriteOptions().setDisableWAL(true);
                WriteBatch batch = new WriteBatch()) {
            long start = System.nanoTime();
            long startCpu = THREADS.getCurrentThreadCpuTime();
            for (int id = 0; id < ROWS; id++) {
                byte[] key = new byte[13];
                byte[] value = new byte[30];
                byte[] entry = new byte[22];
                byte[] entryValue = new byte[5];
                ByteBuffer.wrap(key).putLong(5, id);
                ByteBuffer.wrap(value).putLong(5, id);
                ByteBuffer.wrap(entry).putInt(5, id % 1000).putLong(14, id);
                batch.put(handles.get(0), key, value);
                batch.put(handles.get(1), entry, entryValue);
                if (id % 10_000 == 9_999) {
                    db.write(write, batch);
                    batch.clear();
                }
            }
            db.write(write, batch);
            LOG.info(
                    "RocksDB alone: {} rows/s, {} of processor time",
                    (long) (1e9 * ROWS / (System.nanoTime() - start)),
                    (long) (1e9 * ROWS / (THREADS.getCurrentThreadCpuTime() - startCpu)));
            handles.forEach(ColumnFamilyHandle::close);
        }
        delete(directory);
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> {
                        try {
                            Files.delete(file);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }
}
