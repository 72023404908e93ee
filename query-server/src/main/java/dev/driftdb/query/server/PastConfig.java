package dev.driftdb.query.server;

import dev.driftdb.materializer.snapshot.SnapshotPolicy;
import dev.driftdb.query.retention.HistoryRetention;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node keeps of the past.
 *
 * @param retention of the history of tables that say nothing themselves
 * @param snapshots where this node stores its snapshots, and this node alone: a directory, or an
 *     s3:// address; null for one in the data directory
 * @param restoreFrom where else a node that begins without a state looks for one
 * @param policy when snapshots are taken, and which of them stay
 */
public record PastConfig(
        HistoryRetention retention,
        @Nullable String snapshots,
        List<String> restoreFrom,
        SnapshotPolicy policy) {
    public static final PastConfig DEFAULT =
            new PastConfig(HistoryRetention.FOREVER, null, List.of(), SnapshotPolicy.DEFAULT);

    public PastConfig {
        restoreFrom = List.copyOf(restoreFrom);
    }
}
