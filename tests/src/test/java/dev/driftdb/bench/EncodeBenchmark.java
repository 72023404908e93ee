package dev.driftdb.bench;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord.Metadata;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Types;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Nanoseconds to encode and decode what every commit encodes and decodes, in this process. The
 * floor is a copy of as many bytes into a new array.
 */
final class EncodeBenchmark implements Benchmark {
    private static final int ROUNDS = 5;
    private static final int CALLS_PER_CLOCK = 1_000;

    private static final List<ColumnDef> COLUMNS =
            List.of(
                    ColumnDef.of(1, "id", Types.INT8),
                    ColumnDef.of(2, "quantity", Types.INT4),
                    ColumnDef.of(3, "name", Types.TEXT),
                    ColumnDef.of(4, "at", Types.TIMESTAMPTZ));

    private static final int TABLE_ID = 16_384;

    /** Where results go, so that no call can be left out. */
    private volatile @Nullable Object sink;

    @Override
    public String name() {
        return "encode";
    }

    @Override
    public void run(Rig rig, FigureTable table) {
        Duration round = rig.settings().load().dividedBy(10L * ROUNDS);
        @Nullable Object[] values = {123_456_789L, 42L, "a name of 24 characters.", 1_234_567_890L};
        byte[] row = RowCodec.encode(COLUMNS, values);
        Bytes key = KeyCodec.key(123_456_789L);
        TransactionEntry entry =
                new TransactionEntry(
                        new UUID(0x0123456789abcdefL, 0x0fedcba987654321L),
                        new Metadata("sql", "driftdb", "bench", "INSERT", null),
                        List.of(new Precondition.KeyAbsent(TABLE_ID, key)),
                        List.of(new Change.Put(TABLE_ID, Change.Kind.INSERT, key, Bytes.wrap(row))),
                        0);
        byte[] record = LogCodec.encode(entry);
        ColumnDef lastColumn = COLUMNS.getLast();

        report(
                table,
                round,
                "RowCodec.encode, 4 columns",
                row,
                () -> RowCodec.encode(COLUMNS, values));
        report(
                table,
                round,
                "RowCodec.decode, 4 columns",
                row,
                () -> RowCodec.decode(COLUMNS, row));
        report(
                table,
                round,
                "RowCodec.decodeColumn, the last of 4",
                row,
                () -> RowCodec.decodeColumn(lastColumn, row));
        report(
                table,
                round,
                "KeyCodec.key of a bigint",
                key.array(),
                () -> KeyCodec.key(123_456_789L));
        report(
                table,
                round,
                "KeyCodec.Writer of (bigint, text)",
                new byte[40],
                () ->
                        new KeyCodec.Writer()
                                .add(Types.INT8, 123_456_789L)
                                .add(Types.TEXT, "a name of 24 characters.")
                                .toBytes());
        report(
                table,
                round,
                "LogCodec.encode, a row's INSERT",
                record,
                () -> LogCodec.encode(entry));
        report(
                table,
                round,
                "LogCodec.decode, a row's INSERT",
                record,
                () -> LogCodec.decode(record));
    }

    private void report(
            FigureTable table, Duration round, String what, byte[] bytes, Supplier<?> call) {
        double floor = nanos(round, () -> ByteBuffer.wrap(new byte[bytes.length]).put(bytes));
        double own = nanos(round, call);
        table.add(
                "encode: " + what,
                Figures.time(own),
                "copy of " + bytes.length + " bytes " + Figures.time(floor),
                own / floor);
    }

    /** Nanoseconds of one call, the median of some rounds after as many unmeasured. */
    private double nanos(Duration round, Supplier<?> call) {
        double[] measured = new double[ROUNDS];
        for (int i = -ROUNDS; i < ROUNDS; i++) {
            double nanos = nanosOfRound(round, call);
            if (i >= 0) {
                measured[i] = nanos;
            }
        }
        Arrays.sort(measured);
        return measured[ROUNDS / 2];
    }

    private double nanosOfRound(Duration round, Supplier<?> call) {
        long start = System.nanoTime();
        long calls = 0;
        long now;
        do {
            for (int i = 0; i < CALLS_PER_CLOCK; i++) {
                sink = call.get();
            }
            calls += CALLS_PER_CLOCK;
            now = System.nanoTime();
        } while (now - start < round.toNanos());
        return (double) (now - start) / calls;
    }
}
