package dev.driftdb.tests.history;

import static dev.driftdb.tests.history.Level.READ_COMMITTED;
import static dev.driftdb.tests.history.Level.REPEATABLE_READ;
import static dev.driftdb.tests.history.Level.SERIALIZABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.history.RecordedTransaction.End;
import dev.driftdb.tests.history.Step.Append;
import dev.driftdb.tests.history.Step.ReadList;
import dev.driftdb.tests.history.Step.ReadRegister;
import dev.driftdb.tests.history.Step.WriteRegister;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Histories made by hand: each anomaly is found, and what a level allows is not reported. */
final class HistoryCheckerTest {
    private static final int LAST_ID = 1_000;

    private final List<RecordedTransaction> transactions = new ArrayList<>();

    /** All at the same time, on different servers. */
    private void add(Level level, End end, Step... steps) {
        int id = transactions.size();
        add(id, level, false, 0, 1_000, end, steps);
    }

    private void add(
            int server, Level level, boolean linearizable, long from, long to, End end, Step... s) {
        transactions.add(
                new RecordedTransaction(
                        transactions.size(),
                        server,
                        level,
                        linearizable,
                        from,
                        to,
                        end,
                        "",
                        List.of(s)));
    }

    private void committed(Level level, Step... steps) {
        add(level, End.COMMITTED, steps);
    }

    private static Append append(int key, int value) {
        return new Append(key, value);
    }

    private static ReadList list(int key, Integer... values) {
        return new ReadList(key, List.of(values), false);
    }

    private static WriteRegister write(int key, int value) {
        return new WriteRegister(key, value);
    }

    private static ReadRegister read(int key, int value) {
        return new ReadRegister(key, value, false);
    }

    /** What is found when these are the last readings. */
    private Set<Anomaly.Type> found(Step... last) {
        RecordedTransaction end =
                new RecordedTransaction(
                        LAST_ID,
                        LAST_ID,
                        SERIALIZABLE,
                        true,
                        2_000,
                        3_000,
                        End.COMMITTED,
                        "",
                        List.of(last));
        Set<Anomaly.Type> types = new TreeSet<>();
        HistoryChecker.check(new History(transactions, end))
                .forEach(anomaly -> types.add(anomaly.type()));
        return types;
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void a_serial_history_has_none(Level level) {
        committed(level, list(1), append(1, 11), write(5, 51));
        committed(level, list(1, 11), append(1, 12), list(1, 11, 12), read(5, 51), write(5, 52));
        committed(level, read(5, 52), list(2), append(2, 21), append(2, 22));
        assertThat(found(list(1, 11, 12), list(2, 21, 22), read(5, 52))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void g0_lists_in_opposite_orders(Level level) {
        committed(level, append(1, 11), append(2, 21));
        committed(level, append(1, 12), append(2, 22));
        assertThat(found(list(1, 11, 12), list(2, 22, 21))).contains(Anomaly.Type.G0);
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void g0_an_append_between_two_of_one_transaction(Level level) {
        committed(level, append(1, 11), append(1, 13));
        committed(level, append(1, 12));
        assertThat(found(list(1, 11, 12, 13))).contains(Anomaly.Type.G0);
    }

    @Test
    void g1a_what_an_aborted_transaction_wrote_was_read() {
        add(READ_COMMITTED, End.ABORTED, append(1, 11));
        committed(READ_COMMITTED, list(1, 11));
        assertThat(found(list(1))).contains(Anomaly.Type.G1A);
    }

    @Test
    void g1a_of_a_register_by_one_that_failed_itself() {
        add(READ_COMMITTED, End.ABORTED, write(1, 11));
        add(READ_COMMITTED, End.ABORTED, read(1, 11));
        assertThat(found(read(1, 0))).containsExactly(Anomaly.Type.G1A);
    }

    @Test
    void g1b_of_a_list_and_of_a_register() {
        committed(READ_COMMITTED, append(1, 11), append(1, 12));
        committed(READ_COMMITTED, list(1, 11));
        assertThat(found(list(1, 11, 12))).contains(Anomaly.Type.G1B);
        transactions.clear();
        committed(READ_COMMITTED, write(1, 11), write(1, 12));
        committed(READ_COMMITTED, read(1, 11));
        assertThat(found(read(1, 12))).contains(Anomaly.Type.G1B);
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void g1c_each_has_read_what_the_other_wrote(Level level) {
        committed(level, append(1, 11), list(2, 21));
        committed(level, append(2, 21), list(1, 11));
        assertThat(found(list(1, 11), list(2, 21))).containsExactly(Anomaly.Type.G1C);
    }

    @Test
    void g_single_read_skew_is_for_read_committed_only() {
        for (Level level : Level.values()) {
            transactions.clear();
            committed(level, list(1), list(2, 21));
            committed(level, append(1, 11), append(2, 21));
            Set<Anomaly.Type> types = found(list(1, 11), list(2, 21));
            if (level == READ_COMMITTED) {
                assertThat(types).isEmpty();
            } else {
                assertThat(types).as(level.sql()).containsExactly(Anomaly.Type.G_SINGLE);
            }
        }
    }

    @Test
    void g_single_of_registers() {
        committed(REPEATABLE_READ, read(1, 0), write(1, 11), read(2, 0), write(2, 21));
        committed(REPEATABLE_READ, read(1, 11), read(2, 0));
        assertThat(found(read(1, 11), read(2, 21))).containsExactly(Anomaly.Type.G_SINGLE);
    }

    @Test
    void g2_item_write_skew_is_for_serializable_an_anomaly() {
        for (Level level : Level.values()) {
            transactions.clear();
            committed(level, list(1), list(2), append(1, 11));
            committed(level, list(1), list(2), append(2, 21));
            Set<Anomaly.Type> types = found(list(1, 11), list(2, 21));
            if (level == SERIALIZABLE) {
                assertThat(types).containsExactly(Anomaly.Type.G2_ITEM);
            } else {
                assertThat(types).as(level.sql()).isEmpty();
            }
        }
    }

    @Test
    void g2_item_of_registers() {
        committed(SERIALIZABLE, read(1, 0), read(2, 0), write(1, 11));
        committed(SERIALIZABLE, read(1, 0), read(2, 0), write(2, 21));
        assertThat(found(read(1, 11), read(2, 21))).containsExactly(Anomaly.Type.G2_ITEM);
    }

    @Test
    void a_write_skew_with_one_serializable_side_is_allowed() {
        committed(SERIALIZABLE, list(1), list(2), append(1, 11));
        committed(REPEATABLE_READ, list(1), list(2), append(2, 21));
        assertThat(found(list(1, 11), list(2, 21))).isEmpty();
    }

    /** A long fork: each reader sees one of two independent writes before the other. */
    @Test
    void a_long_fork_is_found_at_repeatable_read() {
        committed(READ_COMMITTED, append(1, 11));
        committed(READ_COMMITTED, append(2, 21));
        committed(REPEATABLE_READ, list(1, 11), list(2));
        committed(REPEATABLE_READ, list(1), list(2, 21));
        assertThat(found(list(1, 11), list(2, 21))).containsExactly(Anomaly.Type.G2_ITEM);
    }

    @Test
    void the_read_only_anomaly_is_for_serializable_one() {
        for (Level level : List.of(REPEATABLE_READ, SERIALIZABLE)) {
            transactions.clear();
            committed(level, list(1), list(2), append(1, 11));
            committed(level, list(2), append(2, 21));
            committed(level, list(1), list(2, 21));
            Set<Anomaly.Type> types = found(list(1, 11), list(2, 21));
            if (level == SERIALIZABLE) {
                assertThat(types).containsExactly(Anomaly.Type.G2_ITEM);
            } else {
                assertThat(types).isEmpty();
            }
        }
    }

    @Test
    void a_lost_update_is_for_read_committed_only() {
        for (Level level : Level.values()) {
            transactions.clear();
            committed(level, read(1, 0), write(1, 11));
            committed(level, read(1, 0), write(1, 12));
            Set<Anomaly.Type> types = found(read(1, 12));
            if (level == READ_COMMITTED) {
                assertThat(types).isEmpty();
            } else {
                assertThat(types).as(level.sql()).contains(Anomaly.Type.LOST_UPDATE);
            }
        }
    }

    @Test
    void a_lost_update_of_locked_rows_is_one_at_read_committed() {
        committed(READ_COMMITTED, new ReadRegister(1, 0, true), write(1, 11));
        committed(READ_COMMITTED, new ReadRegister(1, 0, true), write(1, 12));
        assertThat(found(read(1, 12))).containsExactly(Anomaly.Type.LOST_UPDATE);
    }

    @Test
    void an_acknowledged_append_that_is_gone() {
        committed(SERIALIZABLE, append(1, 11));
        assertThat(found(list(1))).containsExactly(Anomaly.Type.LOST_APPEND);
    }

    @Test
    void an_append_of_unknown_outcome_may_be_there_or_not() {
        add(SERIALIZABLE, End.UNKNOWN, append(1, 11));
        assertThat(found(list(1))).isEmpty();
        assertThat(found(list(1, 11))).isEmpty();
    }

    @Test
    void a_half_transaction_of_unknown_outcome() {
        add(SERIALIZABLE, End.UNKNOWN, append(1, 11), append(2, 21));
        assertThat(found(list(1, 11), list(2))).contains(Anomaly.Type.HALF_TRANSACTION);
    }

    @Test
    void an_unknown_outcome_that_was_seen_counts() {
        add(SERIALIZABLE, End.UNKNOWN, list(2), append(1, 11));
        committed(SERIALIZABLE, list(1), append(2, 21));
        assertThat(found(list(1, 11), list(2, 21))).containsExactly(Anomaly.Type.G2_ITEM);
    }

    @Test
    void a_value_twice_in_a_list() {
        committed(SERIALIZABLE, append(1, 11));
        assertThat(found(list(1, 11, 11))).contains(Anomaly.Type.DUPLICATE);
    }

    @Test
    void a_value_that_nobody_wrote() {
        committed(SERIALIZABLE, append(1, 11));
        assertThat(found(list(1, 11, 99))).contains(Anomaly.Type.UNKNOWN_VALUE);
    }

    @Test
    void orders_that_contradict_each_other() {
        committed(READ_COMMITTED, append(1, 11));
        committed(READ_COMMITTED, append(1, 12));
        committed(READ_COMMITTED, list(1, 12));
        assertThat(found(list(1, 11, 12))).contains(Anomaly.Type.INCOMPATIBLE_ORDER);
    }

    @Test
    void own_writes_that_are_not_seen_and_views_that_change() {
        committed(READ_COMMITTED, append(1, 11), list(1));
        assertThat(found(list(1, 11))).contains(Anomaly.Type.INTERNAL);
        transactions.clear();
        committed(READ_COMMITTED, append(1, 11));
        committed(REPEATABLE_READ, list(1), list(1, 11));
        assertThat(found(list(1, 11))).contains(Anomaly.Type.INTERNAL);
        transactions.clear();
        committed(READ_COMMITTED, append(1, 11));
        committed(READ_COMMITTED, list(1), list(1, 11));
        assertThat(found(list(1, 11))).isEmpty();
    }

    @Test
    void what_had_ended_on_the_same_server_must_be_seen() {
        add(0, SERIALIZABLE, false, 0, 10, End.COMMITTED, append(1, 11));
        add(0, SERIALIZABLE, false, 20, 30, End.COMMITTED, list(1));
        assertThat(found(list(1, 11))).containsExactly(Anomaly.Type.REAL_TIME);
    }

    @Test
    void what_had_ended_on_another_server_must_be_seen_by_linearizable_reads_only() {
        add(0, REPEATABLE_READ, false, 0, 10, End.COMMITTED, append(1, 11));
        add(1, REPEATABLE_READ, false, 20, 30, End.COMMITTED, list(1));
        assertThat(found(list(1, 11))).isEmpty();
        add(2, REPEATABLE_READ, true, 20, 30, End.COMMITTED, list(1));
        assertThat(found(list(1, 11))).containsExactly(Anomaly.Type.REAL_TIME);
    }

    @Test
    void writes_are_in_the_order_of_their_acknowledgements_on_all_servers() {
        add(0, READ_COMMITTED, false, 0, 10, End.COMMITTED, append(1, 11));
        add(1, READ_COMMITTED, false, 20, 30, End.COMMITTED, append(1, 12));
        assertThat(found(list(1, 11, 12))).isEmpty();
        assertThat(found(list(1, 12, 11))).containsExactly(Anomaly.Type.REAL_TIME);
    }
}
