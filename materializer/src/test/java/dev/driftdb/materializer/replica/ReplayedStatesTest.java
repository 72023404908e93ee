package dev.driftdb.materializer.replica;

import static dev.driftdb.materializer.testing.Tables.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.materializer.progress.ProgressWatch;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogCodec;
import dev.driftdb.schemas.log.LogRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Points behind the horizon, from snapshots and the log. */
@Timeout(60)
class ReplayedStatesTest {
    private static final int ENTRIES = 60;

    private final List<LogRecord> log = new ArrayList<>();
    private final List<String> hashes = new ArrayList<>();
    private final Log source = new Log();
    private final ProgressWatch watch = new ProgressWatch();

    @TempDir Path directory;
    private LocalReplica replica;

    /** The log in memory; snapshots are directories of closed replicas. */
    private final class Log implements ReplaySource {
        final TreeMap<Long, Base> bases = new TreeMap<>();
        final TreeMap<Long, Path> files = new TreeMap<>();
        volatile long beginning;
        final AtomicInteger read = new AtomicInteger();
        volatile @Nullable CountDownLatch gate;

        @Override
        public List<Base> bases() {
            return List.copyOf(bases.values());
        }

        @Override
        public void fetch(Base base, Path to, Runnable checkStop) {
            copy(Objects.requireNonNull(files.get(base.offset())), to);
        }

        @Override
        public long logBeginning() {
            return beginning;
        }

        @Override
        public void read(long from, long to, Sink sink, Runnable checkStop) {
            assertThat(from).isGreaterThanOrEqualTo(beginning);
            for (long offset = from; offset <= to; offset++) {
                checkStop.run();
                await(checkStop);
                sink.record(offset, offset, LogCodec.encode(log.get((int) offset)));
                read.incrementAndGet();
            }
        }

        private void await(Runnable checkStop) {
            CountDownLatch closed = gate;
            try {
                while (closed != null && !closed.await(1, TimeUnit.MILLISECONDS)) {
                    checkStop.run();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LocalReplica open(String name) {
        long[] clock = {0};
        return new LocalReplica(directory.resolve(name), ReplicaSettings.small(), () -> clock[0]++);
    }

    @BeforeEach
    void fill() {
        log.add(createTable());
        for (long offset = 1; offset < ENTRIES; offset++) {
            log.add(
                    offset % 5 == 4
                            ? entry(List.of(), delete(offset % 7))
                            : entry(List.of(), put(offset % 7, offset, null)));
        }
        replica = open("live");
        for (LogRecord record : log) {
            replica.append(List.of(record));
            hashes.add(replica.stateHash());
        }
    }

    @AfterEach
    void close() {
        replica.close();
    }

    /** A snapshot after an entry, with its history from a horizon on. */
    private void snapshot(int offset, long horizon) {
        try (LocalReplica prefix = open("snapshot" + offset)) {
            prefix.append(log.subList(0, offset + 1));
            prefix.vacuum(STORAGE, horizon, ReplayedStatesTest::never);
        }
        source.bases.put((long) offset, new ReplaySource.Base(offset, horizon));
        source.files.put((long) offset, directory.resolve("snapshot" + offset));
    }

    private ReplayedStates states(int most) {
        return new ReplayedStates(
                directory.resolve("replayed"),
                source,
                new ReplayedStates.Limits(most, 1L << 30),
                watch);
    }

    private String hashAt(ReplayedStates states, long offset) {
        try (ReadView view = states.at(offset, ENTRIES, ReplayedStatesTest::never)) {
            assertThat(view.offset()).isEqualTo(offset);
            return StateHash.of(view);
        }
    }

    @Test
    void every_point_is_as_it_was_from_the_log_alone() {
        try (ReplayedStates states = states(1)) {
            assertThat(hashAt(states, 40)).isEqualTo(hashes.get(40));
            assertThat(source.read.get()).isEqualTo(41);
            for (int offset = 0; offset <= 40; offset++) {
                assertThat(hashAt(states, offset)).isEqualTo(hashes.get(offset));
            }
            assertThat(source.read.get()).as("all from one state").isEqualTo(41);
            assertThat(hashAt(states, 50)).isEqualTo(hashes.get(50));
            assertThat(source.read.get()).as("gone on with").isEqualTo(51);
        }
    }

    @Test
    void a_replica_that_has_dropped_its_history_still_answers_every_point() {
        snapshot(20, 15);
        try (ReplayedStates states = states(4)) {
            replica.state.setPastStates(states);
            replica.vacuum(STORAGE, ENTRIES - 1, ReplayedStatesTest::never);
            for (int offset = 0; offset < ENTRIES; offset++) {
                try (ReadView view = replica.asOf(offset)) {
                    assertThat(StateHash.of(view)).isEqualTo(hashes.get(offset));
                }
            }
        }
    }

    @Test
    void the_snapshot_that_has_the_point_in_its_history_needs_no_replay() {
        snapshot(20, 10);
        snapshot(40, 30);
        source.beginning = 21;
        try (ReplayedStates states = states(4)) {
            assertThat(hashAt(states, 35)).isEqualTo(hashes.get(35));
            assertThat(hashAt(states, 12)).isEqualTo(hashes.get(12));
            assertThat(source.read.get()).isZero();
            assertThat(hashAt(states, 27)).isEqualTo(hashes.get(27));
            assertThat(source.read.get()).isEqualTo(7);
            assertThatThrownBy(() -> states.at(9, 50, ReplayedStatesTest::never))
                    .isInstanceOf(SqlException.class)
                    .hasMessageContaining("offset 9 is past the horizon")
                    .satisfies(e ->
                            assertThat(((SqlException) e).detail())
                                    .contains("The earliest offset that can be read is 10."));
        }
    }

    @Test
    void the_state_used_longest_ago_makes_room_but_not_one_that_is_read() {
        snapshot(20, 20);
        snapshot(30, 30);
        snapshot(40, 40);
        try (ReplayedStates states = states(2);
                ReadView held = states.at(20, ENTRIES, ReplayedStatesTest::never)) {
            assertThat(hashAt(states, 30)).isEqualTo(hashes.get(30));
            assertThat(hashAt(states, 40)).isEqualTo(hashes.get(40));
            assertThat(StateHash.of(held)).isEqualTo(hashes.get(20));
            try (ReadView other = states.at(40, ENTRIES, ReplayedStatesTest::never)) {
                assertThatThrownBy(() -> states.at(30, ENTRIES, ReplayedStatesTest::never))
                        .isInstanceOf(SqlException.class)
                        .extracting(e -> ((SqlException) e).state())
                        .isEqualTo(SqlState.CONFIGURATION_LIMIT_EXCEEDED);
                assertThat(other.offset()).isEqualTo(40);
            }
        }
    }

    @Test
    void one_who_waits_can_give_up_while_another_goes_on() throws Exception {
        source.gate = new CountDownLatch(1);
        AtomicBoolean canceled = new AtomicBoolean();
        try (ReplayedStates states = states(2)) {
            CompletableFuture<String> patient =
                    CompletableFuture.supplyAsync(() -> hashAt(states, 30));
            CompletableFuture<ReadView> hasty =
                    CompletableFuture.supplyAsync(() ->
                            states.at(
                                    25,
                                    ENTRIES,
                                    () -> {
                                        if (canceled.get()) {
                                            throw new SqlException(
                                                    SqlState.QUERY_CANCELED, "canceled");
                                        }
                                    }));
            while (watch.now().isEmpty()) {
                Thread.sleep(1);
            }
            canceled.set(true);
            assertThatThrownBy(hasty::get).hasMessageContaining("canceled");
            source.gate.countDown();
            assertThat(patient.get()).isEqualTo(hashes.get(30));
        }
    }

    @Test
    void a_replay_that_nobody_waits_for_stops_and_goes_on_when_it_is_asked_for_again() {
        source.gate = new CountDownLatch(1);
        try (ReplayedStates states = states(1)) {
            assertThatThrownBy(() ->
                            states.at(
                                    30,
                                    ENTRIES,
                                    () -> {
                                        throw new SqlException(SqlState.QUERY_CANCELED, "canceled");
                                    }))
                    .hasMessageContaining("canceled");
            source.gate.countDown();
            assertThat(hashAt(states, 30)).isEqualTo(hashes.get(30));
        }
    }

    @Test
    void more_than_the_bytes_allowed_is_an_error_and_leaves_nothing() {
        ReplayedStates.Limits limits = new ReplayedStates.Limits(2, 1);
        try (ReplayedStates states =
                new ReplayedStates(directory.resolve("replayed"), source, limits, watch)) {
            assertThatThrownBy(() -> states.at(30, ENTRIES, ReplayedStatesTest::never))
                    .isInstanceOf(SqlException.class)
                    .extracting(e -> ((SqlException) e).state())
                    .isEqualTo(SqlState.DISK_FULL);
            assertThat(directory.resolve("replayed")).isEmptyDirectory();
        }
    }

    private static void never() {
        // Nobody cancels.
    }
}
