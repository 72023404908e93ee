package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.ingest.broker.EmbeddedKafka;
import dev.driftdb.materializer.snapshot.store.CorruptSnapshotException;
import dev.driftdb.materializer.snapshot.store.SnapshotManifest;
import dev.driftdb.materializer.snapshot.store.SnapshotStore;
import dev.driftdb.materializer.snapshot.store.SnapshotStores;
import dev.driftdb.materializer.snapshot.store.StoredFile;
import dev.driftdb.query.server.Node;
import dev.driftdb.query.server.StartException;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.tests.support.Directories;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node without a state begins from the newest good snapshot. The log's head is gone, so that
 * nothing else can have helped.
 */
@Timeout(300)
final class SnapshotRestoreTest {
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

    @TempDir private static Path directory;
    private static EmbeddedKafka broker;
    private static Path whole;

    /** State hashes, and what a query answers, by offset. */
    private static final Map<Long, String> HASHES = new TreeMap<>();

    private static final Map<Long, String> SUMS = new TreeMap<>();

    private Path node;

    @BeforeAll
    static void fill() throws Exception {
        broker = new EmbeddedKafka(directory.resolve("broker"), 0, (what, cause) -> {});
        broker.start();
        whole = directory.resolve("whole");
        try (Node running = Nodes.start(whole, broker.bootstrapServers(), COMMIT_TIMEOUT);
                Sql sql = Nodes.connect(running)) {
            sql.run(
                    "CREATE TABLE t (id integer PRIMARY KEY, v integer)",
                    "INSERT INTO t SELECT g, g FROM generate_series(1, 2000) g");
            change(sql);
            sql.run("CHECKPOINT");
            long first = Long.parseLong(sql.value("SELECT max(_offset) FROM driftdb.snapshots"));
            change(sql);
            sql.run("ALTER TABLE t ADD COLUMN w integer DEFAULT 7", "SNAPSHOT t");
            change(sql);
            sql.run("CREATE INDEX ON t (v)", "UPDATE t SET w = 8 WHERE id < 10");
            remember(sql);
            deleteLogBefore(first + 1);
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static void change(Sql sql) {
        for (int i = 0; i < 5; i++) {
            sql.run("UPDATE t SET v = v + 1 WHERE id % 5 = " + i, "DELETE FROM t WHERE id = " + i);
            remember(sql);
        }
    }

    private static void remember(Sql sql) {
        long offset = Long.parseLong(sql.value("SHOW driftdb.offset"));
        HASHES.put(offset, sql.value("SELECT driftdb.state_hash(" + offset + ")"));
        SUMS.put(offset, sql.value("SELECT count(*) || ',' || sum(v) FROM t"));
    }

    private static void deleteLogBefore(long offset) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            TopicPartition log = new TopicPartition(new TopicNames(TestNode.DATABASE).log(), 0);
            admin.deleteRecords(Map.of(log, RecordsToDelete.beforeOffset(offset))).all().get();
        }
    }

    @BeforeEach
    void withoutState() throws IOException {
        node = directory.resolve("node");
        copy(whole, node);
        Directories.delete(node.resolve("state"));
    }

    @AfterEach
    void delete() throws IOException {
        Directories.delete(node);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private Path snapshots() {
        return node.resolve("snapshots");
    }

    /** The newest first. */
    private List<SnapshotManifest> manifests() throws IOException, CorruptSnapshotException {
        try (SnapshotStore store = SnapshotStores.open(snapshots().toString())) {
            List<SnapshotManifest> found = new ArrayList<>();
            for (String id : store.ids()) {
                found.add(store.manifest(id));
            }
            return found;
        }
    }

    private Path stored(String name) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(
                snapshots(),
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (file.getFileName().toString().equals(name)) {
                            found.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        assertThat(found).as(name).hasSize(1);
        return found.getFirst();
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private void assertWhole() {
        try (Node running = Nodes.start(node, broker.bootstrapServers(), COMMIT_TIMEOUT);
                Sql sql = Nodes.connect(running)) {
            assertWhole(sql);
        }
    }

    private static void assertWhole(Sql sql) {
        HASHES.forEach((offset, hash) -> {
            assertThat(sql.value("SELECT driftdb.state_hash(" + offset + ")"))
                    .as("state at " + offset)
                    .isEqualTo(hash);
            assertThat(sql.value("SELECT count(*) || ',' || sum(v) FROM t AS OF " + offset))
                    .as("rows at " + offset)
                    .isEqualTo(SUMS.get(offset));
        });
    }

    @Test
    void the_newest_snapshot_and_the_tail_of_the_log_give_every_state_back() {
        assertWhole();
    }

    @Test
    void a_damaged_file_makes_the_snapshot_before_it_be_used() throws Exception {
        List<SnapshotManifest> both = manifests();
        assertThat(both).hasSize(2);
        Set<String> older =
                both.getLast().files().stream().map(StoredFile::sha256).collect(Collectors.toSet());
        StoredFile own =
                both.getFirst().files().stream()
                        .filter(file ->
                                !older.contains(file.sha256()) && file.name().endsWith(".sst"))
                        .findFirst()
                        .orElseThrow();
        flip(stored(own.sha256()));
        assertWhole();
    }

    @Test
    void a_damaged_manifest_makes_the_snapshot_before_it_be_used() throws Exception {
        flip(stored(manifests().getFirst().id()));
        assertWhole();
    }

    @Test
    void a_state_found_damaged_is_restored_too() throws Exception {
        copy(whole.resolve("state"), node.resolve("state"));
        Files.delete(Nodes.state(node).resolve("CURRENT"));
        assertWhole();
    }

    @Test
    void without_a_good_snapshot_a_log_without_its_head_is_refused() throws Exception {
        for (SnapshotManifest manifest : manifests()) {
            flip(stored(manifest.id()));
        }
        assertThatThrownBy(this::assertWhole)
                .isInstanceOf(StartException.class)
                .hasMessageContaining("begins only at offset");
    }

    @Test
    void points_behind_the_horizon_come_from_snapshots() {
        try (Node running = Nodes.start(node, broker.bootstrapServers(), COMMIT_TIMEOUT);
                Sql sql = Nodes.connect(running)) {
            sql.run(
                    "ALTER TABLE t SET (history_retention = '0')",
                    "SELECT pg_sleep(0.01)",
                    "VACUUM t");
            assertWhole(sql);
        }
    }
}
