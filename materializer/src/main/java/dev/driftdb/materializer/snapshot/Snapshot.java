package dev.driftdb.materializer.snapshot;

import java.time.Instant;

/**
 * One snapshot in a store.
 *
 * @param offset the last entry in it
 * @param offsetTime the log's time of that entry
 * @param taken when it was taken
 * @param horizon from which offset on the history in it is whole, -1 if nothing is gone
 * @param bytes of its files, those that it shares with others included
 * @param location of the store
 * @param verified whether its manifest is sound and all of its files are there in full size; what
 *     is in them is compared with their checksums when they are fetched
 */
public record Snapshot(
        String id,
        long offset,
        Instant offsetTime,
        Instant taken,
        long horizon,
        long bytes,
        String location,
        boolean verified) {}
