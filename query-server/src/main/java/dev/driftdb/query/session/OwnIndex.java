package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.schemas.type.Bytes;
import java.util.Collection;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Index entries that a transaction's rows have had at any time: whoever reads one checks that the
 * row still has that index key. {@link #complete} for an index that the transaction itself made:
 * then it holds every row of the table.
 */
final class OwnIndex {
    record Entry(Bytes indexKey, Bytes rowKey) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int byIndex = indexKey.compareTo(other.indexKey);
            return byIndex != 0 ? byIndex : rowKey.compareTo(other.rowKey);
        }
    }

    private final ConcurrentSkipListMap<Entry, Entry> entries = new ConcurrentSkipListMap<>();

    boolean complete;

    /** Whether it was not there before. */
    boolean add(Bytes indexKey, Bytes rowKey) {
        Entry entry = new Entry(indexKey, rowKey);
        return entries.put(entry, entry) == null;
    }

    void remove(Bytes indexKey, Bytes rowKey) {
        entries.remove(new Entry(indexKey, rowKey));
    }

    Collection<Entry> in(KeyRange range, boolean reverse) {
        Entry from = new Entry(range.from(), Bytes.EMPTY);
        NavigableMap<Entry, Entry> part =
                range.to().length() == 0
                        ? entries.tailMap(from, true)
                        : range.from().compareTo(range.to()) >= 0
                                ? Collections.emptyNavigableMap()
                                : entries.subMap(
                                        from, true, new Entry(range.to(), Bytes.EMPTY), false);
        return (reverse ? part.descendingMap() : part).values();
    }
}
