package dev.driftdb.materializer.state;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SstFileReader;

/**
 * The files of a state at one moment, in a directory of their own: links to those of the state
 * where the disk allows, copies elsewhere.
 *
 * @param offset the last entry in it
 * @param time of that entry
 * @param topicId of the log that it was folded from
 * @param horizon from which offset on the history of all storages in it is whole, -1 if nothing is
 *     gone
 */
public record StateCheckpoint(
        Path directory, long offset, Instant time, String topicId, long horizon) {
    private static final List<String> FAMILIES = List.of("default", "meta");

    /**
     * Writes what is in memory to files, and links them. Commits go on meanwhile.
     *
     * @param directory must not exist, its parent must
     */
    static void create(RocksFiles files, Path directory) {
        try (Checkpoint checkpoint = Checkpoint.create(files.db)) {
            checkpoint.createCheckpoint(directory.toString());
        } catch (RocksDBException e) {
            throw files.damage.failure("make a checkpoint of the state", e);
        }
    }

    /** What a checkpoint holds; null if a part of an entry is in it, or nothing. */
    static @Nullable StateCheckpoint of(Path directory) {
        List<ColumnFamilyDescriptor> families =
                FAMILIES.stream()
                        .map(name ->
                                new ColumnFamilyDescriptor(
                                        name.getBytes(StandardCharsets.US_ASCII)))
                        .toList();
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (DBOptions options = new DBOptions();
                RocksDB db =
                        RocksDB.openReadOnly(options, directory.toString(), families, handles)) {
            ColumnFamilyHandle meta = handles.getLast();
            StateMeta state = StateMeta.read(key -> get(db, meta, key), directory);
            long horizon = horizon(db, meta);
            handles.forEach(ColumnFamilyHandle::close);
            String topicId = state.topicId();
            if (state.unfinished() != null || topicId == null || state.appliedOffset() < 0) {
                return null;
            }
            return new StateCheckpoint(
                    directory,
                    state.appliedOffset(),
                    Instant.ofEpochMilli(state.timestampMs()),
                    topicId,
                    horizon);
        } catch (RocksDBException e) {
            throw RocksFiles.failed("open the checkpoint in " + directory, e);
        }
    }

    private static byte @Nullable [] get(RocksDB db, ColumnFamilyHandle family, byte[] key) {
        try {
            return db.get(family, key);
        } catch (RocksDBException e) {
            throw RocksFiles.failed("read a checkpoint", e);
        }
    }

    private static long horizon(RocksDB db, ColumnFamilyHandle meta) throws RocksDBException {
        long greatest = StorageOffsets.NONE;
        byte[] first = Layout.storageKey(Layout.META_HORIZON, 0);
        try (ReadOptions options = new ReadOptions();
                RocksIterator keys = db.newIterator(meta, options)) {
            for (keys.seek(first); keys.isValid() && keys.key()[0] == first[0]; keys.next()) {
                greatest = Math.max(greatest, Layout.longAt(keys.value(), 0));
            }
            keys.status();
        }
        return greatest;
    }

    /**
     * Reads a table file whole and compares the checksums of its blocks.
     *
     * @param file an .sst file of a checkpoint
     * @throws IllegalStateException if it is damaged
     */
    public static void verify(Path file) {
        try (Options options = new Options();
                SstFileReader reader = new SstFileReader(options)) {
            reader.open(file.toString());
            reader.verifyChecksum();
        } catch (RocksDBException e) {
            throw RocksFiles.failed("store " + file.getFileName() + ", which is damaged", e);
        }
    }
}
