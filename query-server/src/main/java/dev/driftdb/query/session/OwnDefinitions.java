package dev.driftdb.query.session;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Catalog objects that a transaction has written or dropped, by id. */
final class OwnDefinitions {
    /**
     * @param object null if dropped
     * @param baseVersion the offset of the committed definition it replaces, -1 if there was none
     */
    record Definition(@Nullable CatalogObject object, long baseVersion) {}

    private final TreeMap<Integer, Definition> byId = new TreeMap<>();
    private @Nullable Catalog cachedBase;
    private Catalog cached = Catalog.EMPTY;

    boolean isEmpty() {
        return byId.isEmpty();
    }

    Map<Integer, Definition> all() {
        return byId;
    }

    @Nullable Definition put(int id, @Nullable Definition definition) {
        cachedBase = null;
        return definition == null ? byId.remove(id) : byId.put(id, definition);
    }

    @Nullable Definition get(int id) {
        return byId.get(id);
    }

    /** A committed catalog with these definitions on top. */
    Catalog over(Catalog base) {
        if (byId.isEmpty()) {
            return base;
        }
        if (cachedBase != base) {
            List<CatalogObject> written = new ArrayList<>();
            List<Integer> dropped = new ArrayList<>();
            byId.forEach((id, definition) -> {
                if (definition.object() == null) {
                    dropped.add(id);
                } else {
                    written.add(definition.object());
                }
            });
            cached = base.with(Catalog.UNCOMMITTED, written, dropped);
            cachedBase = base;
        }
        return cached;
    }
}
