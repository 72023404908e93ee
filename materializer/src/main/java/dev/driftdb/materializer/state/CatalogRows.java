package dev.driftdb.materializer.state;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of {@link dev.driftdb.schemas.catalog.SystemStorage#CATALOG}. */
public final class CatalogRows {
    private CatalogRows() {}

    /** The key of the row of an object. */
    public static Bytes key(int objectId) {
        return KeyCodec.key(List.of(Types.INT4), List.of((long) objectId));
    }

    /** The built-in object with this key; it has no row, but can be dropped. */
    public static @Nullable CatalogObject findBuiltIn(Bytes key) {
        for (CatalogObject object : Catalog.EMPTY.objects()) {
            if (key(object.id()).equals(key)) {
                return object;
            }
        }
        return null;
    }
}
