package dev.driftdb.schemas.avro;

import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Which number stands for which Avro schema in the records of a database. A number is given once
 * and for ever. Subjects are those of Confluent's default strategy: {@code <topic>-key} and {@code
 * <topic>-value}. Safe for any thread.
 */
public interface SchemaRegistry {
    /**
     * The number of a schema, given now if it has none yet, and the schema registered as the newest
     * version of the subject.
     *
     * @throws IllegalStateException if the registry cannot be reached
     */
    int idOf(String subject, Schema schema);

    /** The schema with a number; null if no number of this database. */
    @Nullable Schema find(int id);

    /**
     * The schema with this CRC-64-AVRO fingerprint, for Avro's single-object encoding; null if
     * unknown, or if several schemas share it that differ in logical types.
     */
    @Nullable Schema findByFingerprint(long fingerprint);

    /**
     * Learns what other nodes registered up to now.
     *
     * @throws IllegalStateException if the registry cannot be reached
     */
    void refresh();

    /** All schemas known by now, by number. */
    Map<Integer, Schema> all();

    /** The subjects known by now, each with its versions, oldest first. */
    Map<String, List<Version>> subjects();

    /**
     * One version of a subject.
     *
     * @param version from 1
     */
    record Version(int version, int id) {}
}
