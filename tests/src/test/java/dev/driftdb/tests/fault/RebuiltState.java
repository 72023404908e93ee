package dev.driftdb.tests.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.replica.KafkaReplica;
import dev.driftdb.materializer.replica.LogFeed;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.ReplicaSettings;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.tests.support.Directories;
import dev.driftdb.tests.support.NodeProcess;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A node's state beside the one that another replica folds from the log's beginning. */
final class RebuiltState {
    private RebuiltState() {}

    /**
     * Fails unless both have the same hash at the node's offset.
     *
     * @param directory for the other replica; deleted afterwards
     * @param what said of a failure
     */
    static void compare(NodeProcess node, Path directory, String what) throws IOException {
        long offset;
        String hash;
        try (Sql sql = node.connect()) {
            offset = Long.parseLong(sql.value("SELECT driftdb.current_offset()"));
            hash = sql.value("SELECT driftdb.state_hash(" + offset + ")");
        }
        try (KafkaReplica rebuilt =
                new KafkaReplica(
                        node.bootstrapServers(),
                        Map.of(),
                        new TopicNames(TestNode.DATABASE).log(),
                        directory,
                        ReplicaSettings.defaults(),
                        LogFeed.OF_A_CLUSTER)) {
            rebuilt.start();
            try (ReadView view = rebuilt.asOf(offset)) {
                assertThat(StateHash.of(view))
                        .as("hash of the state folded from the log anew, " + what)
                        .isEqualTo(hash);
            }
        }
        Directories.delete(directory);
    }
}
