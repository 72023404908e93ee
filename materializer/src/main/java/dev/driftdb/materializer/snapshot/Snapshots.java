package dev.driftdb.materializer.snapshot;

import dev.driftdb.materializer.progress.ProgressWatch;
import dev.driftdb.materializer.snapshot.store.CorruptSnapshotException;
import dev.driftdb.materializer.snapshot.store.SnapshotManifest;
import dev.driftdb.materializer.snapshot.store.SnapshotStore;
import dev.driftdb.materializer.snapshot.store.StoredFile;
import dev.driftdb.materializer.state.RocksTableState;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of one replica, which alone takes and thins them. Safe for any thread; calls last
 * as long as the store takes.
 */
public final class Snapshots implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
    private static final long LOOK_EVERY_MS = 50;

    private final SnapshotStore store;
    private final List<SnapshotStore> others;
    private final SnapshotPolicy policy;
    private final Clock clock;
    private final SnapshotTaker taker;
    private final ReentrantLock taking = new ReentrantLock();

    /** By offset; replaced as a whole. */
    private volatile List<SnapshotManifest> known = List.of();

    /**
     * @param store closed with this
     * @param others of other replicas: looked through when this one begins without a state; closed
     *     with this
     * @param scratch a directory of its own, on the disk of the state
     */
    public Snapshots(
            SnapshotStore store,
            List<SnapshotStore> others,
            SnapshotPolicy policy,
            Path scratch,
            Clock clock) {
        this.store = store;
        this.others = List.copyOf(others);
        this.policy = policy;
        this.clock = clock;
        this.taker = new SnapshotTaker(store, scratch, clock);
        try {
            known = read();
        } catch (IOException e) {
            LOG.warn("the snapshots in {} cannot be read", store.location(), e);
        }
    }

    public SnapshotPolicy policy() {
        return policy;
    }

    /** For where there is no state. */
    public SnapshotRestore restore(LogRange log, ProgressWatch watch) {
        List<SnapshotStore> stores = new ArrayList<>(others);
        stores.add(store);
        return new SnapshotRestore(stores, log, watch);
    }

    /**
     * Takes one of the state as it is now, and lets go of those that are no longer kept. Waits for
     * another that is being taken.
     *
     * @param checkStop called again and again; throws to end early
     * @return null if the state is empty
     */
    public @Nullable Snapshot take(RocksTableState state, Runnable checkStop) throws IOException {
        lock(checkStop);
        try {
            SnapshotManifest manifest = taker.take(state, checkStop);
            if (manifest == null) {
                return null;
            }
            LOG.info(
                    "took a snapshot of offset {} with {} bytes to {}",
                    manifest.offset(),
                    manifest.bytes(),
                    store.location());
            known = read();
            thin();
            return snapshot(manifest, true);
        } finally {
            taking.unlock();
        }
    }

    private void lock(Runnable checkStop) throws IOException {
        try {
            while (!taking.tryLock(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                checkStop.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for another snapshot", e);
        }
    }

    /**
     * Whether a snapshot has rows that were forgotten since, and the state's files have them no
     * longer: then {@link #forget}.
     */
    public boolean hasForgotten(RocksTableState state) {
        long forgotten = state.lastForgotten();
        return forgotten >= 0
                && of(state.topicId()).stream().anyMatch(one -> one.offset() < forgotten)
                && state.isErased(forgotten);
    }

    /**
     * Deletes the snapshots that have rows which were forgotten since, after one without them is
     * taken.
     *
     * @param checkStop called again and again; throws to end early
     */
    public void forget(RocksTableState state, Runnable checkStop) throws IOException {
        long forgotten = state.lastForgotten();
        List<SnapshotManifest> ours = of(state.topicId());
        if (ours.isEmpty() || ours.getLast().offset() < forgotten) {
            take(state, checkStop);
        }
        Set<String> gone = new HashSet<>();
        for (SnapshotManifest manifest : of(state.topicId())) {
            if (manifest.offset() < forgotten) {
                gone.add(manifest.id());
            }
        }
        lock(checkStop);
        try {
            delete(gone);
        } finally {
            taking.unlock();
        }
        LOG.info("deleted {} snapshots with rows that were forgotten since", gone.size());
    }

    private void thin() throws IOException {
        List<Snapshot> all = known.stream().map(one -> snapshot(one, true)).toList();
        Set<String> gone = new HashSet<>();
        policy.thinned(all, clock.instant()).forEach(snapshot -> gone.add(snapshot.id()));
        delete(gone);
    }

    private void delete(Set<String> gone) throws IOException {
        Set<String> kept = new HashSet<>();
        List<SnapshotManifest> left = new ArrayList<>();
        for (SnapshotManifest manifest : known) {
            if (!gone.contains(manifest.id())) {
                left.add(manifest);
                manifest.files().forEach(file -> kept.add(file.sha256()));
            }
        }
        known = List.copyOf(left);
        // Those that cannot be read go with the rest: their files are known to nobody.
        for (String id : store.ids()) {
            if (left.stream().noneMatch(manifest -> manifest.id().equals(id))) {
                store.delete(id);
            }
        }
        store.sweep(kept);
    }

    /** By offset; what cannot be read is left out with a warning. */
    private List<SnapshotManifest> read() throws IOException {
        List<SnapshotManifest> found = new ArrayList<>();
        for (String id : store.ids()) {
            try {
                found.add(store.manifest(id));
            } catch (CorruptSnapshotException e) {
                LOG.warn("a snapshot is damaged: {}", e.getMessage());
            } catch (NoSuchFileException e) {
                LOG.debug("the snapshot {} has gone", id, e);
            }
        }
        found.sort(Comparator.comparingLong(SnapshotManifest::offset));
        return List.copyOf(found);
    }

    /** Those of one log, by offset. */
    public List<SnapshotManifest> of(@Nullable String topicId) {
        return known.stream().filter(one -> one.topicId().equals(topicId)).toList();
    }

    /** By offset, each looked at. */
    public List<Snapshot> all() {
        return known.stream().map(one -> snapshot(one, isThere(one))).toList();
    }

    private boolean isThere(SnapshotManifest manifest) {
        try {
            store.manifest(manifest.id());
            for (StoredFile file : manifest.files()) {
                if (!store.holds(file.sha256(), file.bytes())) {
                    return false;
                }
            }
            return true;
        } catch (CorruptSnapshotException | IOException e) {
            LOG.warn("a snapshot cannot be used: {}", e.getMessage());
            return false;
        }
    }

    private Snapshot snapshot(SnapshotManifest manifest, boolean verified) {
        return new Snapshot(
                manifest.id(),
                manifest.offset(),
                manifest.offsetTime(),
                manifest.taken(),
                manifest.horizon(),
                manifest.bytes(),
                store.location(),
                verified);
    }

    /**
     * Copies a snapshot's files, verified. One that turns out to be damaged is not used again.
     *
     * @param directory is there, and empty
     * @param checkStop called for each file; throws to end early
     */
    public void fetch(SnapshotManifest manifest, Path directory, Runnable checkStop)
            throws IOException, CorruptSnapshotException {
        for (StoredFile file : manifest.files()) {
            checkStop.run();
            try {
                store.fetch(file, directory.resolve(file.name()));
            } catch (CorruptSnapshotException e) {
                LOG.warn("a snapshot is damaged, others are used: {}", e.getMessage());
                known = known.stream().filter(one -> !one.id().equals(manifest.id())).toList();
                throw e;
            }
        }
    }

    @Override
    public void close() {
        others.forEach(SnapshotStore::close);
        store.close();
    }
}
