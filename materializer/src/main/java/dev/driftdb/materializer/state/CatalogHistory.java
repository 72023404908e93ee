package dev.driftdb.materializer.state;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogCodec;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.SystemStorage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The catalog as it was at any offset, made from its rows' history. Safe for any thread. */
final class CatalogHistory {
    /** Images kept; a session that reads the past mostly reads one or two places of it. */
    private static final int IMAGES_MAX = 16;

    /** Places in the history that are known at the same time. */
    private static final int SPANS_MAX = 10_000;

    private final Map<Long, Catalog> images = new LinkedHashMap<>(16, 0.75f, true);

    /** By version: up to which offset it is known to be the last one. */
    private final TreeMap<Long, Long> spans = new TreeMap<>();

    Catalog at(PublishedState state, long offset) {
        if (state.catalog.version() <= offset) {
            return state.catalog;
        }
        long version = version(state, offset);
        synchronized (images) {
            Catalog image = images.get(version);
            if (image != null) {
                return image;
            }
        }
        Catalog image = build(state, version);
        synchronized (images) {
            images.put(version, image);
            if (images.size() > IMAGES_MAX) {
                images.remove(images.keySet().iterator().next());
            }
        }
        return image;
    }

    private long version(PublishedState state, long offset) {
        synchronized (images) {
            Map.Entry<Long, Long> span = spans.floorEntry(offset);
            if (span != null && offset <= span.getValue()) {
                return span.getKey();
            }
        }
        long version = versionAt(state, offset);
        synchronized (images) {
            if (spans.size() >= SPANS_MAX) {
                spans.clear();
            }
            spans.merge(version, offset, Math::max);
        }
        return version;
    }

    /** The last offset at or before this one whose entry changed the catalog; -1 if none. */
    static long versionAt(PublishedState state, long offset) {
        if (offset < 0) {
            return -1;
        }
        byte[] target = Layout.catalogVersionKey(offset);
        try (BoundedIterator iterator =
                new BoundedIterator(
                        state.files,
                        state,
                        state.files.meta,
                        Layout.catalogVersionKey(0),
                        Layout.catalogVersionKey(-1),
                        false)) {
            return iterator.seekForPrev(target) ? Layout.longAt(iterator.key(), 1) : -1;
        }
    }

    static Catalog build(PublishedState state, long version) {
        TreeMap<Long, List<CatalogObject>> byOffset = new TreeMap<>();
        try (PastRows rows =
                new PastRows(state, SystemStorage.CATALOG, KeyRange.ALL, version, false)) {
            while (rows.next()) {
                byOffset.computeIfAbsent(rows.offset(), offset -> new ArrayList<>())
                        .add(CatalogCodec.decode(rows.row()));
            }
        }
        Catalog catalog = Catalog.EMPTY.with(-1, List.of(), droppedBuiltIns(state, version));
        for (Map.Entry<Long, List<CatalogObject>> written : byOffset.entrySet()) {
            catalog = catalog.with(written.getKey(), written.getValue(), List.of());
        }
        // The last change may have been a drop, which leaves no row to take the version from.
        return catalog.with(version, List.of(), List.of());
    }

    /** Built-in objects have no row, but dropping one leaves a deletion in the history. */
    private static List<Integer> droppedBuiltIns(PublishedState state, long version) {
        List<Integer> dropped = new ArrayList<>();
        try (GroupedIterator.History history =
                new GroupedIterator.History(
                        state.files, state, SystemStorage.CATALOG, KeyRange.ALL)) {
            for (CatalogObject object : Catalog.EMPTY.objects()) {
                byte[] key = CatalogRows.key(object.id()).array();
                if (history.seekVersion(key, version) && Layout.isDeletion(history.value())) {
                    dropped.add(object.id());
                }
            }
        }
        return dropped;
    }
}
