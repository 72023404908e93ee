package dev.driftdb.materializer.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.type.Bytes;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class PendingKeysTest {
    private static final int KEYS = 100_000;
    private static final int SLOTS = 1 << 18;

    /** By chance 83,000 slots would be taken. */
    private static final int TAKEN_MIN = 80_000;

    @Test
    void keys_that_follow_one_another_lie_in_slots_of_their_own() {
        BitSet rows = new BitSet(SLOTS);
        BitSet entries = new BitSet(SLOTS);
        for (int number = 0; number < KEYS; number++) {
            byte[] key = Tables.key(number).array();
            rows.set(PendingKeys.hash(Tables.STORAGE, key, Bytes.EMPTY.array()) & (SLOTS - 1));
            byte[] group = Tables.indexKey(Tables.T_G, (long) (number % 1_000)).array();
            entries.set(PendingKeys.hash(Tables.GROUP, group, key) & (SLOTS - 1));
        }
        assertThat(rows.cardinality()).isGreaterThan(TAKEN_MIN);
        assertThat(entries.cardinality()).isGreaterThan(TAKEN_MIN);
    }
}
