package dev.driftdb.materializer.state;

import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;

/** Keys in [from, to); an empty {@code to} means no upper end. */
public record KeyRange(Bytes from, Bytes to) {
    public static final KeyRange ALL = new KeyRange(Bytes.EMPTY, Bytes.EMPTY);

    /** All keys that begin with a prefix, which is also all entries with these first columns. */
    public static KeyRange prefix(Bytes prefix) {
        return new KeyRange(prefix, KeyCodec.after(prefix));
    }

    public boolean contains(Bytes key) {
        return key.compareTo(from) >= 0 && (to.length() == 0 || key.compareTo(to) < 0);
    }
}
