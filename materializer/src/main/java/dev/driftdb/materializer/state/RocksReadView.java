package dev.driftdb.materializer.state;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A view at the offset of a published state, or at an earlier one through the history. All its
 * reads go through that state's snapshot, so nothing that is applied meanwhile can move it; cursors
 * hold the snapshot themselves and may outlive the view.
 */
final class RocksReadView implements ReadView {
    private static final Logger LOG = LoggerFactory.getLogger(RocksReadView.class);

    private final PublishedState state;
    private final RowCache cache;
    private final ScanCache scans;
    private final CatalogHistory catalogs;
    private final PastStates pastStates;
    private final Runnable checkCanceled;
    private final long offset;
    private final boolean past;

    /** Of storages whose history does not reach back to the offset. */
    private @Nullable ReadView older;

    private @Nullable Catalog catalog;

    /** For single rows of the past; kept for the next one. */
    private @Nullable BoundedIterator history;

    /** Over the whole of the index that was read last: lookups mostly follow one another. */
    private @Nullable BoundedIterator index;

    private int heldIndexId;

    /** The storages found last in the cache of scans: what is true for a view stays true. */
    private @Nullable CachedTable lastCached;

    private int lastCachedId;
    private @Nullable CachedTable otherCached;
    private int otherCachedId;
    private @Nullable CachedTable lastIndex;
    private int lastIndexId;
    private boolean closed;

    /** Takes over the caller's hold of the state. */
    RocksReadView(
            PublishedState state,
            RowCache cache,
            ScanCache scans,
            CatalogHistory catalogs,
            PastStates pastStates,
            Runnable checkCanceled,
            long offset) {
        this.state = state;
        this.cache = cache;
        this.scans = scans;
        this.catalogs = catalogs;
        this.pastStates = pastStates;
        this.checkCanceled = checkCanceled;
        this.offset = offset;
        this.past = offset < state.offset;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public Catalog catalog() {
        requireOpen();
        Catalog found = catalog;
        if (found == null) {
            found = past ? catalogs.at(state, offset) : state.catalog;
            catalog = found;
        }
        return found;
    }

    /** Who answers for a storage in the place of this state; null if this one does. */
    private @Nullable ReadView older(int storageId) {
        // Before the first entry there is nothing, whoever answers.
        if (!past || offset < 0 || state.horizons.of(storageId) <= offset) {
            return null;
        }
        // An older state has the rows that were forgotten later.
        if (state.forgotten.of(storageId) > offset) {
            throw PastStates.beyondHorizon(offset, state.horizons.of(storageId));
        }
        ReadView known = older;
        if (known == null) {
            known = pastStates.at(offset, state.horizons.of(storageId), checkCanceled);
            older = known;
        }
        return known;
    }

    @Override
    public long horizon(int storageId) {
        ReadView other = older(storageId);
        return other == null ? state.horizons.of(storageId) : other.horizon(storageId);
    }

    @Override
    public @Nullable StoredRow get(int storageId, Bytes key) {
        requireOpen();
        ReadView other = older(storageId);
        if (other != null) {
            return other.get(storageId, key);
        }
        CachedTable table = cached(storageId);
        if (table != null) {
            return table.get(key.array());
        }
        byte[] full = Layout.key(storageId, key.array());
        Bytes cacheKey = Bytes.wrap(full);
        StoredRow cached = cache.get(cacheKey);
        if (cached != null && cached.offset() <= offset) {
            return cached;
        }
        // A cached row that came after this view, but not after its snapshot, says that the one
        // before is history in that snapshot.
        if (cached != null && cached.offset() <= state.offset) {
            return getFromHistory(storageId, key);
        }
        byte[] value;
        try {
            value = state.files.db.get(state.files.current, state.pointReads, full);
        } catch (RocksDBException e) {
            throw state.files.damage.failure("read the state", e);
        }
        if (value == null) {
            return past ? getFromHistory(storageId, key) : null;
        }
        if (Layout.longAt(value, 0) > offset) {
            // The cache is for rows that somebody wanted.
            return getFromHistory(storageId, key);
        }
        StoredRow row = Layout.currentRow(value);
        cache.offer(cacheKey, row, state.offset);
        return row;
    }

    private @Nullable StoredRow getFromHistory(int storageId, Bytes key) {
        if (offset < 0) {
            return null;
        }
        BoundedIterator iterator = history;
        if (iterator == null) {
            iterator = new BoundedIterator(state);
            history = iterator;
        }
        return iterator.version(Layout.historyKey(storageId, key.array(), offset));
    }

    @Override
    public RowCursor scan(int storageId, KeyRange range, boolean reverse) {
        requireOpen();
        ReadView other = older(storageId);
        if (other != null) {
            return other.scan(storageId, range, reverse);
        }
        CachedTable table = cached(storageId);
        if (table != null) {
            return table.scan(range, reverse);
        }
        RowCursor rows =
                past
                        ? new PastRows(state, storageId, range, offset, reverse)
                        : new CurrentRows(state.files, state, storageId, range, reverse);
        ScanCache.Filling filling =
                range.equals(KeyRange.ALL) && !reverse ? filling(storageId) : null;
        return filling == null ? rows : new FillingRows(rows, filling);
    }

    private ScanCache.@Nullable Filling filling(int storageId) {
        if (!past) {
            return scans.fill(storageId, offset);
        }
        return offset < 0 ? null : scans.fillPast(storageId, offset, state.offset);
    }

    /** The whole storage as this view sees it, if it is at hand. */
    private @Nullable CachedTable cached(int storageId) {
        CachedTable known = lastCached;
        if (known != null && lastCachedId == storageId) {
            return known;
        }
        CachedTable other = otherCached;
        if (other != null && otherCachedId == storageId) {
            return other;
        }
        CachedTable table =
                past ? scans.findPast(storageId, offset) : scans.find(storageId, offset);
        if (table != null) {
            otherCached = known;
            otherCachedId = lastCachedId;
            lastCached = table;
            lastCachedId = storageId;
        }
        return table;
    }

    @Override
    public IndexCursor scanIndex(int indexId, KeyRange range, boolean reverse) {
        requireOpen();
        if (past) {
            throw new IllegalStateException("a view of the past has no index entries");
        }
        CachedTable entries = cachedIndex(indexId);
        return entries == null
                ? new IndexScan(
                        takeIndex(indexId, range),
                        indexId,
                        range,
                        reverse,
                        iterator -> giveBack(iterator, indexId))
                : new CachedIndexScan(entries.scan(range, reverse));
    }

    /** Making an iterator costs more than a lookup with it. */
    private BoundedIterator takeIndex(int id, KeyRange range) {
        BoundedIterator kept = index;
        if (kept != null && heldIndexId == id) {
            index = null;
            return kept;
        }
        return new BoundedIterator(
                state.files,
                state,
                state.files.index,
                Layout.first(id),
                Layout.afterLast(id),
                range.equals(KeyRange.ALL));
    }

    private void giveBack(BoundedIterator iterator, int id) {
        if (closed) {
            iterator.close();
            return;
        }
        if (index != null) {
            index.close();
        }
        index = iterator;
        heldIndexId = id;
    }

    private @Nullable CachedTable cachedIndex(int indexId) {
        CachedTable known = lastIndex;
        if (known != null && lastIndexId == indexId) {
            return known;
        }
        CachedTable entries = scans.findIndex(indexId, offset);
        if (entries == null) {
            ScanCache.Filling filling =
                    scans.fillIndex(
                            indexId,
                            offset,
                            () ->
                                    state.files.estimatedEntries(
                                            state.files.index,
                                            Layout.first(indexId),
                                            Layout.afterLast(indexId)));
            if (filling != null) {
                fill(filling, indexId);
            }
        }
        if (entries != null) {
            lastIndex = entries;
            lastIndexId = indexId;
        }
        return entries;
    }

    /** Beside the statement that goes on without; the iterator holds the state. */
    private void fill(ScanCache.Filling filling, int indexId) {
        IndexScan all = new IndexScan(state.files, state, indexId, KeyRange.ALL, false);
        Thread.ofPlatform()
                .name("index-cache")
                .daemon()
                .start(() -> {
                    try (filling;
                            all) {
                        boolean more = all.next();
                        while (more
                                && filling.add(all.indexKey(), new StoredRow(0, all.rowKey()))) {
                            more = all.next();
                        }
                        if (!more) {
                            filling.complete();
                        }
                    } catch (RuntimeException e) {
                        LOG.warn("index {} is not kept on the heap", indexId, e);
                    }
                });
    }

    @Override
    public boolean hasIndexes() {
        return !past;
    }

    @Override
    public VersionCursor versions(int storageId, KeyRange range, long fromOffset, long toOffset) {
        requireOpen();
        ReadView other = older(storageId);
        if (other != null) {
            return other.versions(storageId, range, fromOffset, toOffset);
        }
        long horizon = state.horizons.of(storageId);
        if (horizon >= 0 && fromOffset < horizon) {
            throw PastStates.beyondHorizon(fromOffset, horizon);
        }
        return new PastVersions(state, storageId, range, offset, fromOffset, toOffset);
    }

    @Override
    public @Nullable EntryInfo entry(long entryOffset) {
        requireOpen();
        if (entryOffset < 0 || entryOffset > offset) {
            return null;
        }
        byte[] key = Layout.longBytes(entryOffset);
        try {
            byte[] value = state.files.db.get(state.files.time, state.pointReads, key);
            return value == null ? null : EntryInfoCodec.decode(key, value);
        } catch (RocksDBException e) {
            throw state.files.damage.failure("read the state", e);
        }
    }

    @Override
    public long offsetAt(long timestampMs) {
        requireOpen();
        try (BoundedIterator times =
                new BoundedIterator(
                        state.files,
                        state,
                        state.files.time,
                        Layout.longBytes(0),
                        Layout.longBytes(-1),
                        false)) {
            if (offset < 0 || !times.seekForPrev(Layout.longBytes(offset))) {
                return -1;
            }
            if (EntryInfoCodec.timestampMs(times.value()) <= timestampMs) {
                return Layout.longAt(times.key(), 0);
            }
            long high = Layout.longAt(times.key(), 0);
            times.first();
            long found = Layout.longAt(times.key(), 0);
            if (EntryInfoCodec.timestampMs(times.value()) > timestampMs) {
                return -1;
            }
            // Not every offset has an entry (chunks have none): a probe takes the one before it.
            long low = found;
            while (high - low > 1) {
                long middle = (low + high) >>> 1;
                times.seekForPrev(Layout.longBytes(middle));
                long probed = Layout.longAt(times.key(), 0);
                if (EntryInfoCodec.timestampMs(times.value()) <= timestampMs) {
                    found = probed;
                    low = middle;
                } else {
                    high = probed;
                }
            }
            return found;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the view is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            lastCached = null;
            otherCached = null;
            lastIndex = null;
            if (history != null) {
                history.close();
            }
            if (index != null) {
                index.close();
            }
            if (older != null) {
                older.close();
            }
            state.release();
        }
    }
}
