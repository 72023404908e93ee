package dev.driftdb.query.session;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Precondition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Catalog objects that a transaction has written or dropped, by id, and those of others that it has
 * written rows under.
 */
final class OwnDefinitions {
    /**
     * @param object null if dropped
     * @param baseVersion the offset of the committed definition it replaces, -1 if there was none
     */
    record Definition(@Nullable CatalogObject object, long baseVersion) {}

    private final TreeMap<Integer, Definition> byId = new TreeMap<>();

    /** The versions of tables that rows were written under, by id. */
    private final Map<Integer, Long> used = new HashMap<>();

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

    /**
     * Rows are about to be written under a table's definition.
     *
     * @param catalog in which it is
     */
    void use(Catalog catalog, TableDef table) {
        long version = catalog.versionOf(table.id());
        if (version != Catalog.UNCOMMITTED) {
            used.putIfAbsent(table.id(), version);
        }
    }

    /** What must still hold at commit of the definitions of others that were used. */
    List<Precondition.DefinitionUnchanged> used() {
        List<Precondition.DefinitionUnchanged> result = new ArrayList<>();
        used.forEach((id, version) -> {
            if (!byId.containsKey(id)) {
                result.add(new Precondition.DefinitionUnchanged(id, version));
            }
        });
        return result;
    }

    /**
     * The first of {@link #used()} that does not hold in a committed catalog; null if all do. Rows
     * written under another definition mean nothing in it.
     */
    @Nullable Precondition findOutdated(Catalog committed) {
        for (Precondition.DefinitionUnchanged definition : used()) {
            if (committed.versionOf(definition.objectId()) != definition.version()) {
                return definition;
            }
        }
        return null;
    }
}
