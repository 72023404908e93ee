package dev.driftdb.materializer.resolve;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.replica.ReplicaFailedException;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.Precondition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplierTest {
    @TempDir Path directory;
    private LocalReplica replica;

    @BeforeEach
    void open() {
        replica = new LocalReplica(directory, ReplicaSettings.small(), () -> 1000);
    }

    @AfterEach
    void close() {
        replica.close();
    }

    private List<String> rows() {
        try (ReadView view = replica.latest()) {
            return Tables.rows(view, STORAGE);
        }
    }

    private List<String> index(int indexId) {
        try (ReadView view = replica.latest()) {
            return byIndex(view, indexId, false);
        }
    }

    private long append(Change... changes) {
        return replica.append(List.of(entry(changes)));
    }

    @Test
    void inserted_updated_and_deleted_rows_have_their_index_entries() {
        replica.append(List.of(createTable()));
        append(put(1, 30L, 5L), put(2, 20L, null), put(3, null, 4L));
        assertThat(rows()).containsExactly("1,30,5@1", "2,20,null@1", "3,null,4@1");
        assertThat(index(UNIQUE)).containsExactly("2,20,null", "1,30,5", "3,null,4");
        assertThat(index(GROUP)).containsExactly("3,null,4", "1,30,5", "2,20,null");
        append(put(1, 10L, 5L), delete(3));
        assertThat(rows()).containsExactly("1,10,5@2", "2,20,null@1");
        assertThat(index(UNIQUE)).containsExactly("1,10,5", "2,20,null");
        assertThat(index(GROUP)).containsExactly("1,10,5", "2,20,null");
    }

    @Test
    void two_rows_exchange_a_unique_value_in_one_entry() {
        replica.append(List.of(createTable(), entry(put(1, 10L, 1L), put(2, 20L, 2L))));
        append(put(1, 20L, 1L), put(2, 10L, 2L));
        assertThat(index(UNIQUE)).containsExactly("2,10,2", "1,20,1");
    }

    @Test
    void several_nulls_live_in_a_unique_index() {
        replica.append(List.of(createTable(), entry(put(1, null, 1L), put(2, null, 2L))));
        assertThat(index(UNIQUE)).containsExactly("1,null,1", "2,null,2");
        append(delete(1));
        assertThat(index(UNIQUE)).containsExactly("2,null,2");
    }

    @Test
    void a_second_row_with_a_unique_value_stops_the_replica() {
        replica.append(List.of(createTable(), entry(put(1, 10L, 1L))));
        CompletableFuture<Void> later = replica.awaitOffset(9);
        assertThatThrownBy(() -> append(put(2, 10L, 2L)))
                .isInstanceOf(ReplicaFailedException.class)
                .hasMessageContaining("offset 2")
                .hasMessageContaining("unique index");
        assertThat(later).isCompletedExceptionally();
        assertThat(replica.failure()).isCompleted();
        assertThat(replica.outcomeOf(nextUuid())).isCompletedExceptionally();
        assertThat(replica.appliedOffset()).isEqualTo(1);
        assertThat(rows()).containsExactly("1,10,1@1");
    }

    @Test
    void truncate_empties_the_table_and_rows_of_the_same_entry_stay() {
        replica.append(List.of(createTable(), entry(put(1, 10L, 1L), put(2, 20L, 2L))));
        append(new Change.Truncate(STORAGE), put(2, 10L, 3L));
        assertThat(rows()).containsExactly("2,10,3@2");
        assertThat(index(UNIQUE)).containsExactly("2,10,3");
        assertThat(index(GROUP)).containsExactly("2,10,3");
        try (ReadView past = replica.asOf(1)) {
            assertThat(Tables.rows(past, STORAGE)).containsExactly("1,10,1@1", "2,20,2@1");
        }
    }

    @Test
    void rows_whose_keys_cross_in_a_rekey_keep_their_entries() {
        replica.append(List.of(createTable(), entry(put(1, 2L, 5L), put(2, 1L, 5L))));
        append(
                define(table(OTHER_STORAGE, List.of(2))),
                new Change.Rekey(TABLE, STORAGE, OTHER_STORAGE));
        assertThat(index(GROUP)).containsExactly("2,1,5", "1,2,5");
        assertThat(index(UNIQUE)).containsExactly("2,1,5", "1,2,5");
    }

    @Test
    void rekey_moves_the_rows_to_the_key_that_the_catalog_says() {
        replica.append(List.of(createTable(), entry(put(1, 20L, 1L), put(2, 10L, 2L))));
        append(
                define(table(OTHER_STORAGE, List.of(2))),
                new Change.Rekey(TABLE, STORAGE, OTHER_STORAGE));
        try (ReadView view = replica.latest();
                ReadView past = replica.asOf(1)) {
            assertThat(Tables.rows(view, OTHER_STORAGE)).containsExactly("2,10,2@2", "1,20,1@2");
            assertThat(Tables.rows(view, STORAGE)).isEmpty();
            assertThat(byIndex(view, UNIQUE, true)).containsExactly("1,20,1", "2,10,2");
            assertThat(Tables.rows(past, STORAGE)).containsExactly("1,20,1@1", "2,10,2@1");
            assertThat(past.catalog().findTable(TABLE)).isEqualTo(T);
        }
    }

    @Test
    void rekey_without_a_primary_key_numbers_the_rows_in_their_order() {
        replica.append(List.of(createTable(), entry(put(1, 20L, 1L))));
        replica.append(
                List.of(
                        entry(put(0, 10L, 2L)),
                        entry(
                                define(table(OTHER_STORAGE, List.of())),
                                new Change.Rekey(TABLE, STORAGE, OTHER_STORAGE),
                                new Change.Append(OTHER_STORAGE, 0, row(5, 50L, 5L)))));
        try (ReadView view = replica.latest()) {
            assertThat(Tables.rows(view, OTHER_STORAGE))
                    .containsExactly("5,50,5@3", "0,10,2@3", "1,20,1@3");
            assertThat(byIndex(view, UNIQUE, false)).containsExactly("0,10,2", "1,20,1", "5,50,5");
        }
    }

    @Test
    void an_index_is_built_from_the_rows_at_its_place_and_follows_later_changes() {
        int added = 16400;
        replica.append(List.of(createTable(), entry(put(1, 10L, 7L), put(2, 20L, 6L))));
        append(
                put(3, 30L, 5L),
                define(Tables.index(added, "t_added", 3, true, false)),
                new Change.BuildIndex(added),
                put(1, 10L, 4L),
                delete(2));
        assertThat(index(added)).containsExactly("1,10,4", "3,30,5");
        append(put(2, 20L, 7L));
        assertThat(index(added)).containsExactly("1,10,4", "3,30,5", "2,20,7");
        append(drop(added));
        assertThat(index(added)).isEmpty();
        assertThat(replica.catalog().find(added)).isNull();
        try (ReadView past = replica.asOf(3)) {
            assertThat(past.catalog().find(added)).isNotNull();
            assertThat(past.hasIndexes()).isFalse();
        }
    }

    @Test
    void an_unchanged_index_entry_survives_being_built_and_updated_in_one_entry() {
        int added = 16400;
        replica.append(List.of(createTable(), entry(put(1, 10L, 7L))));
        append(
                define(Tables.index(added, "t_added", 3, true, false)),
                new Change.BuildIndex(added),
                put(1, 11L, 7L));
        assertThat(index(added)).containsExactly("1,11,7");
    }

    @Test
    void the_catalog_is_known_at_every_offset_and_after_a_restart() {
        append(define(new SchemaDef(16500, "s", 10)));
        replica.append(List.of(createTable()));
        append(drop(16500), drop(SchemaDef.PUBLIC));
        append(define(new SchemaDef(16501, "z", 10)));
        for (int round = 0; round < 2; round++) {
            assertThat(replica.catalog().version()).isEqualTo(3);
            assertThat(replica.catalog().find(16500)).isNull();
            assertThat(replica.catalog().findSchema("public")).isNull();
            assertThat(replica.catalog().findTable(TABLE)).isEqualTo(T);
            assertThat(replica.catalog().versionOf(TABLE)).isEqualTo(1);
            long[] versions = {-1, 0, 1, 2, 3};
            int[] objects = {5, 6, 10, 8, 9};
            for (int i = 0; i < versions.length; i++) {
                try (ReadView view = replica.asOf(versions[i])) {
                    assertThat(view.catalog().version()).isEqualTo(versions[i]);
                    assertThat(view.catalog().objects()).hasSize(objects[i]);
                }
            }
            replica.close();
            open();
        }
    }

    @Test
    void chunks_count_with_their_entry_and_not_before() {
        replica.append(List.of(createTable()));
        UUID id = nextUuid();
        LogRecord.Chunk zero = new LogRecord.Chunk(id, 0, List.of(), List.of(put(1, 10L, 1L)));
        LogRecord.Chunk one = new LogRecord.Chunk(id, 1, List.of(), List.of(put(2, 20L, 2L)));
        replica.append(List.of(zero));
        assertThat(rows()).isEmpty();
        replica.close();
        open();
        replica.append(
                List.of(
                        one,
                        new LogRecord.TransactionEntry(
                                id, SQL, List.of(), List.of(put(3, 30L, 3L)), 2)));
        assertThat(rows()).containsExactly("1,10,1@3", "2,20,2@3", "3,30,3@3");
        try (ReadView view = replica.latest()) {
            assertThat(entryAt(view, 3).changeCount()).isEqualTo(3);
            assertThat(view.entry(2)).isNull();
        }
    }

    @Test
    void a_chunk_s_precondition_refuses_the_whole_and_a_missing_chunk_too() {
        replica.append(List.of(createTable()));
        Precondition bad = new Precondition.RowVersion(STORAGE, key(1), 99);
        List<Outcome> outcomes = new ArrayList<>();
        for (List<Precondition> preconditions : List.of(List.of(bad), List.<Precondition>of())) {
            UUID id = nextUuid();
            CompletableFuture<Outcome> outcome = replica.outcomeOf(id);
            int count = preconditions.isEmpty() ? 2 : 1;
            replica.append(
                    List.of(
                            new LogRecord.Chunk(id, 0, preconditions, List.of(put(1, 10L, 1L))),
                            new LogRecord.TransactionEntry(
                                    id, SQL, List.of(), List.of(put(2, 20L, 2L)), count)));
            outcomes.add(outcome.join());
        }
        assertThat(outcomes)
                .containsExactly(new Outcome.Rejected(2, bad), new Outcome.Rejected(4, null));
        assertThat(rows()).isEmpty();
    }
}
