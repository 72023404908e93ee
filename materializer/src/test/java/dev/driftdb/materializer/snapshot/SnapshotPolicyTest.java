package dev.driftdb.materializer.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When snapshots are taken, and which stay. */
class SnapshotPolicyTest {
    private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    private final SnapshotPolicy policy = new SnapshotPolicy(100, DAY, 2, 3);

    private static Snapshot taken(String time) {
        Instant at = Instant.parse(time);
        return new Snapshot(time, at.getEpochSecond(), at, at, -1, 1, "here", true);
    }

    private List<String> thinned(String... times) {
        return policy
                .thinned(Stream.of(times).map(SnapshotPolicyTest::taken).toList(), NOW)
                .stream()
                .map(Snapshot::id)
                .toList();
    }

    @Test
    void one_is_due_after_so_many_entries_or_so_long_if_anything_was_committed() {
        assertThat(policy.isDue(99, NOW, NOW)).isFalse();
        assertThat(policy.isDue(100, NOW, NOW)).isTrue();
        assertThat(policy.isDue(1, NOW.minus(DAY), NOW)).isTrue();
        assertThat(policy.isDue(0, NOW.minus(DAY), NOW)).isFalse();
    }

    @Test
    void the_newest_stay_and_the_last_of_each_day() {
        assertThat(
                        thinned(
                                "2026-03-10T10:00:00Z",
                                "2026-03-10T09:00:00Z",
                                "2026-03-10T08:00:00Z",
                                "2026-03-09T23:00:00Z",
                                "2026-03-09T22:00:00Z",
                                "2026-03-08T01:00:00Z",
                                "2026-03-07T23:00:00Z"))
                .containsExactly(
                        "2026-03-10T08:00:00Z", "2026-03-09T22:00:00Z", "2026-03-07T23:00:00Z");
    }

    @Test
    void the_newest_stay_however_old_they_are() {
        assertThat(thinned("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z")).isEmpty();
    }

    @Test
    void a_policy_that_keeps_nothing_is_refused() {
        assertThatThrownBy(() -> new SnapshotPolicy(100, DAY, 0, 3))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
