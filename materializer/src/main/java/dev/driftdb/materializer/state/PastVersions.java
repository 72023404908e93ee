package dev.driftdb.materializer.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All versions of the rows of a range that were live at some offset in [from, to]. Holds the
 * versions of one row at a time in memory, those of the asked offsets only.
 */
final class PastVersions implements VersionCursor {
    /** A write of a row, or (row null) its deletion. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Event(long offset, byte @Nullable [] row) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Version(byte[] row, long from, long to, boolean insert, boolean deleted) {}

    private final CurrentRows current;
    private final GroupedIterator.History history;
    private final long viewOffset;
    private final long from;
    private final long to;
    private final ArrayDeque<Version> versions = new ArrayDeque<>();
    private boolean started;
    private byte @Nullable [] currentKey;
    private byte @Nullable [] key;
    private @Nullable Version version;

    PastVersions(
            PublishedState state,
            int storageId,
            KeyRange range,
            long viewOffset,
            long from,
            long to) {
        this.viewOffset = viewOffset;
        this.from = from;
        this.to = Math.min(to, viewOffset);
        current = new CurrentRows(state.files, state, storageId, range, false);
        history = new GroupedIterator.History(state.files, state, storageId, range);
    }

    @Override
    public boolean next() {
        if (!started) {
            started = true;
            advanceCurrent();
            history.start(false);
        }
        version = versions.poll();
        while (version == null) {
            byte[] candidate = nextKey();
            if (candidate == null) {
                return false;
            }
            key = candidate;
            toVersions(collect(candidate));
            version = versions.poll();
        }
        return true;
    }

    private void advanceCurrent() {
        currentKey = current.next() ? current.key() : null;
    }

    private byte @Nullable [] nextKey() {
        if (!history.valid()) {
            return currentKey;
        }
        byte[] other = history.part();
        return currentKey != null && Arrays.compareUnsigned(currentKey, other) <= 0
                ? currentKey
                : other;
    }

    /**
     * What happened to a row, newest first: back to the version that was live at {@code from} and
     * the event before it, and from the first event after {@code to}, which says how the last one
     * ended.
     */
    private List<Event> collect(byte[] rowKey) {
        List<Event> events = new ArrayList<>();
        if (currentKey != null && Arrays.equals(rowKey, currentKey)) {
            if (current.offset() <= viewOffset) {
                events.add(new Event(current.offset(), current.row()));
            }
            advanceCurrent();
        }
        boolean found =
                history.valid()
                        && Arrays.equals(history.part(), rowKey)
                        && history.toVersion(rowKey, viewOffset);
        while (found) {
            // Ends that lie after `to` are needed once only, to tell how the version at `to` ended.
            if (events.size() == 1 && events.getFirst().offset() > to && history.offset() > to) {
                events.clear();
            }
            byte[] value = history.value();
            events.add(
                    new Event(
                            history.offset(),
                            Layout.isDeletion(value) ? null : Layout.rowOfHistory(value)));
            int size = events.size();
            if (size >= 2 && events.get(size - 2).offset() <= from) {
                break;
            }
            found = history.next() && Arrays.equals(history.part(), rowKey);
        }
        history.skip(rowKey);
        return events;
    }

    private void toVersions(List<Event> newestFirst) {
        for (int i = newestFirst.size() - 1; i >= 0; i--) {
            Event event = newestFirst.get(i);
            byte[] row = event.row();
            if (row == null) {
                continue;
            }
            Event before = i + 1 < newestFirst.size() ? newestFirst.get(i + 1) : null;
            Event after = i > 0 ? newestFirst.get(i - 1) : null;
            long end = after == null ? LIVE : after.offset();
            if (event.offset() <= to && end > from) {
                versions.add(
                        new Version(
                                row,
                                event.offset(),
                                end,
                                before == null || before.row() == null,
                                after != null && after.row() == null));
            }
        }
    }

    private Version require() {
        Version found = version;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on no version");
        }
        return found;
    }

    @Override
    public byte[] key() {
        require();
        byte[] found = key;
        if (found == null) {
            throw new IllegalStateException("the cursor stands on no version");
        }
        return found;
    }

    @Override
    public byte[] row() {
        return require().row();
    }

    @Override
    public long offsetFrom() {
        return require().from();
    }

    @Override
    public long offsetTo() {
        return require().to();
    }

    @Override
    public boolean isInsert() {
        return require().insert();
    }

    @Override
    public boolean endsDeleted() {
        return require().deleted();
    }

    @Override
    public void close() {
        version = null;
        versions.clear();
        current.close();
        history.close();
    }
}
