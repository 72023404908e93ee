package dev.driftdb.query.define;

import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What makes the keys of indexes, kept while the definitions are the same objects. Safe for any
 * thread.
 */
public final class IndexKeys {
    /** Indexes kept; above that all are made anew. */
    private static final int INDEXES_MAX = 10_000;

    private final Map<Integer, IndexKey> byIndex = new ConcurrentHashMap<>();

    public IndexKeys() {}

    /** Null if it has to be made: {@link #of}. */
    public @Nullable IndexKey find(TableDef table, IndexDef index) {
        IndexKey known = byIndex.get(index.id());
        return known != null && known.isOf(index, table) ? known : null;
    }

    /**
     * @param scope binds the index's expressions if it has any
     */
    public IndexKey of(DefinitionScope scope, TableDef table, IndexDef index) {
        IndexKey known = find(table, index);
        if (known != null) {
            return known;
        }
        IndexKey made = make(scope, table, index);
        if (byIndex.size() >= INDEXES_MAX) {
            byIndex.clear();
        }
        byIndex.put(index.id(), made);
        return made;
    }

    static IndexKey make(DefinitionScope scope, TableDef table, IndexDef index) {
        return new IndexKey(
                index, table, index.computed() ? new ComputedIndex(scope, table, index) : null);
    }
}
