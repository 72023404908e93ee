package dev.driftdb.materializer.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.avro.AvroBuffer;
import dev.driftdb.schemas.avro.AvroWire;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.TopicNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowChangesTest {
    @TempDir Path directory;
    private LocalReplica replica;

    @BeforeEach
    void open() {
        replica = new LocalReplica(directory, ReplicaSettings.small(), () -> 1_700_000_000_000L);
        replica.append(List.of(Tables.createTable()));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void every_change_has_the_row_before_and_after_it() {
        assertThat(publish(Tables.entry(Tables.put(1, 10L, null), Tables.put(2, 20L, 5L))))
                .containsExactly(
                        "c key={\"id\": 1} null -> id 1 u 10 g null",
                        "c key={\"id\": 2} null -> id 2 u 20 g 5");
        assertThat(publish(Tables.entry(Tables.put(1, 11L, 7L), Tables.delete(2))))
                .containsExactly(
                        "u key={\"id\": 1} id 1 u 10 g null -> id 1 u 11 g 7",
                        "d key={\"id\": 2} id 2 u 20 g 5 -> null");
        assertThat(publish(Tables.entry(Tables.delete(99)))).isEmpty();
    }

    @Test
    void after_a_truncate_in_the_same_entry_rows_are_new() {
        publish(Tables.entry(Tables.put(1, 10L, null)));
        assertThat(
                        publish(
                                Tables.entry(
                                        new Change.Truncate(Tables.STORAGE),
                                        Tables.put(1, 11L, null))))
                .containsExactly("t", "c key={\"id\": 1} null -> id 1 u 11 g null");
    }

    @Test
    void a_new_primary_key_is_a_truncate_and_every_row_under_its_new_key() {
        publish(Tables.entry(Tables.put(1, 10L, 100L), Tables.put(2, 20L, 200L)));
        TableDef other = Tables.table(Tables.OTHER_STORAGE, List.of(2));
        assertThat(
                        publish(
                                Tables.entry(
                                        Tables.define(other),
                                        new Change.Rekey(
                                                Tables.TABLE,
                                                Tables.STORAGE,
                                                Tables.OTHER_STORAGE))))
                .containsExactly(
                        "t",
                        "c key={\"u\": 10} null -> id 1 u 10 g 100",
                        "c key={\"u\": 20} null -> id 2 u 20 g 200");
    }

    @Test
    void a_table_with_changelog_off_is_not_published() {
        TableDef t = Tables.T;
        TableDef off = t.withOptions(Map.of("changelog", "off"));
        replica.append(List.of(Tables.entry(Tables.define(off))));
        assertThat(publish(Tables.entry(Tables.put(1, 10L, null)))).isEmpty();
    }

    @Test
    void the_envelope_says_where_in_the_log_and_in_the_transaction_a_change_stands() {
        TransactionEntry entry = Tables.entry(Tables.put(1, 10L, null));
        replica.append(List.of(entry));
        Envelope envelope = new Envelope("shop", "public", Tables.T);
        try (ReadView after = replica.asOf(1)) {
            EntryInfo info = Objects.requireNonNull(after.entry(1));
            RowChange change =
                    new RowChange(
                            new PublishedTable(Tables.T, "public"),
                            RowChange.Op.CREATE,
                            Tables.key(1),
                            null,
                            Tables.row(1, 10L, null).array());
            AvroBuffer out = new AvroBuffer();
            out.beginFragment();
            envelope.value(out, change, EntryStamp.of(info, new AvroBuffer()), 3, 2);
            GenericRecord value = PublishedText.decode(envelope.schema(), out);
            assertThat(value.toString())
                    .isEqualTo(
                            "{\"before\": null, \"after\": {\"id\": 1, \"u\": 10, \"g\": null},"
                                    + " \"source\": {\"version\": \"1\", \"connector\": \"driftdb\","
                                    + " \"name\": \"shop\", \"ts_ms\": 1700000000000, \"db\": \"shop\","
                                    + " \"schema\": \"public\", \"table\": \"t\", \"offset\": 1,"
                                    + " \"transaction_id\": \""
                                    + entry.id()
                                    + "\", \"position\": 3}, \"op\": \"c\", \"ts_ms\": 1700000000000,"
                                    + " \"transaction\": {\"id\": \""
                                    + entry.id()
                                    + "\", \"total_order\": 3, \"data_collection_order\": 2}}");
            byte[] encoded = AvroWire.encode(1, value);
            out.begin(1);
            envelope.value(out, change, EntryStamp.of(info, new AvroBuffer()), 3, 2);
            assertThat(out.toByteArray()).isEqualTo(encoded);
            assertThat(envelope.schema().getFullName()).isEqualTo("driftdb.public.t.Envelope");
            assertThat(new TopicNames("shop").changelog("public", "t"))
                    .isEqualTo("driftdb.shop.public.t.changelog");
        }
    }

    @Test
    void reading_resumes_before_the_first_chunk_whose_entry_has_not_come() {
        ChunkIndex chunks = new ChunkIndex();
        UUID id = Tables.nextUuid();
        chunks.add(id, 0, 10);
        chunks.add(id, 1, 12);
        assertThat(chunks.resumeOffset(20)).isEqualTo(10);
        assertThat(chunks.take(id)).containsExactly(10L, 12L);
        assertThat(chunks.resumeOffset(20)).isEqualTo(20);
        chunks.add(id, 0, 10);
        assertThat(chunks.resumeOffset(20 + ChunkIndex.AGE_OFFSETS_MAX))
                .isEqualTo(20 + ChunkIndex.AGE_OFFSETS_MAX);
    }

    /** Applies an entry and says what is published of it. */
    private List<String> publish(TransactionEntry entry) {
        long offset = replica.append(List.of(entry));
        return PublishedText.of(replica, offset, List.of(entry), 1, RowsBefore.BYTES_MAX);
    }
}
