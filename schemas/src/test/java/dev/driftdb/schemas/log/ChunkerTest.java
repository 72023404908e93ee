package dev.driftdb.schemas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogRecord.Chunk;
import dev.driftdb.schemas.log.LogRecord.Metadata;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ChunkerTest {
    private static final int LIMIT_BYTES = 1000;

    @Test
    void a_small_transaction_stays_whole() {
        TransactionEntry entry = entry(1, 1, 10);
        assertThat(Chunker.split(entry)).containsExactly(entry);
    }

    @Test
    void a_large_one_becomes_chunks_and_an_entry_that_counts_them() {
        TransactionEntry entry = entry(0, 100, 50);
        List<LogRecord> records = Chunker.split(entry, LIMIT_BYTES);
        assertThat(records).hasSizeGreaterThan(5);
        assertWhole(entry, records);
        for (LogRecord record : records) {
            assertThat(LogCodec.encode(record).length).isLessThanOrEqualTo(LIMIT_BYTES);
        }
    }

    @Test
    void preconditions_stay_on_the_entry_while_they_fit() {
        TransactionEntry entry = entry(3, 100, 50);
        List<LogRecord> records = Chunker.split(entry, LIMIT_BYTES);
        assertWhole(entry, records);
        assertThat(((TransactionEntry) records.getLast()).preconditions()).hasSize(3);
    }

    @Test
    void too_many_preconditions_travel_in_chunks() {
        TransactionEntry entry = entry(500, 2, 50);
        List<LogRecord> records = Chunker.split(entry, LIMIT_BYTES);
        assertWhole(entry, records);
        for (LogRecord record : records) {
            assertThat(LogCodec.encode(record).length).isLessThanOrEqualTo(LIMIT_BYTES);
        }
    }

    @Test
    void a_row_above_the_limit_of_a_record_gets_one_of_its_own() {
        TransactionEntry entry = entry(1, 3, 2 * Chunker.RECORD_BYTES_TARGET);
        List<LogRecord> records = Chunker.split(entry);
        assertThat(records).hasSize(4);
        assertWhole(entry, records);
        for (LogRecord record : records) {
            assertThat(LogCodec.encode(record).length).isLessThan(Chunker.LOG_RECORD_BYTES_MAX);
        }
    }

    @Test
    void a_row_that_no_record_holds_is_refused_with_its_size() {
        assertThatThrownBy(() -> Chunker.split(entry(0, 1, Chunker.ROW_BYTES_MAX + 1)))
                .isInstanceOfSatisfying(
                        SqlException.class,
                        e -> {
                            assertThat(e.state()).isEqualTo(SqlState.PROGRAM_LIMIT_EXCEEDED);
                            assertThat(e).hasMessageContaining("8388608");
                        });
    }

    private static void assertWhole(TransactionEntry entry, List<LogRecord> records) {
        List<Precondition> preconditions = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            assertThat(records.get(i).id()).isEqualTo(entry.id());
            switch (records.get(i)) {
                case Chunk chunk -> {
                    assertThat(chunk.number()).isEqualTo(i);
                    preconditions.addAll(chunk.preconditions());
                    changes.addAll(chunk.changes());
                }
                case TransactionEntry last -> {
                    assertThat(i).isEqualTo(records.size() - 1);
                    assertThat(last.chunkCount()).isEqualTo(records.size() - 1);
                    assertThat(last.metadata()).isEqualTo(entry.metadata());
                    preconditions.addAll(last.preconditions());
                    changes.addAll(last.changes());
                }
            }
        }
        assertThat(preconditions).isEqualTo(entry.preconditions());
        assertThat(changes).isEqualTo(entry.changes());
    }

    private static TransactionEntry entry(int preconditionCount, int changeCount, int rowBytes) {
        List<Precondition> preconditions = new ArrayList<>();
        for (int i = 0; i < preconditionCount; i++) {
            preconditions.add(new Precondition.RowVersion(16384, KeyCodec.key(i), -1));
        }
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < changeCount; i++) {
            changes.add(
                    new Change.Put(
                            16384,
                            Change.Kind.INSERT,
                            KeyCodec.key(i),
                            Bytes.wrap(new byte[rowBytes])));
        }
        return new TransactionEntry(
                new UUID(1, 2),
                new Metadata("sql", "u", "a", "INSERT", null),
                preconditions,
                changes,
                0);
    }
}
