package dev.driftdb.materializer.replica;

import dev.driftdb.materializer.snapshot.Snapshots;
import dev.driftdb.materializer.snapshot.store.CorruptSnapshotException;
import dev.driftdb.materializer.snapshot.store.SnapshotManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log and the snapshots that belong to it. Safe for any thread.
 *
 * @param snapshots null where none are kept
 * @param topicId of the log
 */
record LogSource(LogReader log, @Nullable Snapshots snapshots, Supplier<@Nullable String> topicId)
        implements ReplaySource {
    private List<SnapshotManifest> manifests() {
        return snapshots == null ? List.of() : snapshots.of(topicId.get());
    }

    @Override
    public List<Base> bases() {
        return manifests().stream().map(LogSource::base).toList();
    }

    private static Base base(SnapshotManifest manifest) {
        return new Base(manifest.offset(), manifest.horizon());
    }

    @Override
    public void fetch(Base base, Path directory, Runnable checkStop) throws LostBaseException {
        SnapshotManifest manifest =
                manifests().stream().filter(one -> base(one).equals(base)).findFirst().orElse(null);
        if (snapshots == null || manifest == null) {
            throw new LostBaseException("the snapshot of offset " + base.offset() + " has gone");
        }
        try {
            snapshots.fetch(manifest, directory, checkStop);
        } catch (CorruptSnapshotException e) {
            throw new LostBaseException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the snapshot of offset " + base.offset() + " cannot be read", e);
        }
    }

    @Override
    public long logBeginning() {
        return log.beginning();
    }

    @Override
    public void read(long from, long to, Sink sink, Runnable checkStop) {
        log.read(from, to, sink, checkStop);
    }
}
