package dev.driftdb.query.session;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that are all there already. */
final class ListRows implements Result.RowSource {
    private final Iterator<@Nullable Object[]> rows;
    private final String tag;

    ListRows(List<@Nullable Object[]> rows, String tag) {
        this.rows = rows.iterator();
        this.tag = tag;
    }

    @Override
    public @Nullable Object @Nullable [] next() {
        return rows.hasNext() ? rows.next() : null;
    }

    @Override
    public String tag() {
        return tag;
    }

    @Override
    public void close() {}
}
