package dev.driftdb.materializer.state;

import org.jspecify.annotations.Nullable;

/** When entries were appended, from the newest state. */
final class EntryTimes {
    private EntryTimes() {}

    /**
     * The time of the last entry up to an offset, that of the first if that comes after it, in
     * milliseconds since 1970; null if there is none.
     */
    static @Nullable Long timestampAt(RocksFiles files, long offset) {
        try (BoundedIterator times =
                new BoundedIterator(
                        files,
                        null,
                        files.time,
                        Layout.longBytes(0),
                        Layout.longBytes(-1),
                        false)) {
            boolean found =
                    (offset >= 0 && times.seekForPrev(Layout.longBytes(offset))) || times.first();
            return found ? EntryInfoCodec.timestampMs(times.value()) : null;
        }
    }
}
