package dev.driftdb.schemas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.AvroSchemas;
import dev.driftdb.schemas.Golden;
import dev.driftdb.schemas.log.LogCodec.CorruptRecordException;
import dev.driftdb.schemas.log.LogCodec.UnknownFormatException;
import dev.driftdb.schemas.log.LogRecord.Chunk;
import dev.driftdb.schemas.log.LogRecord.Metadata;
import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.type.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class LogCodecTest {
    private static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final Bytes KEY = Bytes.wrap(new byte[] {2, (byte) 0x80, 0, 0});
    private static final Bytes TO = Bytes.wrap(new byte[] {3});
    private static final Bytes ROW = Bytes.wrap(new byte[] {1, 1, 0, 0, 1, 7});

    private static final List<Precondition> PRECONDITIONS =
            List.of(
                    new Precondition.RowVersion(16384, KEY, Precondition.ABSENT),
                    new Precondition.RowVersion(16384, KEY, 1L << 40),
                    new Precondition.KeyAbsent(16385, KEY),
                    new Precondition.KeyExists(16384, false, KEY),
                    new Precondition.KeyExists(16385, true, KEY),
                    new Precondition.RangeEmpty(16385, true, KEY, TO),
                    new Precondition.RangeUnchanged(16384, KEY, Bytes.EMPTY, 99),
                    new Precondition.DefinitionUnchanged(16384, 12));
    private static final List<Change> CHANGES =
            List.of(
                    new Change.Truncate(16390),
                    new Change.Put(16384, Change.Kind.INSERT, KEY, ROW),
                    new Change.Put(16384, Change.Kind.UPDATE, KEY, ROW),
                    new Change.Append(16386, 3, ROW),
                    new Change.Delete(16384, KEY),
                    new Change.BuildIndex(16387),
                    new Change.Rekey(16384, 16384, 16388));

    /** By the name of the golden file without its ending. */
    private static final Map<String, LogRecord> RECORDS =
            Map.of(
                    "log-v1-entry",
                    new TransactionEntry(
                            ID,
                            new Metadata("sql", "anna", "psql – ä", "INSERT", null),
                            PRECONDITIONS,
                            CHANGES,
                            2),
                    "log-v1-ingested",
                    new TransactionEntry(
                            ID,
                            new Metadata(
                                    "ingest",
                                    "drift",
                                    "",
                                    "INSERT",
                                    new SourcePosition("orders", 3, 1L << 33)),
                            List.of(),
                            List.of(new Change.Put(16384, Change.Kind.INSERT, KEY, ROW)),
                            0),
                    "log-v1-empty",
                    new TransactionEntry(
                            ID, new Metadata("sql", "", "", "", null), List.of(), List.of(), 0),
                    "log-v1-chunk",
                    new Chunk(ID, 1, PRECONDITIONS, CHANGES));

    /** The golden files are never edited: logs with such bytes exist. */
    @Test
    void golden_records_decode_to_their_values_and_encode_to_the_same_bytes() throws IOException {
        for (Map.Entry<String, LogRecord> entry : RECORDS.entrySet()) {
            byte[] golden = Golden.read(entry.getKey() + ".bin", LogCodec.encode(entry.getValue()));
            assertThat(LogCodec.decode(golden)).as(entry.getKey()).isEqualTo(entry.getValue());
            assertThat(LogCodec.encode(entry.getValue())).as(entry.getKey()).isEqualTo(golden);
        }
    }

    @Test
    void any_avro_program_reads_and_writes_the_same_bytes() throws IOException {
        Schema schema = AvroSchemas.load("/avro/log-v1.avsc");
        for (LogRecord record : RECORDS.values()) {
            byte[] ours = LogCodec.encode(record);
            Object generic = AvroSchemas.read(schema, ours);
            byte[] theirs = AvroSchemas.write(schema, ours[0], generic);
            assertThat(theirs).isEqualTo(ours);
            assertThat(LogCodec.decode(theirs)).isEqualTo(record);
        }
    }

    @Test
    void the_schema_file_names_the_fields_as_we_read_them() throws IOException {
        Schema schema = AvroSchemas.load("/avro/log-v1.avsc");
        GenericRecord entry =
                (GenericRecord) AvroSchemas.read(schema, LogCodec.encode(record("log-v1-entry")));
        GenericRecord metadata = (GenericRecord) entry.get("metadata");
        assertThat(metadata.get("user")).hasToString("anna");
        assertThat(metadata.get("tag")).hasToString("INSERT");
        assertThat(entry.get("chunkCount")).isEqualTo(2);
        List<?> preconditions = (List<?>) entry.get("preconditions");
        List<?> changes = (List<?>) entry.get("changes");
        for (int i = 0; i < preconditions.size(); i++) {
            assertSameFields(PRECONDITIONS.get(i), (GenericRecord) preconditions.get(i));
        }
        for (int i = 0; i < changes.size(); i++) {
            assertSameFields(CHANGES.get(i), (GenericRecord) changes.get(i));
        }
    }

    /** Version 2 is what brings entries of its own; its schema reads version 1 as well. */
    @Test
    void entries_that_travel_make_a_record_of_version_two() throws IOException {
        List<Change> entries =
                List.of(
                        new Change.Append(16386, 0, ROW),
                        new Change.AddEntry(16391, KEY, Bytes.EMPTY, true),
                        new Change.RemoveEntry(16391, TO, KEY, false));
        TransactionEntry record =
                new TransactionEntry(
                        ID, new Metadata("sql", "", "", "", null), List.of(), entries, 0);
        byte[] ours = LogCodec.encode(record);
        byte[] golden = Golden.read("log-v2-entries.bin", ours);
        assertThat(ours).isEqualTo(golden);
        assertThat(ours[0]).isEqualTo((byte) 2);
        assertThat(LogCodec.decode(golden)).isEqualTo(record);
        Schema schema = AvroSchemas.load("/avro/log-v2.avsc");
        GenericRecord generic = (GenericRecord) AvroSchemas.read(schema, ours);
        assertThat(AvroSchemas.write(schema, ours[0], generic)).isEqualTo(ours);
        List<?> changes = (List<?>) generic.get("changes");
        for (int i = 0; i < changes.size(); i++) {
            assertSameFields(entries.get(i), (GenericRecord) changes.get(i));
        }
        for (LogRecord first : RECORDS.values()) {
            byte[] bytes = LogCodec.encode(first);
            assertThat(AvroSchemas.write(schema, bytes[0], AvroSchemas.read(schema, bytes)))
                    .isEqualTo(bytes);
        }
    }

    /** Version 3 is what follows a transaction of unknown offset; its schema reads the others. */
    @Test
    void a_row_written_by_a_transaction_makes_a_record_of_version_three() throws IOException {
        Precondition.RowWrittenBy written =
                new Precondition.RowWrittenBy(16385, KEY, new UUID(0x0123456789abcdefL, -2));
        TransactionEntry record =
                new TransactionEntry(
                        ID,
                        new Metadata("sql", "", "", "", null),
                        List.of(written),
                        List.of(new Change.Delete(16385, KEY)),
                        0);
        byte[] ours = LogCodec.encode(record);
        byte[] golden = Golden.read("log-v3-written-by.bin", ours);
        assertThat(ours).isEqualTo(golden);
        assertThat(ours[0]).isEqualTo((byte) 3);
        assertThat(LogCodec.decode(golden)).isEqualTo(record);
        Schema schema = AvroSchemas.load("/avro/log-v3.avsc");
        GenericRecord generic = (GenericRecord) AvroSchemas.read(schema, ours);
        assertThat(AvroSchemas.write(schema, ours[0], generic)).isEqualTo(ours);
        GenericRecord theirs = (GenericRecord) ((List<?>) generic.get("preconditions")).getFirst();
        assertThat(theirs.getSchema().getName()).isEqualTo("RowWrittenBy");
        assertThat(theirs.get("storageId")).isEqualTo(16385);
        for (LogRecord first : RECORDS.values()) {
            byte[] bytes = LogCodec.encode(first);
            assertThat(AvroSchemas.write(schema, bytes[0], AvroSchemas.read(schema, bytes)))
                    .isEqualTo(bytes);
        }
    }

    /** Version 4 can forget rows; its schema reads the others. */
    @Test
    void a_forgotten_row_makes_a_record_of_version_four() throws IOException {
        Change.Forget forget = new Change.Forget(16385, KEY);
        TransactionEntry record =
                new TransactionEntry(
                        ID,
                        new Metadata("sql", "", "", "FORGET", null),
                        List.of(new Precondition.RowWrittenBy(16385, KEY, ID)),
                        List.of(forget),
                        0);
        byte[] ours = LogCodec.encode(record);
        byte[] golden = Golden.read("log-v4-forget.bin", ours);
        assertThat(ours).isEqualTo(golden);
        assertThat(ours[0]).isEqualTo((byte) 4);
        assertThat(LogCodec.decode(golden)).isEqualTo(record);
        Schema schema = AvroSchemas.load("/avro/log-v4.avsc");
        GenericRecord generic = (GenericRecord) AvroSchemas.read(schema, ours);
        assertThat(AvroSchemas.write(schema, ours[0], generic)).isEqualTo(ours);
        assertSameFields(forget, (GenericRecord) ((List<?>) generic.get("changes")).getFirst());
        for (LogRecord first : RECORDS.values()) {
            byte[] bytes = LogCodec.encode(first);
            assertThat(AvroSchemas.write(schema, bytes[0], AvroSchemas.read(schema, bytes)))
                    .isEqualTo(bytes);
        }
    }

    private static void assertSameFields(Object ours, GenericRecord theirs) {
        assertThat(theirs.getSchema().getName()).isEqualTo(ours.getClass().getSimpleName());
        for (var component : ours.getClass().getRecordComponents()) {
            Object value;
            try {
                value = component.getAccessor().invoke(ours);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
            Object expected =
                    value instanceof Bytes bytes
                            ? ByteBuffer.wrap(bytes.array())
                            : value instanceof Enum<?> constant ? constant.name() : value;
            Object actual = theirs.get(component.getName());
            assertThat(expected instanceof String ? actual.toString() : actual)
                    .as(component.getName())
                    .isEqualTo(expected);
        }
    }

    @Test
    void a_newer_format_is_refused_by_name() {
        byte[] bytes = LogCodec.encode(record("log-v1-empty"));
        bytes[0] = LogCodec.FORMAT_VERSION + 1;
        assertThatThrownBy(() -> LogCodec.decode(bytes))
                .isInstanceOf(UnknownFormatException.class)
                .hasMessageContaining("format " + (LogCodec.FORMAT_VERSION + 1));
    }

    @Test
    void a_record_cut_anywhere_is_corrupt() {
        for (LogRecord record : RECORDS.values()) {
            byte[] bytes = LogCodec.encode(record);
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> LogCodec.decode(cut))
                        .isInstanceOf(CorruptRecordException.class);
            }
            assertThatThrownBy(() -> LogCodec.decode(Arrays.copyOf(bytes, bytes.length + 1)))
                    .isInstanceOf(CorruptRecordException.class);
        }
    }

    @Test
    void random_damage_is_a_corrupt_record_or_another_record() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] bytes = LogCodec.encode(record("log-v1-entry"));
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = bytes.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                damaged[1 + random.nextInt(bytes.length - 1)] = (byte) random.nextInt();
            }
            try {
                LogCodec.decode(damaged);
            } catch (CorruptRecordException e) {
                assertThat(e).as("seed %d", seed).hasMessageContaining("damaged");
            }
        }
    }

    @Test
    void the_size_bound_holds() {
        for (LogRecord record : RECORDS.values()) {
            assertThat(LogCodec.encode(record).length)
                    .isLessThanOrEqualTo(RecordSize.upperBound(record));
        }
    }

    @Test
    void the_record_key_is_the_id() {
        assertThat(Bytes.wrap(LogCodec.recordKey(ID)).hex())
                .isEqualTo("00112233445566778899aabbccddeeff");
    }

    private static LogRecord record(String name) {
        return Objects.requireNonNull(RECORDS.get(name), name);
    }
}
