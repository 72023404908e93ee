package dev.driftdb.materializer.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Drops the versions of a storage that no point at or after its horizon shows. Reads one state and
 * deletes in small batches beside the applying thread, which only ever adds newer versions; readers
 * hold snapshots of what they read.
 *
 * <p>Of a row that was changed before the horizon, one mark stays in the place of the last version
 * dropped: without it the version after would look like an insertion.
 */
final class HistoryVacuum {
    /** What is written at once; between two batches others have their turn. */
    private static final int BATCH_BYTES = 256 << 10;

    private static final byte[] CUT = {Layout.HISTORY_CUT};

    /** What is known of a row at the horizon, going down through its versions. */
    private enum AtHorizon {
        NOT_REACHED,
        LIVE,
        GONE,
        PASSED
    }

    private final RocksFiles files;
    private final PublishedState state;
    private final int storageId;
    private final long horizon;
    private final long keptDeletions;
    private final Runnable checkCanceled;
    private final BatchBytes batch = new BatchBytes();
    private final byte[] currentOffset = new byte[Layout.OFFSET_BYTES];
    private AtHorizon reached = AtHorizon.NOT_REACHED;
    private long droppedVersions;
    private long droppedBytes;

    /**
     * @param horizon not behind the state's offset
     * @param keptDeletions the deletion of a row that is not there now stays if it is behind this
     *     offset: transactions under way may conflict with it
     */
    HistoryVacuum(
            PublishedState state,
            int storageId,
            long horizon,
            long keptDeletions,
            Runnable checkCanceled) {
        this.files = state.files;
        this.state = state;
        this.storageId = storageId;
        this.horizon = horizon;
        this.keptDeletions = keptDeletions;
        this.checkCanceled = checkCanceled;
    }

    /** How many versions were dropped. */
    long run() {
        try (GroupedIterator.History history =
                new GroupedIterator.History(files, state, storageId, KeyRange.ALL)) {
            byte @Nullable [] row = null;
            boolean more = history.start(false);
            while (more) {
                boolean newest = false;
                if (row == null || !Arrays.equals(row, history.part())) {
                    row = history.part();
                    newest = begin(row);
                }
                if (history.offset() <= horizon) {
                    version(history, newest);
                }
                if (batch.size() >= BATCH_BYTES) {
                    write();
                }
                more = history.next();
            }
        }
        write();
        return droppedVersions;
    }

    /** The versions of the next row; answers whether it has none that is newer than its history. */
    private boolean begin(byte[] row) {
        boolean there;
        try {
            there =
                    files.db.get(
                                    files.current,
                                    state.pointReads,
                                    Layout.key(storageId, row),
                                    currentOffset)
                            >= 0;
        } catch (RocksDBException e) {
            throw files.damage.failure("read the state", e);
        }
        reached =
                there && Layout.longAt(currentOffset, 0) <= horizon
                        ? AtHorizon.LIVE
                        : AtHorizon.NOT_REACHED;
        return !there;
    }

    private void version(GroupedIterator.History history, boolean newest) {
        byte[] value = history.value();
        boolean deletion = Layout.isDeletion(value);
        switch (reached) {
            case NOT_REACHED -> {
                reached = deletion ? AtHorizon.GONE : AtHorizon.LIVE;
                if (deletion && !(newest && history.offset() > keptDeletions)) {
                    drop(history.key(), value);
                }
            }
            case LIVE -> {
                reached = AtHorizon.PASSED;
                if (deletion) {
                    drop(history.key(), value);
                } else if (!Layout.isCut(value)) {
                    drop(history.key(), value);
                    batch.put(files.history.getID(), history.key(), CUT);
                }
            }
            case GONE, PASSED -> drop(history.key(), value);
        }
    }

    private void drop(byte[] key, byte[] value) {
        batch.delete(files.history.getID(), key);
        droppedVersions++;
        droppedBytes += key.length + value.length;
    }

    private void write() {
        checkCanceled.run();
        files.write(batch);
        batch.clear();
    }

    /** Of what was dropped; for telling when a compaction is worth it. */
    long droppedBytes() {
        return droppedBytes;
    }
}
