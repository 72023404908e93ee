package dev.driftdb.materializer.snapshot;

/**
 * What a log has, for the snapshots that may belong to it.
 *
 * @param topicId Kafka's
 * @param beginning the first offset that is there
 * @param end the offset after the last
 */
public record LogRange(String topicId, long beginning, long end) {}
