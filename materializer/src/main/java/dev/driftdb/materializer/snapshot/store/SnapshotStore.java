package dev.driftdb.materializer.snapshot.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A place for snapshots, outside the state that they were taken of. Files are kept by the SHA-256
 * of their bytes, so that what two snapshots have in common is there once. A snapshot is there when
 * its manifest is: files first, each unless the store {@link #holds} it, then {@link #publish}.
 *
 * <p>Any thread may call it, and several processes may use one place. But who sweeps must know of
 * every snapshot that is being made: a sweep takes files that no manifest names yet.
 *
 * <p>Calls block for as long as the place takes. An IOException says that the place could not be
 * reached or used; what had been begun is not there then, and the call may be made again.
 */
public interface SnapshotStore extends AutoCloseable {
    /**
     * Whether the file is there with that size. Its bytes are looked at by {@link #fetch} only.
     *
     * @param sha256 64 hexadecimal digits in lower case
     */
    boolean holds(String sha256, long bytes) throws IOException;

    /**
     * Copies a file into the store; nothing is written if the store holds it. When this returns,
     * the copy is durable.
     *
     * @param sha256 of its bytes, 64 hexadecimal digits in lower case
     * @throws IOException also if the file's bytes have another hash
     */
    void put(String sha256, Path file) throws IOException;

    /**
     * Copies a file out of the store, durably.
     *
     * @param target must not be there yet
     * @throws CorruptSnapshotException if the store lacks the file, or its size or hash is another;
     *     nothing is left at the target then, nor after an IOException
     */
    void fetch(StoredFile file, Path target) throws IOException, CorruptSnapshotException;

    /**
     * Makes a snapshot one of the store, in one step. All its files must have been put. A snapshot
     * of the same id is replaced.
     */
    void publish(SnapshotManifest manifest) throws IOException;

    /** Ids of all snapshots, the newest first: by offset, then by when they were taken. */
    List<String> ids() throws IOException;

    /**
     * @throws java.nio.file.NoSuchFileException if there is no such snapshot (any more)
     * @throws CorruptSnapshotException if its manifest is not what was published
     */
    SnapshotManifest manifest(String id) throws IOException, CorruptSnapshotException;

    /** Removes a snapshot; its files stay until they are swept. Nothing happens if it is gone. */
    void delete(String id) throws IOException;

    /**
     * Deletes stored files that nobody wants any more.
     *
     * @param keep hashes of the files that stay
     * @return how many it deleted
     */
    int sweep(Set<String> keep) throws IOException;

    /** What {@link SnapshotStores#open} takes, for people to read; holds no secret. */
    String location();

    @Override
    void close();
}
