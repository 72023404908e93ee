package dev.driftdb.ingest;

import dev.driftdb.schemas.avro.SchemaRegistry.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.Nullable;

/**
 * The fold of the registry's topic: which schema has which id and version, the first claim winning.
 * Safe for any thread.
 */
final class SchemaClaims {
    /**
     * That a schema has an id, and is a version of a subject.
     *
     * @param version from 1
     * @param id from 1
     */
    record Claim(String subject, int version, int id, Schema schema) {}

    private final Map<Integer, Schema> schemas = new TreeMap<>();
    private final Map<String, Integer> idsByText = new HashMap<>();
    private final Map<String, List<Version>> versions = new TreeMap<>();
    private final Map<Long, List<Schema>> byFingerprint = new HashMap<>();

    /** Takes a claim unless an earlier one stands against it; whether it was taken. */
    synchronized boolean apply(Claim claim) {
        String text = claim.schema().toString();
        Schema sameId = schemas.get(claim.id());
        Integer sameSchema = idsByText.get(text);
        List<Version> ofSubject = versions.getOrDefault(claim.subject(), List.of());
        boolean idFits = sameId == null || sameId.toString().equals(text);
        boolean schemaFits = sameSchema == null || sameSchema == claim.id();
        if (!idFits || !schemaFits || claim.version() != ofSubject.size() + 1) {
            return false;
        }
        if (sameId == null) {
            schemas.put(claim.id(), claim.schema());
            idsByText.put(text, claim.id());
            byFingerprint
                    .computeIfAbsent(fingerprint(claim.schema()), key -> new ArrayList<>())
                    .add(claim.schema());
        }
        List<Version> extended = new ArrayList<>(ofSubject);
        extended.add(new Version(claim.version(), claim.id()));
        versions.put(claim.subject(), List.copyOf(extended));
        return true;
    }

    /** The claim that would register this schema now. */
    synchronized Claim next(String subject, Schema schema) {
        Integer id = idsByText.get(schema.toString());
        return new Claim(
                subject,
                versions.getOrDefault(subject, List.of()).size() + 1,
                id != null ? id : schemas.keySet().stream().reduce(0, Math::max) + 1,
                schema);
    }

    /** The id of a schema that is registered under the subject. */
    synchronized @Nullable Integer idOf(String subject, Schema schema) {
        Integer id = idsByText.get(schema.toString());
        if (id == null) {
            return null;
        }
        return versions.getOrDefault(subject, List.of()).stream()
                        .anyMatch(version -> version.id() == id)
                ? id
                : null;
    }

    synchronized @Nullable Schema find(int id) {
        return schemas.get(id);
    }

    synchronized @Nullable Schema findByFingerprint(long fingerprint) {
        List<Schema> candidates = byFingerprint.getOrDefault(fingerprint, List.of());
        if (candidates.isEmpty()) {
            return null;
        }
        // The fingerprint leaves logical types out: with two scales of a decimal it says nothing.
        Schema first = candidates.getFirst();
        return candidates.stream().allMatch(each -> each.equals(first)) ? first : null;
    }

    synchronized Map<Integer, Schema> all() {
        return Map.copyOf(schemas);
    }

    synchronized Map<String, List<Version>> subjects() {
        return Map.copyOf(versions);
    }

    private static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }
}
