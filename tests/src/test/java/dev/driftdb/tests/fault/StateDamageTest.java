package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.materializer.replica.KafkaReplica;
import dev.driftdb.materializer.replica.LogFeed;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.query.server.Node;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.tests.support.Directories;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files of a state that are damaged: never an answer from them, and all is there again. */
@Timeout(300)
final class StateDamageTest {
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);
    private static final int ROWS = 20_000;

    @TempDir private static Path directory;
    private static EmbeddedKafka broker;
    private static Path whole;
    private static long offset;
    private static String hash;

    /** What befalls the files of a state that was closed. */
    enum Damage {
        CURRENT_MISSING {
            @Override
            void inflict(Path state) throws IOException {
                Files.delete(state.resolve("CURRENT"));
            }
        },
        CURRENT_EMPTY {
            @Override
            void inflict(Path state) throws IOException {
                truncate(state.resolve("CURRENT"), 0);
            }
        },
        MANIFEST_MISSING {
            @Override
            void inflict(Path state) throws IOException {
                Files.delete(one(state, "MANIFEST"));
            }
        },
        MANIFEST_TRUNCATED {
            @Override
            void inflict(Path state) throws IOException {
                Path manifest = one(state, "MANIFEST");
                truncate(manifest, Files.size(manifest) / 2);
            }
        },
        MANIFEST_FLIPPED {
            @Override
            void inflict(Path state) throws IOException {
                Path manifest = one(state, "MANIFEST");
                flip(manifest, Files.size(manifest) / 3);
            }
        },
        TABLE_MISSING {
            @Override
            void inflict(Path state) throws IOException {
                Files.delete(largest(state));
            }
        },
        TABLE_TRUNCATED {
            @Override
            void inflict(Path state) throws IOException {
                Path table = largest(state);
                truncate(table, Files.size(table) / 2);
            }
        },
        TABLE_END_FLIPPED {
            @Override
            void inflict(Path state) throws IOException {
                Path table = largest(state);
                flip(table, Files.size(table) - 20);
            }
        },
        TABLE_MIDDLE_FLIPPED {
            @Override
            void inflict(Path state) throws IOException {
                Path table = largest(state);
                flip(table, Files.size(table) / 2);
            }
        },
        EVERY_TABLE_FLIPPED {
            @Override
            void inflict(Path state) throws IOException {
                for (Path table : files(state, ".sst")) {
                    flip(table, Files.size(table) / 4);
                }
            }
        };

        abstract void inflict(Path state) throws IOException;
    }

    @BeforeAll
    static void fill() throws IOException {
        broker = new EmbeddedKafka(directory.resolve("broker"), 0, (what, cause) -> {});
        broker.start();
        whole = directory.resolve("whole");
        try (Node node = Nodes.start(whole, broker.bootstrapServers(), COMMIT_TIMEOUT);
                Sql sql = Nodes.connect(node)) {
            sql.run(
                    "CREATE TABLE t (id integer PRIMARY KEY, v text)",
                    "CREATE INDEX ON t (v)",
                    "INSERT INTO t SELECT g, md5(g::text) || repeat(md5((-g)::text), 5)"
                            + " FROM generate_series(1, "
                            + ROWS
                            + ") g",
                    "UPDATE t SET v = 'changed' WHERE id % 7 = 0");
            offset = Long.parseLong(sql.value("SELECT driftdb.current_offset()"));
            hash = sql.value("SELECT driftdb.state_hash(" + offset + ")");
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static KafkaReplica open(Path node) {
        return new KafkaReplica(
                broker.bootstrapServers(),
                Map.of(),
                new TopicNames(TestNode.DATABASE).log(),
                node.resolve("state"),
                ReplicaSettings.small(),
                LogFeed.OF_A_CLUSTER);
    }

    private static String hashOf(KafkaReplica replica) {
        try (ReadView view = replica.asOf(offset)) {
            return StateHash.of(view);
        }
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void a_damaged_state_is_made_anew_from_the_log(Damage damage) throws IOException {
        Path node = directory.resolve(damage.name());
        copy(whole.resolve("state"), node.resolve("state"));
        damage.inflict(Nodes.state(node));
        boolean found = false;
        try (KafkaReplica replica = open(node)) {
            replica.start();
            assertThat(hashOf(replica)).isEqualTo(hash);
        } catch (SqlException e) {
            // Found only when it was read: it is made anew at the next start.
            assertThat(e.state()).isEqualTo(SqlState.DATA_CORRUPTED);
            found = true;
        }
        if (found) {
            try (KafkaReplica replica = open(node)) {
                replica.start();
                assertThat(hashOf(replica)).isEqualTo(hash);
            }
        }
        Directories.delete(node);
    }

    @Test
    void a_node_that_finds_damage_tells_it_and_stops_and_starts_whole(@TempDir Path data)
            throws IOException {
        copy(whole, data);
        Path state = Nodes.state(data);
        for (Path table : files(state, ".sst")) {
            // Of the data alone, so that it is found when rows are read.
            flip(table, 100);
        }
        try (Node node = Nodes.start(data, broker.bootstrapServers(), COMMIT_TIMEOUT);
                Sql sql = Nodes.connect(node)) {
            if (Files.exists(aside(state))) {
                assertThat(sql.value("SELECT count(*) FROM t")).isEqualTo(Integer.toString(ROWS));
                return;
            }
            assertThat(sql.state("SELECT sum(length(v)) FROM t")).isEqualTo("XX001");
            Awaitility.await().until(() -> node.fatal().isDone());
            assertThat(node.fatal().join()).contains("its state is damaged");
        }
        try (Node node = Nodes.start(data, broker.bootstrapServers(), COMMIT_TIMEOUT);
                Sql sql = Nodes.connect(node)) {
            assertThat(sql.value("SELECT driftdb.state_hash(" + offset + ")")).isEqualTo(hash);
            assertThat(aside(state)).isDirectory();
        }
    }

    @Test
    void a_state_that_another_process_has_open_is_not_taken_for_damaged(@TempDir Path data)
            throws IOException {
        copy(whole, data);
        try (KafkaReplica first = open(data)) {
            first.start();
            assertThatThrownBy(() -> open(data)).isInstanceOf(IllegalStateException.class);
            assertThat(aside(Nodes.state(data))).doesNotExist();
            assertThat(hashOf(first)).isEqualTo(hash);
        }
    }

    private static Path aside(Path state) {
        return state.resolveSibling(state.getFileName() + ".damaged");
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(from)) {
            paths = walk.toList();
        }
        for (Path path : paths) {
            Path target = to.resolve(from.relativize(path).toString());
            if (Files.isDirectory(path)) {
                Files.createDirectories(target);
            } else {
                Files.copy(path, target);
            }
        }
    }

    private static List<Path> files(Path state, String part) throws IOException {
        try (Stream<Path> files = Files.list(state)) {
            List<Path> found =
                    files.filter(file -> String.valueOf(file.getFileName()).contains(part))
                            .toList();
            assertThat(found).as(part).isNotEmpty();
            return found;
        }
    }

    private static Path one(Path state, String part) throws IOException {
        return files(state, part).getFirst();
    }

    private static Path largest(Path state) throws IOException {
        Path largest = one(state, ".sst");
        for (Path table : files(state, ".sst")) {
            if (Files.size(table) > Files.size(largest)) {
                largest = table;
            }
        }
        return largest;
    }

    private static void truncate(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static void flip(Path file, long position) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.flip();
            one.put(0, (byte) ~one.get(0));
            channel.write(one, position);
        }
    }
}
