package dev.driftdb.materializer.snapshot.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Manifests as lines of text, version 1; {@link SnapshotManifest#encode()} has the format. */
final class ManifestText {
    private static final String MAGIC = "driftdb-snapshot ";
    private static final String VERSION = "1";
    private static final String CHECKSUM = "sha256 ";
    private static final int CHECKSUM_LINE = CHECKSUM.length() + 64 + 1;

    private final String[] lines;

    /** The line that is read next, from 0. */
    private int next;

    private ManifestText(String[] lines) {
        this.lines = lines;
    }

    static byte[] write(SnapshotManifest manifest) {
        StringBuilder text = new StringBuilder();
        text.append(MAGIC).append(VERSION).append('\n');
        text.append("topic-id ").append(manifest.topicId()).append('\n');
        text.append("state-format ").append(manifest.stateFormat()).append('\n');
        text.append("offset ").append(manifest.offset()).append('\n');
        text.append("time ").append(manifest.offsetTime()).append('\n');
        text.append("taken ").append(manifest.taken()).append('\n');
        text.append("horizon ").append(manifest.horizon()).append('\n');
        for (StoredFile file : manifest.files()) {
            text.append("file ").append(file.bytes()).append(' ').append(file.sha256());
            text.append(' ').append(file.name()).append('\n');
        }
        byte[] signed = text.toString().getBytes(ISO_8859_1);
        text.append(CHECKSUM).append(Sha256.of(signed, 0, signed.length)).append('\n');
        return text.toString().getBytes(ISO_8859_1);
    }

    static SnapshotManifest read(byte[] bytes) throws CorruptSnapshotException {
        if (bytes.length > SnapshotManifest.MAX_BYTES) {
            throw new CorruptSnapshotException(
                    "the manifest is larger than " + SnapshotManifest.MAX_BYTES + " bytes");
        }
        // One character for each byte: what is not ASCII stays what it is and fails below.
        String text = new String(bytes, ISO_8859_1);
        checkVersion(text);
        int signed = checkSum(bytes, text);
        try {
            SnapshotManifest manifest =
                    new ManifestText(text.substring(0, signed).split("\n", -1)).manifest();
            if (!Arrays.equals(write(manifest), bytes)) {
                throw new CorruptSnapshotException(
                        "the manifest does not write its values as this version does");
            }
            return manifest;
        } catch (IllegalArgumentException e) { // what the records refuse, and no numbers
            throw new CorruptSnapshotException("the manifest is wrong: " + e.getMessage(), e);
        } catch (DateTimeParseException e) {
            throw new CorruptSnapshotException(
                    "the manifest has no instant but \"" + e.getParsedString() + "\"", e);
        }
    }

    /**
     * The manifest that a store has under an id.
     *
     * @param location of the store, for messages
     */
    static SnapshotManifest read(InputStream in, String id, String location)
            throws IOException, CorruptSnapshotException {
        byte[] bytes = in.readNBytes(SnapshotManifest.MAX_BYTES + 1);
        try {
            SnapshotManifest manifest = read(bytes);
            if (!manifest.id().equals(id)) {
                throw new CorruptSnapshotException("it is the manifest of " + manifest.id());
            }
            return manifest;
        } catch (CorruptSnapshotException e) {
            throw new CorruptSnapshotException(
                    location + ": snapshot " + id + ": " + e.getMessage(), e);
        }
    }

    private static void checkVersion(String text) throws CorruptSnapshotException {
        int end = text.indexOf('\n');
        if (end < 0 || !text.startsWith(MAGIC)) {
            throw new CorruptSnapshotException(
                    "not a snapshot's manifest: its first line is not \"" + MAGIC + VERSION + "\"");
        }
        String version = text.substring(MAGIC.length(), end);
        if (!version.equals(VERSION)) {
            throw new CorruptSnapshotException("unknown version of the manifest: " + version);
        }
    }

    /** Where the line with the checksum begins. */
    private static int checkSum(byte[] bytes, String text) throws CorruptSnapshotException {
        int signed = bytes.length - CHECKSUM_LINE;
        if (signed <= 0
                || text.charAt(signed - 1) != '\n'
                || !text.startsWith(CHECKSUM, signed)
                || !text.endsWith("\n")) {
            throw new CorruptSnapshotException(
                    "the manifest does not end with its checksum, \"sha256 …\"");
        }
        String expected = text.substring(signed + CHECKSUM.length(), text.length() - 1);
        if (!Sha256.of(bytes, 0, signed).equals(expected)) {
            throw new CorruptSnapshotException("the manifest's checksum is wrong");
        }
        return signed;
    }

    private SnapshotManifest manifest() throws CorruptSnapshotException {
        next = 1; // behind the version
        String topicId = value("topic-id");
        int stateFormat = Integer.parseInt(value("state-format"));
        long offset = Long.parseLong(value("offset"));
        Instant offsetTime = Instant.parse(value("time"));
        Instant taken = Instant.parse(value("taken"));
        long horizon = Long.parseLong(value("horizon"));
        List<StoredFile> files = new ArrayList<>();
        while (next < lines.length - 1) { // the last one is what is behind the last line feed
            files.add(file(value("file")));
        }
        return new SnapshotManifest(
                topicId, stateFormat, offset, offsetTime, taken, horizon, files);
    }

    private String value(String key) throws CorruptSnapshotException {
        String line = next < lines.length ? lines[next] : "";
        next++;
        if (!line.startsWith(key + " ")) {
            throw new CorruptSnapshotException(
                    "line " + next + " of the manifest is not \"" + key + " …\": \"" + line + "\"");
        }
        return line.substring(key.length() + 1);
    }

    private static StoredFile file(String value) throws CorruptSnapshotException {
        String[] parts = value.split(" ", 3);
        if (parts.length != 3) {
            throw new CorruptSnapshotException(
                    "the manifest has no \"file BYTES SHA256 NAME\" but \"file " + value + "\"");
        }
        return new StoredFile(parts[2], Long.parseLong(parts[0]), parts[1]);
    }
}
