package dev.driftdb.ingest.events;

/**
 * A table with {@code ingest = on}.
 *
 * @param partitions how many partitions its topic is made with; events of one partition keep their
 *     order and are applied one after another, those of different ones side by side
 */
public record IngestTable(String schema, String table, int partitions) {}
