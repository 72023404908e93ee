package dev.driftdb.materializer.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a storage as they were at an offset: current rows that are old enough, merged with
 * the history of those that were changed or deleted since.
 */
final class PastRows implements RowCursor {
    private final CurrentRows current;
    private final GroupedIterator.History history;
    private final long asOf;
    private final boolean reverse;
    private boolean started;
    private byte @Nullable [] currentKey;
    private byte @Nullable [] key;
    private @Nullable StoredRow row;

    PastRows(PublishedState state, int storageId, KeyRange range, long asOf, boolean reverse) {
        this.asOf = asOf;
        this.reverse = reverse;
        current = new CurrentRows(state.files, state, storageId, range, reverse);
        history = new GroupedIterator.History(state.files, state, storageId, range);
    }

    @Override
    public boolean next() {
        if (!started) {
            started = true;
            advanceCurrent();
            history.start(reverse);
        }
        row = null;
        while (row == null) {
            byte[] candidate = nextKey();
            if (candidate == null) {
                key = null;
                return false;
            }
            key = candidate;
            boolean inHistory = history.valid() && Arrays.equals(history.part(), candidate);
            boolean isCurrent = currentKey != null && Arrays.equals(candidate, currentKey);
            if (isCurrent && current.offset() <= asOf) {
                row = current.stored();
            } else if (inHistory) {
                row = fromHistory(candidate);
            }
            if (isCurrent) {
                advanceCurrent();
            }
            if (inHistory && reverse) {
                history.skipBackwards(candidate);
            } else if (inHistory) {
                history.skip(candidate);
            }
        }
        return true;
    }

    private void advanceCurrent() {
        currentKey = current.next() ? current.key() : null;
    }

    /** The lower of the two keys that come next, the higher one in reverse. */
    private byte @Nullable [] nextKey() {
        if (!history.valid()) {
            return currentKey;
        }
        byte[] other = history.part();
        if (currentKey == null) {
            return other;
        }
        int order = Arrays.compareUnsigned(currentKey, other);
        return (reverse ? order >= 0 : order <= 0) ? currentKey : other;
    }

    private @Nullable StoredRow fromHistory(byte[] rowKey) {
        boolean found =
                reverse ? history.seekVersion(rowKey, asOf) : history.toVersion(rowKey, asOf);
        if (!found) {
            return null;
        }
        byte[] value = history.value();
        return Layout.isDeletion(value)
                ? null
                : new StoredRow(history.offset(), Layout.rowOfHistory(value));
    }

    @Override
    public byte[] key() {
        byte[] found = key;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on no row");
        }
        return found;
    }

    @Override
    public byte[] row() {
        return requireRow().row();
    }

    @Override
    public long offset() {
        return requireRow().offset();
    }

    private StoredRow requireRow() {
        StoredRow found = row;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on no row");
        }
        return found;
    }

    @Override
    public void close() {
        row = null;
        key = null;
        current.close();
        history.close();
    }
}
