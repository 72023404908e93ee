package dev.driftdb.materializer.state;

import dev.driftdb.materializer.state.PendingChanges.PendingEntry;
import dev.driftdb.materializer.state.PendingChanges.PendingRow;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.type.Bytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;

/**
 * A replica's state in RocksDB (docs/formats/state.md). One thread applies; any thread reads
 * through views. RocksDB's write-ahead log is off because the log is one: after a crash the state
 * is that of an earlier offset, which it knows, and the log is replayed from there.
 */
public final class RocksTableState implements ReplicaState, AutoCloseable {
    /** The layout that this program writes; another one is rebuilt from the log. */
    public static final int FORMAT_VERSION = 1;

    /** Rows read while one entry is decided are at hand when it is applied. */
    private static final int READ_ROWS_MAX = 50_000;

    /** What a large entry has changed is written when it is this much. */
    private static final int PART_BYTES = 16 << 20;

    private final Path directory;
    private final ReplicaSettings settings;
    private final int partBytes;
    private final RocksFiles files;
    private final RowCache cache;
    private final ScanCache scans;
    private final ChangedIds changed = new ChangedIds();
    private final CatalogHistory catalogs = new CatalogHistory();
    private final ChunkStore chunks;
    private final DeadEntryCompaction compaction;
    private final PendingChanges pending;
    private final GreatestKeys greatestRows;
    private final GreatestKeys greatestUnique;
    private final Map<Bytes, @Nullable StoredRow> readRows = new HashMap<>();
    private final Map<Bytes, Long> pendingSources = new HashMap<>();

    /** The storages of which the batch forgets rows. */
    private final Set<Integer> forgottenInBatch = new HashSet<>();

    /** The entries of the batch, by their offsets. */
    private final TreeMap<Long, EntryInfo> pendingEntries = new TreeMap<>();

    /** The oldest entry known to be young enough for {@link #isTooOld}. */
    private long youngOffset = Long.MAX_VALUE;

    private long youngTimestampMs;

    private final ActivityCounters activity = new ActivityCounters();
    private final long openedOffset;

    /** Changes up to here may be in files without being among {@link #changed}. */
    private final long filesOffset;

    /** Of an entry that is written in parts: what the last of them said. */
    private @Nullable UnfinishedEntry unfinished;

    /** The batch has a part of an entry before it in the files. */
    private boolean partWritten;

    private Catalog catalog;
    private UUID lastTransactionId;
    private @Nullable String topicId;
    private long lastTimestampMs;
    private volatile @Nullable PublishedState published;

    /** Held while the files are ahead of {@link #published}. */
    private final Object publishing = new Object();

    private volatile StorageOffsets horizons;
    private volatile StorageOffsets forgotten;
    private final Erasure erasure;
    private volatile PastStates pastStates = PastStates.NONE;
    private final Object vacuuming = new Object();

    /** Opens the state in a directory, or makes an empty one. */
    public RocksTableState(Path directory, ReplicaSettings settings) {
        this(directory, settings, PART_BYTES, empty -> {});
    }

    /**
     * Opens the state in a directory, or makes one.
     *
     * @param fill puts the files of a checkpoint into the directory, CURRENT last, or leaves it as
     *     it is: called when there is no state, or a damaged one, which is moved aside
     */
    public RocksTableState(Path directory, ReplicaSettings settings, Consumer<Path> fill) {
        this(directory, settings, PART_BYTES, fill);
    }

    /**
     * @param partBytes what a large entry has changed is written when it is this much
     */
    public RocksTableState(
            Path directory, ReplicaSettings settings, int partBytes, Consumer<Path> fill) {
        this.directory = directory;
        this.partBytes = partBytes;
        this.settings = settings;
        files = new RocksFiles(directory, settings, fill);
        pending = new PendingChanges(files);
        greatestRows = new GreatestKeys(files, files.current);
        greatestUnique = new GreatestKeys(files, files.index);
        try {
            StateMeta meta = StateMeta.read(key -> files.get(files.meta, key), directory);
            openedOffset = meta.appliedOffset();
            lastTimestampMs = meta.timestampMs();
            lastTransactionId = meta.transactionId();
            topicId = meta.topicId();
            unfinished = meta.unfinished();
            filesOffset = unfinished == null ? openedOffset : unfinished.offset();
            if (!meta.hasFormat()) {
                put(files.meta, Layout.META_FORMAT, Layout.longBytes(FORMAT_VERSION));
            }
            catalog = Catalog.EMPTY;
            cache = new RowCache(settings.rowCacheBytes(), openedOffset);
            scans = new ScanCache(settings.scanCacheBytes(), openedOffset);
            chunks = new ChunkStore(files, pending.batch);
            horizons = StorageOffsets.read(files, Layout.META_HORIZON);
            forgotten = StorageOffsets.read(files, Layout.META_FORGOTTEN);
            erasure = new Erasure(files, this::renewPublished);
            erasure.forgotten(forgotten);
            publish(openedOffset);
            catalog = readCatalog();
            publish(openedOffset);
            compaction = new DeadEntryCompaction(files, erasure);
        } catch (RuntimeException e) {
            releasePublished();
            files.close(settings.closeWait());
            throw e;
        }
    }

    private Catalog readCatalog() {
        PublishedState state = current();
        return CatalogHistory.build(state, CatalogHistory.versionAt(state, openedOffset));
    }

    // What the replica asks.

    @Override
    public long appliedOffset() {
        return current().offset;
    }

    /** The catalog at {@link #appliedOffset()}. */
    public Catalog appliedCatalog() {
        return current().catalog;
    }

    @Override
    public long lastTimestampMs() {
        return lastTimestampMs;
    }

    /** The transaction id of the last record applied. */
    public UUID lastTransactionId() {
        return lastTransactionId;
    }

    /** Completes with the cause when the files turn out to be damaged. */
    public CompletableFuture<Throwable> damage() {
        return files.damage.found();
    }

    public Path directory() {
        return directory;
    }

    /** The id of the topic that this state was folded from, null before it is known. */
    public @Nullable String topicId() {
        return topicId;
    }

    /** Remembers the topic; written with the next batch. */
    public void setTopicId(String id) {
        topicId = id;
        put(files.meta, Layout.META_TOPIC, id.getBytes(StandardCharsets.UTF_8));
    }

    /** A view of the newest state. Safe for any thread. */
    public ReadView latest() {
        PublishedState state = acquire();
        return view(state, state.offset, () -> {});
    }

    /**
     * A view of the state after the entry at an offset, -1 for before the first. Safe for any
     * thread.
     *
     * @param checkCanceled called while a read waits for a state older than the history kept here;
     *     throws to give up
     */
    public ReadView asOf(long offset, Runnable checkCanceled) {
        PublishedState state = acquire();
        if (offset < -1 || offset > state.offset) {
            long newest = state.offset;
            state.release();
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "offset "
                            + offset
                            + " is not in the database: offsets are from -1 (empty) to "
                            + newest);
        }
        return view(state, offset, checkCanceled);
    }

    private ReadView view(PublishedState state, long offset, Runnable checkCanceled) {
        return new RocksReadView(state, cache, scans, catalogs, pastStates, checkCanceled, offset);
    }

    /** The newest entry that forgot rows: -1 if there is none. Safe for any thread. */
    public long lastForgotten() {
        return forgotten.greatest();
    }

    /**
     * Whether what entries up to an offset have forgotten is in no file any more. It becomes true
     * by itself, when the readers of older states have gone. Safe for any thread.
     */
    public boolean isErased(long offset) {
        return erasure.isErased(offset);
    }

    /** From now on answers for points before a horizon come from there. */
    public void setPastStates(PastStates states) {
        pastStates = states;
    }

    /** At this offset and behind it the history of all storages is whole: -1 if nothing is gone. */
    public long greatestHorizon() {
        return horizons.greatest();
    }

    /**
     * Drops the history of a storage that only points before an offset show, one storage at a time.
     * Nothing of it is in the log: every replica has its own horizons. Safe for any thread.
     *
     * @param horizon from which offset on all points stay readable
     * @param checkCanceled called again and again; throws to end early, and what is dropped is
     * @return how many versions were dropped
     */
    public long vacuum(int storageId, long horizon, Runnable checkCanceled) {
        synchronized (vacuuming) {
            PublishedState newest = acquire();
            try {
                raiseHorizon(storageId, Math.min(horizon, newest.offset));
            } finally {
                newest.release();
            }
            PublishedState state = acquire();
            try (ReadView view = view(acquire(), state.offset, checkCanceled)) {
                Long lastMs = EntryTimes.timestampAt(files, state.offset);
                HistoryVacuum vacuum =
                        new HistoryVacuum(
                                state,
                                storageId,
                                horizons.of(storageId),
                                lastMs == null ? -1 : view.offsetAt(lastMs - CONFLICT_WINDOW_MS),
                                checkCanceled);
                try {
                    return vacuum.run();
                } finally {
                    compaction.deleted(files.history, storageId, vacuum.droppedBytes());
                    renewPublished();
                }
            } finally {
                state.release();
            }
        }
    }

    /** Written before anything is dropped, so that no crash leaves a hole that nobody knows of. */
    private void raiseHorizon(int storageId, long horizon) {
        if (horizon <= horizons.of(storageId)) {
            return;
        }
        BatchBytes batch = new BatchBytes();
        batch.put(
                files.meta.getID(),
                Layout.storageKey(Layout.META_HORIZON, storageId),
                Layout.longBytes(horizon));
        synchronized (publishing) {
            files.write(batch);
            horizons = horizons.with(storageId, horizon);
        }
        renewPublished();
    }

    /** So that the newest state does not hold on to what was dropped. */
    private void renewPublished() {
        synchronized (publishing) {
            PublishedState state = current();
            if (!partWritten && state.whole) {
                publish(state.offset, state.catalog);
            }
        }
    }

    /** What was applied to a storage since opening. Safe for any thread. */
    public StorageActivity activity(int storageId) {
        return activity.activity(storageId);
    }

    /**
     * How many rows a storage has, roughly: counted if the state began empty here, else from the
     * sizes that RocksDB knows. Safe for any thread.
     */
    public long estimatedRows(int storageId) {
        if (openedOffset < 0) {
            return Math.max(0, activity.activity(storageId).growth());
        }
        if (!files.acquire()) {
            return 0;
        }
        try {
            return files.estimatedEntries(
                    files.current, Layout.first(storageId), Layout.afterLast(storageId));
        } finally {
            files.release();
        }
    }

    private PublishedState current() {
        PublishedState state = published;
        if (state == null) {
            throw new SqlException(SqlState.ADMIN_SHUTDOWN, "the replica is closed");
        }
        return state;
    }

    private PublishedState acquire() {
        while (true) {
            PublishedState state = current();
            if (!state.whole) {
                throw new SqlException(
                        SqlState.CANNOT_CONNECT_NOW,
                        "the replica goes on with an entry of which a part is written");
            }
            if (state.acquire()) {
                return state;
            }
        }
    }

    private void publish(long offset) {
        publish(offset, catalog);
    }

    private void publish(long offset, Catalog publishedCatalog) {
        PublishedState old = published;
        published =
                new PublishedState(
                        files, offset, publishedCatalog, horizons, forgotten, unfinished == null);
        if (old != null) {
            old.release();
        }
    }

    private void releasePublished() {
        PublishedState state = published;
        published = null;
        if (state != null) {
            state.release();
        }
    }

    /** Whether no view and no cursor is open. */
    public boolean isIdle() {
        PublishedState state = published;
        return state == null || (state.isIdle() && files.users() <= 2);
    }

    // Reading for resolve and apply.

    @Override
    public Catalog catalog() {
        return catalog;
    }

    @Override
    public @Nullable StoredRow row(int storageId, Bytes key) {
        PendingRow change = pending.row(storageId, key.array());
        if (change != null) {
            return change.stored();
        }
        if (greatestRows.isBelow(storageId, key.array())) {
            return null;
        }
        byte[] full = Layout.key(storageId, key.array());
        Bytes whole = Bytes.wrap(full);
        StoredRow row = cache.get(whole);
        if (row != null) {
            return row;
        }
        row = readRows.get(whole);
        if (row == null && !readRows.containsKey(whole)) {
            byte[] value = files.get(files.current, full);
            row = value == null ? null : Layout.currentRow(value);
            if (readRows.size() < READ_ROWS_MAX) {
                readRows.put(whole, row);
            }
        }
        return row;
    }

    @Override
    public @Nullable IndexEntry uniqueEntry(int indexId, Bytes columns) {
        PendingEntry change = pending.uniqueEntry(indexId, columns.array());
        if (change != null) {
            return change.entry();
        }
        if (greatestUnique.isBelow(indexId, columns.array())) {
            return null;
        }
        byte[] full = Layout.key(indexId, columns.array());
        byte[] value = files.get(files.index, full);
        return value == null ? null : Layout.entry(full, value);
    }

    @Override
    public boolean hasRows(int storageId, KeyRange range) {
        try (RowCursor rows = rows(storageId, range)) {
            return rows.next();
        }
    }

    @Override
    public RowCursor rows(int storageId) {
        return rows(storageId, KeyRange.ALL);
    }

    private RowCursor rows(int storageId, KeyRange range) {
        return new PendingRows(
                new CurrentRows(files, null, storageId, range, false),
                pending.rows(storageId, range));
    }

    @Override
    public boolean hasEntries(int indexId, KeyRange range) {
        if (pending.hasEntry(indexId, range)) {
            return true;
        }
        try (IndexScan written = new IndexScan(files, null, indexId, range, false)) {
            while (written.next()) {
                if (!pending.hasTouched(written.entry())) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public EntryCursor entries(int indexId) {
        return new PendingEntries(
                new IndexScan(files, null, indexId, KeyRange.ALL, false), pending.entries(indexId));
    }

    @Override
    public boolean changedAfter(int storageId, KeyRange range, long offset) {
        if (changed.last(storageId, filesOffset) <= offset) {
            return false;
        }
        // Nothing tells any more what was changed and then forgotten.
        if (forgotten.of(storageId) > offset) {
            return true;
        }
        for (PendingRow change : pending.rows(storageId, range).values()) {
            if (change.offset() > offset) {
                return true;
            }
        }
        try (CurrentRows rows = new CurrentRows(files, null, storageId, range, false)) {
            while (rows.next()) {
                if (rows.offset() > offset) {
                    return true;
                }
            }
        }
        try (GroupedIterator.History history =
                new GroupedIterator.History(files, null, storageId, range)) {
            boolean found = history.start(false);
            while (found) {
                if (history.offset() > offset) {
                    return true;
                }
                history.skip(history.part());
                found = history.valid();
            }
        }
        return false;
    }

    @Override
    public long sourceOffset(String topic, int partition) {
        byte[] key = Layout.sourceKey(topic, partition);
        Long change = pendingSources.get(Bytes.wrap(key));
        if (change != null) {
            return change;
        }
        byte[] value = files.get(files.meta, key);
        return value == null ? NO_SOURCE_OFFSET : Layout.longAt(value, 0);
    }

    @Override
    public @Nullable UUID transactionAt(long offset) {
        EntryInfo pendingEntry = pendingEntries.get(offset);
        if (pendingEntry != null) {
            return pendingEntry.transactionId();
        }
        byte[] key = Layout.longBytes(offset);
        byte[] value = files.get(files.time, key);
        return value == null ? null : EntryInfoCodec.decode(key, value).transactionId();
    }

    @Override
    public boolean isTooOld(long offset, long timestampMs) {
        long oldestMs = timestampMs - CONFLICT_WINDOW_MS;
        if (offset >= youngOffset && youngTimestampMs > oldestMs) {
            return false;
        }
        Map.Entry<Long, EntryInfo> pendingEntry = pendingEntries.floorEntry(offset);
        Long entryMs =
                pendingEntry == null
                        ? EntryTimes.timestampAt(files, offset)
                        : Long.valueOf(pendingEntry.getValue().timestampMs());
        if (entryMs == null) {
            // The first entry is in the batch, or is this one.
            entryMs =
                    pendingEntries.isEmpty()
                            ? timestampMs
                            : pendingEntries.firstEntry().getValue().timestampMs();
        }
        if (entryMs <= oldestMs) {
            return true;
        }
        youngOffset = offset;
        youngTimestampMs = entryMs;
        return false;
    }

    @Override
    public boolean hasChunks(UUID transactionId, int count, long entryOffset) {
        return chunks.has(transactionId, count, entryOffset);
    }

    @Override
    public LogRecord.Chunk chunk(UUID transactionId, int number) {
        return chunks.read(transactionId, number);
    }

    // Writing into the batch.

    @Override
    public void putRow(int storageId, Bytes key, long offset, byte[] row) {
        greatestRows.put(storageId, key.array());
        pending.putRow(storageId, key.array(), offset, row);
        changed.storage(storageId, offset);
        activity.put(storageId);
    }

    @Override
    public void removeRow(int storageId, Bytes key, long offset) {
        pending.removeRow(storageId, key.array(), offset);
        changed.storage(storageId, offset);
        activity.removed(storageId);
    }

    @Override
    public void keepVersion(int storageId, Bytes key, StoredRow old) {
        pending.putVersion(storageId, key.array(), old.offset(), old.row());
        compaction.died(files.current, storageId, key.length() + old.row().length);
        activity.ended(storageId);
    }

    @Override
    public void keepDeletion(int storageId, Bytes key, long offset) {
        pending.putDeletion(storageId, key.array(), offset);
        changed.storage(storageId, offset);
    }

    @Override
    public void forgetDeletion(int storageId, Bytes key, long offset) {
        pending.removeDeletion(storageId, key.array(), offset);
    }

    @Override
    public void forgetHistory(int storageId, Bytes key, long offset) {
        byte[] oldest = Layout.historyKey(storageId, key.array(), 0);
        try (BoundedIterator versions =
                new BoundedIterator(
                        files,
                        null,
                        files.history,
                        Layout.historyKey(storageId, key.array(), Long.MAX_VALUE),
                        Arrays.copyOf(oldest, oldest.length + 1),
                        false)) {
            for (boolean more = versions.first(); more; more = versions.next()) {
                byte[] version = versions.key();
                // A longer key may lie between two versions of this one.
                if (version.length == oldest.length) {
                    pending.batch.delete(files.history.getID(), version);
                }
            }
        }
        changed.storage(storageId, offset);
        forgottenInBatch.add(storageId);
        if (forgotten.of(storageId) < offset) {
            forgotten = forgotten.with(storageId, offset);
            put(
                    files.meta,
                    Layout.storageKey(Layout.META_FORGOTTEN, storageId),
                    Layout.longBytes(offset));
        }
    }

    @Override
    public void putEntry(IndexEntry entry) {
        if (entry.unique()) {
            greatestUnique.put(entry.indexId(), entry.columns().array());
        }
        pending.putEntry(entry);
        changed.index(entry.indexId());
    }

    @Override
    public void removeEntry(IndexEntry entry) {
        if (entry.unique()) {
            IndexEntry there = uniqueEntry(entry.indexId(), entry.columns());
            if (there == null || !there.equals(entry)) {
                return;
            }
        }
        pending.removeEntry(entry);
        changed.index(entry.indexId());
        compaction.died(files.index, entry.indexId(), Layout.entryKey(entry).length);
    }

    @Override
    public void dropIndex(int indexId) {
        pending.dropIndex(indexId);
        changed.index(indexId);
    }

    @Override
    public void setCatalog(Catalog catalog) {
        this.catalog = catalog;
        put(files.meta, Layout.catalogVersionKey(catalog.version()), Bytes.EMPTY.array());
    }

    @Override
    public void setSourceOffset(String topic, int partition, long offset) {
        byte[] key = Layout.sourceKey(topic, partition);
        put(files.meta, key, Layout.longBytes(offset));
        pendingSources.put(Bytes.wrap(key), offset);
    }

    @Override
    public void putChunk(UUID transactionId, int number, long offset, byte[] chunk) {
        chunks.put(transactionId, number, offset, chunk);
    }

    @Override
    public void removeChunks(UUID transactionId, int count) {
        chunks.remove(transactionId, count);
    }

    @Override
    public void putEntryInfo(EntryInfo info) {
        lastTimestampMs = info.timestampMs();
        pendingEntries.put(info.offset(), info);
        put(files.time, Layout.longBytes(info.offset()), EntryInfoCodec.encode(info));
    }

    @Override
    public long pendingBytes() {
        return pending.batch.size();
    }

    @Override
    public void write(long offset, UUID transactionId) {
        chunks.dropOld(offset);
        put(
                files.meta,
                Layout.META_APPLIED,
                Layout.appliedValue(offset, lastTimestampMs, transactionId));
        if (partWritten || unfinished != null) {
            pending.batch.delete(files.meta.getID(), Layout.META_UNFINISHED);
        }
        synchronized (publishing) {
            writePending(offset);
            lastTransactionId = transactionId;
            partWritten = false;
            unfinished = null;
            publish(offset);
        }
    }

    @Override
    public boolean isPartFull() {
        return pending.batch.size() >= partBytes;
    }

    @Override
    public void writePart(UnfinishedEntry part) {
        put(files.meta, Layout.META_UNFINISHED, part.encode());
        synchronized (publishing) {
            partWritten = true;
            writePending(part.offset());
        }
    }

    @Override
    public @Nullable UnfinishedEntry unfinished() {
        return unfinished;
    }

    private void writePending(long offset) {
        cache.beginWrite(offset);
        pending.tell(cache);
        scans.beginWrite(offset);
        changed.tell(scans, offset);
        forgottenInBatch.forEach(id -> scans.forget(id, offset));
        pending.write();
        if (!forgottenInBatch.isEmpty()) {
            erasure.forgotten(forgotten);
            forgottenInBatch.clear();
        }
        compaction.written();
        changed.written();
        readRows.clear();
        pendingSources.clear();
        pendingEntries.clear();
        chunks.written();
    }

    private void put(ColumnFamilyHandle family, byte[] key, byte[] value) {
        pending.batch.put(family.getID(), key, value);
    }

    /**
     * Makes a copy of the newest state while commits go on. Safe for any thread, one at a time.
     *
     * @param target must not exist, its parent must
     * @return null if there is no entry yet, or a part of a large entry is just written
     */
    public @Nullable StateCheckpoint checkpoint(Path target) {
        PublishedState held = acquire();
        try {
            StateCheckpoint.create(files, target);
            return StateCheckpoint.of(target);
        } finally {
            held.release();
        }
    }

    /** Writes what is in memory to files: a restart then replays nothing. */
    public void flush() {
        files.flush();
    }

    /**
     * Lets no new reader in and waits a bounded time for the others; a batch not written is
     * forgotten. Called by the applying thread or after it has ended.
     */
    @Override
    public void close() {
        if (published == null) {
            return;
        }
        scans.close();
        releasePublished();
        compaction.close();
        files.close(settings.closeWait());
    }
}
