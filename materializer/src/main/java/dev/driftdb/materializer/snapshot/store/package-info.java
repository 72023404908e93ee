/**
 * Where snapshots are kept: files by the hash of their bytes, and a manifest for each snapshot that
 * names its files. Knows nothing of RocksDB.
 */
@NullMarked
package dev.driftdb.materializer.snapshot.store;

import org.jspecify.annotations.NullMarked;
