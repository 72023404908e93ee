package dev.driftdb.materializer.state;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a state says of itself.
 *
 * @param appliedOffset -1 for an empty state
 * @param timestampMs of the last entry
 * @param transactionId of the last record
 * @param topicId of the log, null before it is known
 * @param unfinished null unless it has a part of the entry after the applied offset
 * @param hasFormat false for a new state, which has yet to say its format
 */
record StateMeta(
        long appliedOffset,
        long timestampMs,
        UUID transactionId,
        @Nullable String topicId,
        @Nullable UnfinishedEntry unfinished,
        boolean hasFormat) {

    /**
     * @param meta the value of a key in meta
     * @throws UnusableStateException for another layout than this program's
     */
    static StateMeta read(Function<byte[], byte @Nullable []> meta, Path directory) {
        byte[] format = meta.apply(Layout.META_FORMAT);
        if (format != null && Layout.longAt(format, 0) != RocksTableState.FORMAT_VERSION) {
            throw new UnusableStateException(
                    "the state in "
                            + directory
                            + " has format "
                            + Layout.longAt(format, 0)
                            + ", this program writes format "
                            + RocksTableState.FORMAT_VERSION
                            + ": delete the directory and it is rebuilt from the log");
        }
        byte[] applied = meta.apply(Layout.META_APPLIED);
        byte[] topic = meta.apply(Layout.META_TOPIC);
        byte[] unfinished = meta.apply(Layout.META_UNFINISHED);
        return new StateMeta(
                applied == null ? -1 : Layout.longAt(applied, 0),
                applied == null ? Long.MIN_VALUE : Layout.longAt(applied, 8),
                applied == null
                        ? new UUID(0, 0)
                        : new UUID(Layout.longAt(applied, 16), Layout.longAt(applied, 24)),
                topic == null ? null : new String(topic, StandardCharsets.UTF_8),
                unfinished == null ? null : UnfinishedEntry.decode(unfinished),
                format != null);
    }
}
