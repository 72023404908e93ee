package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.avro.AvroBuffer;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Time and memory from an entry of the log to the bytes of its changelog records, without Kafka, to
 * be run by hand: entries like those of pgbench's TPC-B, bulk loads, a new primary key; and single
 * reads of the past.
 */
final class MeasureChangelog {
    private static final Logger LOG = LoggerFactory.getLogger(MeasureChangelog.class);
    private static final int ACCOUNTS = 300_000;
    private static final int SCALE = 3;
    private static final int POLL = 300;
    private static final int POLLS = 60;
    private static final String FILLER = " ".repeat(84);

    private static final TableDef ACCOUNT =
            table(
                    20000,
                    "pgbench_accounts",
                    true,
                    column(1, "aid", Types.INT4, -1, true),
                    column(2, "bid", Types.INT4, -1, false),
                    column(3, "abalance", Types.INT4, -1, false),
                    column(4, "filler", Types.BPCHAR, 88, false));
    private static final TableDef TELLER =
            table(
                    20010,
                    "pgbench_tellers",
                    true,
                    column(1, "tid", Types.INT4, -1, true),
                    column(2, "bid", Types.INT4, -1, false),
                    column(3, "tbalance", Types.INT4, -1, false),
                    column(4, "filler", Types.BPCHAR, 88, false));
    private static final TableDef BRANCH =
            table(
                    20020,
                    "pgbench_branches",
                    true,
                    column(1, "bid", Types.INT4, -1, true),
                    column(2, "bbalance", Types.INT4, -1, false),
                    column(3, "filler", Types.BPCHAR, 92, false));
    private static final TableDef HISTORY =
            table(
                    20030,
                    "pgbench_history",
                    false,
                    column(1, "tid", Types.INT4, -1, false),
                    column(2, "bid", Types.INT4, -1, false),
                    column(3, "aid", Types.INT4, -1, false),
                    column(4, "delta", Types.INT4, -1, false),
                    column(5, "mtime", Types.TIMESTAMP, -1, false),
                    column(6, "filler", Types.BPCHAR, 26, false));

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long records;
    private static long bytes;
    private static final IdentityHashMap<PublishedTable, Envelope> envelopes =
            new IdentityHashMap<>();
    private static final AvroBuffer buffer = new AvroBuffer();
    private static @Nullable EntryStamp stamp;
    private static long position;

    private MeasureChangelog() {}

    private static ColumnDef column(int number, String name, SqlType type, int typmod, boolean nn) {
        return new ColumnDef(
                number, name, type, typmod, nn, null, null, ColumnDef.Identity.NONE, false);
    }

    private static TableDef table(int id, String name, boolean keyed, ColumnDef... columns) {
        List<Integer> key = keyed ? List.of(1) : List.of();
        return new TableDef(
                id,
                SchemaDef.PUBLIC,
                name,
                RoleDef.BOOTSTRAP,
                id + 1,
                List.of(columns),
                key,
                keyed
                        ? List.of(new Constraint.PrimaryKey(id + 2, name + "_pkey", key, id + 3))
                        : List.of(),
                Map.of());
    }

    private static Bytes row(TableDef table, @Nullable Object... values) {
        return Bytes.wrap(RowCodec.encode(table.columns(), values));
    }

    private static Change put(TableDef table, long id, @Nullable Object... values) {
        return new Change.Put(
                table.storageId(),
                Change.Kind.UPDATE,
                KeyCodec.key(List.of(Types.INT4), List.of(id)),
                row(table, values));
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("measure");
        try (LocalReplica replica =
                new LocalReplica(directory, ReplicaSettings.defaults(), () -> 1_700_000_000_000L)) {
            replica.append(
                    List.of(
                            Tables.entry(
                                    Tables.define(ACCOUNT),
                                    Tables.define(TELLER),
                                    Tables.define(BRANCH),
                                    Tables.define(HISTORY))));
            load(replica);
            transactions(replica);
            transactions(replica);
            asOfReads(replica);
            bulk(replica);
        }
    }

    private static void load(LocalReplica replica) {
        for (long id = 0; id < ACCOUNTS; ) {
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < 1000; i++, id++) {
                changes.add(put(ACCOUNT, id, id, 1L, 0L, FILLER));
            }
            replica.append(List.of(Tables.entry(changes.toArray(Change[]::new))));
        }
        List<Change> changes = new ArrayList<>();
        for (long id = 0; id < SCALE; id++) {
            changes.add(put(BRANCH, id, id, 0L, FILLER));
        }
        for (long id = 0; id < SCALE * 10; id++) {
            changes.add(put(TELLER, id, id, 1L, 0L, FILLER));
        }
        replica.append(List.of(Tables.entry(changes.toArray(Change[]::new))));
    }

    private record Logged(long offset, Bytes record) {}

    private static void transactions(LocalReplica replica) {
        Random random = new Random(1);
        long nanos = 0;
        long cpu = 0;
        long allocated = 0;
        long rows = 0;
        long size = 0;
        for (int poll = 0; poll < POLLS; poll++) {
            List<Logged> log = new ArrayList<>();
            List<LogRecord> batch = new ArrayList<>();
            for (int i = 0; i < POLL; i++) {
                long aid = random.nextInt(ACCOUNTS);
                long tid = random.nextInt(SCALE * 10);
                long bid = random.nextInt(SCALE);
                long balance = random.nextInt(5000);
                read(replica, ACCOUNT, aid);
                read(replica, TELLER, tid);
                read(replica, BRANCH, bid);
                TransactionEntry entry =
                        Tables.entry(
                                put(ACCOUNT, aid, aid, bid, balance, FILLER),
                                put(TELLER, tid, tid, bid, balance, FILLER),
                                put(BRANCH, bid, bid, balance, FILLER),
                                new Change.Append(
                                        HISTORY.storageId(),
                                        0,
                                        row(
                                                HISTORY,
                                                tid,
                                                bid,
                                                aid,
                                                balance,
                                                772_000_000_000_000L + i,
                                                null)));
                log.add(new Logged(replica.appliedOffset() + 1 + batch.size(), encoded(entry)));
                batch.add(entry);
                if (batch.size() == 10) {
                    replica.append(batch);
                    batch.clear();
                }
            }
            if (poll == POLLS / 2) {
                nanos = cpu = allocated = rows = size = 0;
            }
            long recordsBefore = records;
            long bytesBefore = bytes;
            long a = THREADS.getCurrentThreadAllocatedBytes();
            long c = THREADS.getCurrentThreadCpuTime();
            long t = System.nanoTime();
            publish(replica, log);
            nanos += System.nanoTime() - t;
            cpu += THREADS.getCurrentThreadCpuTime() - c;
            allocated += THREADS.getCurrentThreadAllocatedBytes() - a;
            rows += records - recordsBefore;
            size += bytes - bytesBefore;
        }
        report("small entries", nanos, cpu, allocated, rows, size);
    }

    /** As the session does before it updates. */
    private static void read(LocalReplica replica, TableDef table, long id) {
        try (ReadView view = replica.latest()) {
            Bytes key = KeyCodec.key(List.of(Types.INT4), List.of(id));
            Objects.requireNonNull(view.get(table.storageId(), key));
        }
    }

    private static void bulk(LocalReplica replica) {
        int rows = 300_000;
        TableDef heap = table(21000, "bulk", false, ACCOUNT.columns().toArray(ColumnDef[]::new));
        TableDef keyed =
                new TableDef(
                        21000,
                        SchemaDef.PUBLIC,
                        "bulk",
                        RoleDef.BOOTSTRAP,
                        21005,
                        heap.columns(),
                        List.of(1),
                        List.of(new Constraint.PrimaryKey(21006, "bulk_pkey", List.of(1), 21007)),
                        Map.of());
        replica.append(List.of(Tables.entry(Tables.define(heap))));
        List<Logged> log = new ArrayList<>();
        for (long id = 0; id < rows; ) {
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < 1000; i++, id++) {
                changes.add(new Change.Append(heap.storageId(), i, row(heap, id, 1L, 0L, FILLER)));
            }
            TransactionEntry entry = Tables.entry(changes.toArray(Change[]::new));
            log.add(new Logged(replica.append(List.of(entry)), encoded(entry)));
        }
        measure("bulk appends", replica, log.subList(0, log.size() / 2));
        measure("bulk appends", replica, log.subList(log.size() / 2, log.size()));
        TransactionEntry rekey =
                Tables.entry(
                        Tables.define(keyed),
                        new Change.Rekey(21000, heap.storageId(), keyed.storageId()));
        long offset = replica.append(List.of(rekey));
        List<Logged> rekeyed = List.of(new Logged(offset, encoded(rekey)));
        measure("rekey, replica there", replica, rekeyed);
        replica.append(List.of(Tables.entry(put(keyed, 1, 1L, 2L, 3L, FILLER))));
        measure("rekey, replica ahead", replica, rekeyed);
        measure("rekey, replica ahead", replica, rekeyed);
        List<Logged> updates = new ArrayList<>();
        for (long id = 0; id < rows; ) {
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < 1000; i++, id++) {
                changes.add(put(keyed, id, id, 1L, 5L, FILLER));
            }
            TransactionEntry entry = Tables.entry(changes.toArray(Change[]::new));
            updates.add(new Logged(replica.append(List.of(entry)), encoded(entry)));
        }
        measure("bulk updates", replica, updates.subList(0, updates.size() / 2));
        measure("bulk updates", replica, updates.subList(updates.size() / 2, updates.size()));
    }

    private static Bytes encoded(TransactionEntry entry) {
        return Bytes.wrap(LogCodec.encode(entry));
    }

    private static void measure(String what, LocalReplica replica, List<Logged> log) {
        long recordsBefore = records;
        long bytesBefore = bytes;
        long a = THREADS.getCurrentThreadAllocatedBytes();
        long c = THREADS.getCurrentThreadCpuTime();
        long t = System.nanoTime();
        publish(replica, log);
        t = System.nanoTime() - t;
        c = THREADS.getCurrentThreadCpuTime() - c;
        a = THREADS.getCurrentThreadAllocatedBytes() - a;
        report(what, t, c, a, records - recordsBefore, bytes - bytesBefore);
    }

    private static void report(
            String what, long nanos, long cpu, long allocated, long rows, long size) {
        LOG.info(
                "{}: {} rows, each {} ns, {} ns of CPU, {} bytes allocated, {} bytes published",
                what,
                rows,
                nanos / rows,
                cpu / rows,
                allocated / rows,
                size / rows);
    }

    private static void asOfReads(LocalReplica replica) {
        Random random = new Random(2);
        for (int round = 0; round < 4; round++) {
            long past = replica.appliedOffset() - (round % 2 == 0 ? 0 : 2 * POLL);
            long a = THREADS.getCurrentThreadAllocatedBytes();
            long t = System.nanoTime();
            int reads = 100_000;
            for (int i = 0; i < reads; i++) {
                try (ReadView view = replica.asOf(past)) {
                    Bytes key =
                            KeyCodec.key(
                                    List.of(Types.INT4),
                                    List.of((long) random.nextInt(SCALE * 10)));
                    if (view.get(TELLER.storageId(), key) == null) {
                        throw new IllegalStateException("a row is missing");
                    }
                }
            }
            t = System.nanoTime() - t;
            a = THREADS.getCurrentThreadAllocatedBytes() - a;
            LOG.info(
                    "{}: {} ns, {} bytes a read",
                    round % 2 == 0 ? "newest" : "as of",
                    t / reads,
                    a / reads);
        }
    }

    private static void publish(LocalReplica replica, List<Logged> log) {
        try (CommittedChanges poll = changes(replica, log.getFirst().offset())) {
            for (int from = 0; from < log.size(); from += POLL) {
                List<Logged> part = log.subList(from, Math.min(from + POLL, log.size()));
                poll.beginPoll(part.getLast().offset());
                for (Logged logged : part) {
                    TransactionEntry entry =
                            (TransactionEntry) LogCodec.decode(logged.record().array());
                    poll.read(logged.offset(), entry, List.of());
                }
            }
        }
    }

    private static CommittedChanges changes(LocalReplica replica, long offset) {
        Catalog catalog;
        try (ReadView view = replica.asOf(offset - 1)) {
            catalog = view.catalog();
        }
        return new CommittedChanges(
                replica::asOf,
                catalog,
                new CommittedChanges.Sink() {
                    @Override
                    public void beginEntry(EntryInfo entry) {
                        stamp = EntryStamp.of(entry, buffer);
                        position = 0;
                    }

                    @Override
                    public void accept(RowChange change) {
                        write(change, ++position);
                    }
                });
    }

    private static void write(RowChange change, long position) {
        PublishedTable table = change.table();
        Envelope envelope =
                envelopes.computeIfAbsent(
                        table, t -> new Envelope("shop", t.schemaName(), t.table()));
        EntryStamp entry = Objects.requireNonNull(stamp);
        buffer.begin(2);
        envelope.value(buffer, change, entry, position, position);
        bytes += buffer.toByteArray().length;
        if (change.key() != null) {
            buffer.begin(1);
            envelope.key(buffer, change.key(), Envelope.rowOf(change));
            bytes += buffer.toByteArray().length;
        }
        records++;
    }
}
