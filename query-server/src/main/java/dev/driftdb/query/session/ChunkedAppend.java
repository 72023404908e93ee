package dev.driftdb.query.session;

import dev.driftdb.ingest.CommitLog;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a transaction that is too large for one record, on their way into the log while its
 * entry is made. Nothing of them has an effect before the entry. For the session's thread only.
 */
final class ChunkedAppend {
    /** No row of the catalog has such a key: an entry that requires it has no effect. */
    private static final Precondition NEVER =
            new Precondition.KeyExists(SystemStorage.CATALOG, false, Bytes.EMPTY);

    private final CommitLog log;
    private final Runnable checkCanceled;
    private CommitLog.@Nullable Chunks chunks;
    private int count;

    /**
     * @param checkCanceled called now and then while waiting; may throw
     */
    ChunkedAppend(CommitLog log, Runnable checkCanceled) {
        this.log = log;
        this.checkCanceled = checkCanceled;
    }

    void append(LogRecord.Chunk chunk) {
        CommitLog.Chunks to = chunks;
        if (to == null) {
            checkCanceled.run();
            to = log.chunks();
            chunks = to;
        }
        count++;
        to.append(chunk, checkCanceled);
    }

    /** Returns when all chunks are in the log. */
    void await() {
        if (chunks != null) {
            chunks.await(checkCanceled);
        }
    }

    /**
     * There will be no entry: one without effect lets the replicas forget the chunks now, instead
     * of when they are old.
     */
    void abandon(UUID id, LogRecord.Metadata metadata) {
        if (count > 0) {
            var _ =
                    log.append(
                            List.of(
                                    new LogRecord.TransactionEntry(
                                            id, metadata, List.of(NEVER), List.of(), count)));
        }
    }
}
