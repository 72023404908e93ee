package dev.driftdb.materializer.replica;

import static dev.driftdb.materializer.testing.Tables.*;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rates of one replica without Kafka, to be run by hand: rows applied, read by key, scanned. */
final class Measure {
    private static final Logger LOG = LoggerFactory.getLogger(Measure.class);
    private static final int ROWS = 100_000;
    private static final int VERSIONS = Integer.getInteger("versions", 100);
    private static final int ROWS_PER_ENTRY = 100;
    private static final int ENTRIES_PER_BATCH = 10;
    private static final int READS = 500_000;

    private Measure() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("measure");
        Random random = new Random(1);
        try (LocalReplica replica =
                new LocalReplica(directory, ReplicaSettings.defaults(), () -> 1)) {
            replica.append(List.of(createTable()));
            write(replica, "insert, ascending keys, two indexes", 1);
            read(replica, random, "1 version");
            write(replica, "update, index entries unchanged", VERSIONS - 1);
            read(replica, random, VERSIONS + " versions");
            try (ReadView past = replica.asOf(replica.appliedOffset() / 2)) {
                scan(past, "scan as of the middle of " + VERSIONS + " versions");
            }
        }
        try (LocalReplica reopened =
                        new LocalReplica(directory, ReplicaSettings.defaults(), () -> 1);
                ReadView view = reopened.latest()) {
            for (int round = 0; round < 3; round++) {
                scan(view, VERSIONS + " versions, reopened: scan");
            }
        }
    }

    private static void write(LocalReplica replica, String what, int rounds) {
        long offset = replica.appliedOffset();
        long nanos = 0;
        for (int round = 0; round < rounds; round++) {
            List<byte[]> records = new ArrayList<>();
            for (int id = 0; id < ROWS; id += ROWS_PER_ENTRY) {
                List<Change> changes = new ArrayList<>();
                for (long row = id; row < id + ROWS_PER_ENTRY; row++) {
                    changes.add(put(row, row, row % 100));
                }
                LogRecord entry = entry(changes.toArray(Change[]::new));
                records.add(LogCodec.encode(entry));
            }
            long start = System.nanoTime();
            int inBatch = 0;
            for (byte[] record : records) {
                replica.processor.process(++offset, 1, record);
                if (++inBatch % ENTRIES_PER_BATCH == 0) {
                    replica.processor.endBatch();
                }
            }
            replica.processor.endBatch();
            nanos += System.nanoTime() - start;
        }
        LOG.info("{}: {} rows/s", what, (long) (1e9 * ROWS * rounds / nanos));
    }

    private static void read(LocalReplica replica, Random random, String what) {
        for (int hot : new int[] {ROWS, 1000}) {
            for (int round = 0; round < 3; round++) {
                long start = System.nanoTime();
                for (int i = 0; i < READS; i++) {
                    try (ReadView view = replica.latest()) {
                        if (view.get(STORAGE, key(random.nextInt(hot))) == null) {
                            throw new IllegalStateException("a row is missing");
                        }
                    }
                }
                long nanos = System.nanoTime() - start;
                LOG.info("{}: one of {} rows by key: {} ns", what, hot, nanos / READS);
            }
        }
        try (ReadView view = replica.latest()) {
            for (int round = 0; round < 3; round++) {
                scan(view, what + ": scan");
            }
        }
    }

    private static void scan(ReadView view, String what) {
        long start = System.nanoTime();
        long rows = 0;
        try (RowCursor cursor = view.scan(STORAGE, KeyRange.ALL, false)) {
            while (cursor.next()) {
                rows += cursor.row().length > 0 ? 1 : 0;
            }
        }
        long nanos = System.nanoTime() - start;
        LOG.info("{}: {} rows/s", what, (long) (1e9 * rows / nanos));
    }
}
