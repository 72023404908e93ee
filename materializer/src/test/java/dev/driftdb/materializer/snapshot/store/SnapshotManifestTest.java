package dev.driftdb.materializer.snapshot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SnapshotManifestTest {
    private static final String HASH = "a1".repeat(32);
    private static final SnapshotManifest MANIFEST =
            new SnapshotManifest(
                    "q1Sh-9_6SkyTlvCd6zHzGg",
                    7,
                    4711,
                    Instant.parse("2026-11-23T10:15:30.123Z"),
                    Instant.parse("2026-11-23T10:15:31.000000001Z"),
                    42,
                    List.of(
                            new StoredFile("000012.sst", 3_000_000_000L, HASH),
                            new StoredFile("CURRENT", 16, "0f".repeat(32))));
    private static final String TEXT =
            """
            driftdb-snapshot 1
            topic-id q1Sh-9_6SkyTlvCd6zHzGg
            state-format 7
            offset 4711
            time 2026-11-23T10:15:30.123Z
            taken 2026-11-23T10:15:31.000000001Z
            horizon 42
            file 3000000000 %s 000012.sst
            file 16 %s CURRENT
            """
                    .formatted(HASH, "0f".repeat(32));

    @Test
    void what_is_encoded_is_what_is_decoded() throws Exception {
        assertThat(SnapshotManifest.decode(MANIFEST.encode())).isEqualTo(MANIFEST);
    }

    @Test
    void the_text_stays_as_it_was_written_first() throws Exception {
        assertThat(new String(MANIFEST.encode(), UTF_8)).isEqualTo(signed(TEXT));
    }

    @Test
    void a_snapshot_may_have_no_files() throws Exception {
        SnapshotManifest empty =
                new SnapshotManifest("t", 1, 0, Instant.EPOCH, Instant.EPOCH, 0, List.of());
        assertThat(SnapshotManifest.decode(empty.encode())).isEqualTo(empty);
        assertThat(empty.bytes()).isZero();
    }

    @Test
    void id_sorts_by_offset_and_sizes_are_summed() {
        assertThat(MANIFEST.id()).isEqualTo("00000000000000004711-1795428931000");
        assertThat(MANIFEST.bytes()).isEqualTo(3_000_000_016L);
    }

    @Test
    void every_changed_byte_is_found() {
        byte[] bytes = MANIFEST.encode();
        for (int at = 0; at < bytes.length; at++) {
            for (int mask = 1; mask <= 255; mask++) {
                byte[] changed = bytes.clone();
                changed[at] ^= (byte) mask;
                assertThatThrownBy(() -> SnapshotManifest.decode(changed))
                        .as("byte %d xor %d", at, mask)
                        .isInstanceOf(CorruptSnapshotException.class);
            }
        }
    }

    @Test
    void every_missing_end_is_found() {
        byte[] bytes = MANIFEST.encode();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> SnapshotManifest.decode(cut))
                    .as("the first %d bytes", length)
                    .isInstanceOf(CorruptSnapshotException.class);
        }
    }

    /** Whoever wrote these knew how to sign. */
    @ParameterizedTest
    @CsvSource({
        "driftdb-snapshot 1, driftdb-snapshot 2, unknown version of the manifest: 2",
        "driftdb-snapshot 1, driftdb-backup 1, not a snapshot's manifest",
        "000012.sst, ../etc, not a plain name of a file: \"../etc\"",
        "000012.sst, a\\b, not a plain name of a file",
        "000012.sst, .., not a plain name of a file: \"..\"",
        "000012.sst, CURRENT, file CURRENT is there twice",
        "file 16, file -16, size of CURRENT is negative: -16",
        "file 16, file 016, does not write its values",
        "file 16, file many, many",
        "offset 4711, offset -1, offset is negative: -1",
        "state-format 7, state-format -7, state format is negative",
        "horizon 42, horizont 42, \"horizon …\"",
        "time 2026, time at 2026, no instant",
        "taken 2026, taken 1926, taken before 1970",
        "a1a1, A1a1, not a SHA-256",
        "topic-id q, topic-id /, not a topic's id",
        "file 16 0, file 160, file 160",
    })
    void the_message_names_what_is_wrong(String right, String wrong, String message)
            throws Exception {
        String text =
                signed(
                        TEXT.replaceFirst(
                                java.util.regex.Pattern.quote(right),
                                java.util.regex.Matcher.quoteReplacement(wrong)));
        assertThatThrownBy(() -> SnapshotManifest.decode(text.getBytes(UTF_8)))
                .isInstanceOf(CorruptSnapshotException.class)
                .hasMessageContaining(message);
    }

    @Test
    void a_wrong_checksum_is_named() {
        String text = new String(MANIFEST.encode(), UTF_8).replace("offset 4711", "offset 4712");
        assertThatThrownBy(() -> SnapshotManifest.decode(text.getBytes(UTF_8)))
                .isInstanceOf(CorruptSnapshotException.class)
                .hasMessageContaining("checksum is wrong");
    }

    private static String signed(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return text + "sha256 " + Sha256.of(bytes, 0, bytes.length) + "\n";
    }
}
