package dev.driftdb.ingest.broker;

import java.io.IOException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.jspecify.annotations.Nullable;

/** Syncs one partition of the broker in this process. For one thread. */
public final class TopicSync {
    private final EmbeddedKafka broker;
    private final TopicPartition partition;
    private @Nullable UnifiedLog log;
    private @Nullable LogSegment synced;

    TopicSync(EmbeddedKafka broker, TopicPartition partition) {
        this.broker = broker;
        this.partition = partition;
    }

    /**
     * Returns when all that could be read before is on disk.
     *
     * @throws IOException the disk has refused: what was read may be lost
     */
    public void sync() throws IOException {
        UnifiedLog known = log;
        if (known == null) {
            known = broker.log(partition);
            log = known;
        }
        LogSegment active = known.activeSegment();
        if (active.equals(synced)) {
            active.log().channel().force(false);
        } else {
            // The first time, and after a roll: the segments before, and the directory, too.
            known.flush(true);
            synced = active;
        }
    }
}
