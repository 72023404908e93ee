package dev.driftdb.materializer.snapshot.store;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a snapshot is: the state of a replica after one entry of the log, and the files that hold
 * it. As bytes it is lines of text, see {@link #encode()}.
 *
 * @param topicId Kafka's id of the log's topic; a snapshot is of use with this very log only
 * @param stateFormat version of the state's layout in its files
 * @param offset of the last entry that the state has in it, not negative
 * @param offsetTime the log's time of that entry
 * @param taken when the snapshot was taken, by the clock of the server that took it; not before
 *     1970
 * @param horizon the earliest offset as of which everything can be read from the state
 * @param files no two of the same name
 */
public record SnapshotManifest(
        String topicId,
        int stateFormat,
        long offset,
        Instant offsetTime,
        Instant taken,
        long horizon,
        List<StoredFile> files) {
    /** A larger manifest is refused; it would name half a million files. */
    static final int MAX_BYTES = 64 << 20;

    private static final Pattern TOPIC_ID = Pattern.compile("[A-Za-z0-9_-]+");

    /**
     * @throws IllegalArgumentException if something is not as said above
     */
    public SnapshotManifest {
        files = List.copyOf(files);
        if (!TOPIC_ID.matcher(topicId).matches()) {
            throw new IllegalArgumentException("not a topic's id: \"" + topicId + "\"");
        }
        if (stateFormat < 0) {
            throw new IllegalArgumentException("state format is negative: " + stateFormat);
        }
        if (offset < 0) {
            throw new IllegalArgumentException("offset is negative: " + offset);
        }
        if (taken.isBefore(Instant.EPOCH)) {
            throw new IllegalArgumentException("taken before 1970: " + taken);
        }
        Set<String> names = new HashSet<>();
        for (StoredFile file : files) {
            if (!names.add(file.name())) {
                throw new IllegalArgumentException("file " + file.name() + " is there twice");
            }
        }
    }

    /** Sum of the files' sizes. */
    public long bytes() {
        return files.stream().mapToLong(StoredFile::bytes).sum();
    }

    /** The snapshot's name in a store: the offset in 20 digits, "-", taken in milliseconds. */
    public String id() {
        return new SnapshotId(offset, taken.toEpochMilli()).toString();
    }

    /**
     * Lines of ASCII, each with a line feed:
     *
     * <pre>
     * driftdb-snapshot 1
     * topic-id ID
     * state-format NUMBER
     * offset NUMBER
     * time INSTANT
     * taken INSTANT
     * horizon NUMBER
     * file BYTES SHA256 NAME      (any number of them)
     * sha256 HEX                  (of all lines before)
     * </pre>
     *
     * Instants are ISO 8601 in UTC, to the nanosecond.
     */
    public byte[] encode() {
        return ManifestText.write(this);
    }

    /**
     * The opposite of {@link #encode()}; takes nothing that encode does not write.
     *
     * @throws CorruptSnapshotException whose message says what is wrong
     */
    public static SnapshotManifest decode(byte[] bytes) throws CorruptSnapshotException {
        return ManifestText.read(bytes);
    }
}
