package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.VersionCursor;
import dev.driftdb.schemas.type.Bytes;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a storage that the entry at one offset wrote: what was under each key before it, what
 * it left there, and whether that is still so. Holds the versions of one row at a time.
 */
final class WrittenRows implements AutoCloseable {
    /** Versions read before it is asked whether to go on; a power of two. */
    private static final int CANCEL_CHECK_VERSIONS = 1_024;

    private final ReadView view;
    private final int storageId;
    private final long offset;
    private final Iterator<KeyRange> ranges;
    private final Runnable checkCanceled;
    private @Nullable VersionCursor versions;
    private boolean more;
    private int seen;
    private byte[] key = new byte[0];
    private byte @Nullable [] before;
    private byte @Nullable [] after;
    private boolean changedSince;

    /**
     * @param view up to which changes count
     * @param keys where it may have written
     */
    WrittenRows(
            ReadView view,
            int storageId,
            long offset,
            List<KeyRange> keys,
            Runnable checkCanceled) {
        this.view = view;
        this.storageId = storageId;
        this.offset = offset;
        this.ranges = keys.iterator();
        this.checkCanceled = checkCanceled;
    }

    /**
     * @throws dev.driftdb.schemas.error.SqlException 22023 if the storage's history does not reach
     *     back to before the entry
     */
    boolean next() {
        while (true) {
            while (more && versions != null) {
                readKey(versions);
                if (before != null || after != null) {
                    return true;
                }
            }
            if (!ranges.hasNext()) {
                return false;
            }
            close();
            versions = view.versions(storageId, ranges.next(), offset - 1, view.offset());
            more = versions.next();
        }
    }

    private void readKey(VersionCursor versions) {
        key = versions.key();
        before = null;
        after = null;
        changedSince = false;
        do {
            if ((++seen & (CANCEL_CHECK_VERSIONS - 1)) == 0) {
                checkCanceled.run();
            }
            if (versions.offsetFrom() > offset) {
                changedSince = true;
            } else if (versions.offsetFrom() == offset) {
                after = versions.row();
                changedSince = versions.offsetTo() != VersionCursor.LIVE;
            } else if (versions.offsetTo() == offset) {
                before = versions.row();
            }
            more = versions.next();
        } while (more && Arrays.equals(versions.key(), key));
    }

    Bytes key() {
        return Bytes.copyOf(key);
    }

    /** Null if the entry inserted the row. */
    byte @Nullable [] before() {
        return before;
    }

    /** Null if the entry deleted the row. */
    byte @Nullable [] after() {
        return after;
    }

    /** Whether another entry has written or deleted the row, or inserted it anew. */
    boolean changedSince() {
        return changedSince;
    }

    @Override
    public void close() {
        if (versions != null) {
            versions.close();
            versions = null;
        }
    }
}
