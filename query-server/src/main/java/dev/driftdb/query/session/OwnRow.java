package dev.driftdb.query.session;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A row that a transaction has written: its versions by command, newest first. A statement sees the
 * versions of earlier commands only.
 */
final class OwnRow {
    /**
     * One version.
     *
     * @param command the number of the statement that wrote it
     * @param row its bytes, null if deleted
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity only
    record Version(int command, byte @Nullable [] row, @Nullable Version previous) {}

    final Bytes key;

    /** The committed row that it stands for, null if there was none. */
    final @Nullable StoredRow base;

    /** Null before the first version, and once every version was rolled back. */
    @Nullable Version newest;

    OwnRow(Bytes key, @Nullable StoredRow base) {
        this.key = key;
        this.base = base;
    }

    /** The newest version, null if it is gone. */
    byte @Nullable [] bytes() {
        return newest == null ? null : newest.row();
    }

    /** The version that a command sees, null if it sees none of ours. */
    @Nullable Version visibleTo(int command) {
        Version version = newest;
        while (version != null && version.command() >= command) {
            version = version.previous();
        }
        return version;
    }
}
