package dev.driftdb.materializer.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Range;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.TableProperties;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open RocksDB with our column families. Readers hold it open: {@link #close} waits for them,
 * and closes only after the last, because a native read of a closed database ends the process.
 */
final class RocksFiles {
    static {
        RocksDB.loadLibrary();
    }

    private static final Logger LOG = LoggerFactory.getLogger(RocksFiles.class);

    /** Small enough that a point read does not unpack much, large enough that scans compress. */
    private static final int BLOCK_BYTES = 8 << 10;

    private static final int BLOOM_BITS_PER_KEY = 10;
    private static final int BACKGROUND_JOBS = 2;
    private static final String TABLE_FILE = ".sst";
    private static final String MANIFEST = "MANIFEST-";
    private static final int INFO_LOGS_KEPT = 2;

    /**
     * The manifest is written anew with each change of files, so that it does not keep the first
     * and last keys of files that are gone.
     */
    private static final Properties FRESH_MANIFEST = freshManifest();

    /** The share of the memory for changes that one column family may fill before it is written. */
    private static final int MEMTABLE_SHARE = 2;

    final ColumnFamilyHandle current;
    final ColumnFamilyHandle history;
    final ColumnFamilyHandle index;
    final ColumnFamilyHandle time;
    final ColumnFamilyHandle meta;
    final ColumnFamilyHandle chunks;
    final RocksDB db;

    final StateDamage damage;

    final HistoryIterators historyIterators = new HistoryIterators(this);

    private final Path directory;
    private final Consumer<Path> fill;
    private final List<ColumnFamilyHandle> handles = new ArrayList<>();
    private final List<AbstractNativeReference> owned = new ArrayList<>();
    private final WriteOptions writeOptions = new WriteOptions().setDisableWAL(true);

    private final Object lock = new Object();
    private final CountDownLatch filesClosed = new CountDownLatch(1);
    private int users = 1;
    private boolean closed;

    /** Begins with nothing where there are no files. */
    RocksFiles(Path directory, ReplicaSettings settings) {
        this(directory, settings, empty -> {});
    }

    /**
     * @param fill puts files into a directory that has none, or leaves it as it is
     */
    RocksFiles(Path directory, ReplicaSettings settings, Consumer<Path> fill) {
        this.directory = directory;
        this.fill = fill;
        this.damage = new StateDamage(directory);
        String damaged = damage.knownDamage();
        if (damaged != null) {
            damage.moveAside(damaged);
        }
        fillIfNew();
        Cache cache = own(new LRUCache(settings.blockCacheBytes()));
        DBOptions options =
                own(
                        Objects.requireNonNull(DBOptions.getDBOptionsFromProps(FRESH_MANIFEST))
                                .setCreateIfMissing(true)
                                .setCreateMissingColumnFamilies(true)
                                .setAtomicFlush(true)
                                .setMaxBackgroundJobs(BACKGROUND_JOBS)
                                .setDbWriteBufferSize(settings.memtableBytes())
                                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                                .setKeepLogFileNum(INFO_LOGS_KEPT));
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        for (String name :
                List.of("default", "current", "history", "index", "time", "meta", "chunks")) {
            families.add(
                    new ColumnFamilyDescriptor(
                            name.getBytes(StandardCharsets.US_ASCII),
                            familyOptions(cache, settings)));
        }
        db = open(options, families);
        current = handles.get(1);
        history = handles.get(2);
        index = handles.get(3);
        time = handles.get(4);
        meta = handles.get(5);
        chunks = handles.get(6);
    }

    private static Properties freshManifest() {
        Properties properties = new Properties();
        properties.setProperty("max_manifest_file_size", "1");
        properties.setProperty("max_manifest_space_amp_pct", "0");
        return properties;
    }

    private void fillIfNew() {
        try {
            Files.createDirectories(directory);
            if (!Files.exists(directory.resolve(StateDamage.CURRENT))) {
                fill.accept(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + directory, e);
        }
    }

    private RocksDB open(DBOptions options, List<ColumnFamilyDescriptor> families) {
        try {
            try {
                return RocksDB.open(options, directory.toString(), families, handles);
            } catch (RocksDBException e) {
                if (!StateDamage.isDamage(e)) {
                    throw e;
                }
                damage.moveAside(String.valueOf(e.getMessage()));
                handles.clear();
                fillIfNew();
                return RocksDB.open(options, directory.toString(), families, handles);
            }
        } catch (RocksDBException e) {
            throw failed("open the state in " + directory, e);
        }
    }

    private ColumnFamilyOptions familyOptions(Cache cache, ReplicaSettings settings) {
        BlockBasedTableConfig table =
                new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setBlockSize(BLOCK_BYTES)
                        .setFilterPolicy(own(new BloomFilter(BLOOM_BITS_PER_KEY)))
                        .setCacheIndexAndFilterBlocks(true)
                        .setPinL0FilterAndIndexBlocksInCache(true);
        return own(
                new ColumnFamilyOptions()
                        .setTableFormatConfig(table)
                        .setCompressionType(CompressionType.LZ4_COMPRESSION)
                        .setLevelCompactionDynamicLevelBytes(true)
                        .setWriteBufferSize(settings.memtableBytes() / MEMTABLE_SHARE));
    }

    private <T extends AbstractNativeReference> T own(T resource) {
        owned.add(resource);
        return resource;
    }

    /** For what is no damage of the files. */
    static IllegalStateException failed(String what, RocksDBException cause) {
        return new IllegalStateException("cannot " + what + ": " + cause.getMessage(), cause);
    }

    byte @Nullable [] get(ColumnFamilyHandle family, byte[] key) {
        try {
            return db.get(family, key);
        } catch (RocksDBException e) {
            throw damage.failure("read the state", e);
        }
    }

    /** Reads as much of a value as an array takes; false if there is none. */
    boolean getStart(ColumnFamilyHandle family, byte[] key, byte[] start) {
        try {
            return db.get(family, key, start) != RocksDB.NOT_FOUND;
        } catch (RocksDBException e) {
            throw failed("read the state", e);
        }
    }

    /** How many entries a range of keys has, from the sizes of files and what is in memory. */
    long estimatedEntries(ColumnFamilyHandle family, byte[] from, byte[] to) {
        try (Slice first = new Slice(from);
                Slice end = new Slice(to)) {
            Range range = new Range(first, end);
            long entries = db.getApproximateMemTableStats(family, range).count;
            long bytes =
                    db.getApproximateSizes(
                                    family, List.of(range), SizeApproximationFlag.INCLUDE_FILES)[0];
            if (bytes > 0) {
                long fileEntries = 0;
                long fileBytes = 0;
                for (TableProperties file : db.getPropertiesOfAllTables(family).values()) {
                    fileEntries += file.getNumEntries();
                    fileBytes += file.getDataSize();
                }
                entries += fileBytes == 0 ? 0 : (long) ((double) bytes / fileBytes * fileEntries);
            }
            return entries;
        } catch (RocksDBException e) {
            throw damage.failure("read the state's sizes", e);
        }
    }

    void write(WriteBatch batch) {
        try {
            db.write(writeOptions, batch);
        } catch (RocksDBException e) {
            throw damage.failure("write the state", e);
        }
    }

    void write(BatchBytes batch) {
        try (WriteBatch written = batch.toWriteBatch()) {
            write(written);
        } catch (RocksDBException e) {
            throw failed("write the state", e);
        }
    }

    /** Whether files that were replaced are still there, because somebody reads them. */
    boolean hasObsolete() {
        Set<String> live = new HashSet<>();
        for (LiveFileMetaData file : db.getLiveFilesMetaData()) {
            live.add(file.fileName().replace("/", ""));
        }
        try (Stream<Path> files = Files.list(directory)) {
            live.add(Files.readString(directory.resolve(StateDamage.CURRENT)).strip());
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(TABLE_FILE) || name.startsWith(MANIFEST))
                    .anyMatch(name -> !live.contains(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + directory, e);
        }
    }

    /** Writes everything in memory to files, all column families at one offset. */
    void flush() {
        try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
            db.flush(options, handles);
        } catch (RocksDBException e) {
            throw damage.failure("flush the state", e);
        }
    }

    /** One more user that needs it open; false when it is closed or closing. */
    boolean acquire() {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            users++;
            return true;
        }
    }

    /** Itself and each published state that is still held. */
    int users() {
        synchronized (lock) {
            return users;
        }
    }

    void release() {
        synchronized (lock) {
            users--;
            if (users > 0) {
                return;
            }
        }
        closeFiles();
        filesClosed.countDown();
    }

    /** Lets no further user in and waits for those that are there. */
    void close(Duration wait) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            flush();
        } catch (RuntimeException e) {
            // What is not in files is applied once more from the log.
            LOG.warn("the state in {} is closed as it was on disk: {}", directory, e.getMessage());
        }
        release();
        try {
            if (!filesClosed.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("readers still hold the state in {}: the last closes it", directory);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeFiles() {
        historyIterators.close();
        handles.forEach(ColumnFamilyHandle::close);
        try {
            db.closeE();
        } catch (RocksDBException e) {
            LOG.warn("closing the state in {} failed", directory, e);
        }
        writeOptions.close();
        for (AbstractNativeReference resource : owned.reversed()) {
            resource.close();
        }
    }
}
