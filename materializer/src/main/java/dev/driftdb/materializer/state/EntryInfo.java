package dev.driftdb.materializer.state;

import java.util.UUID;

/**
 * What is remembered of each entry of the log.
 *
 * @param timestampMs append time in milliseconds since 1970, never less than that of an entry
 *     before
 * @param committed whether it took effect
 * @param changeCount how many rows it changed
 */
public record EntryInfo(
        long offset,
        long timestampMs,
        UUID transactionId,
        String origin,
        String user,
        String application,
        String tag,
        boolean committed,
        int changeCount) {}
