package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The order of ORDER BY over rows. Immutable. */
public final class RowOrder {
    /** One sort key. */
    public record Key(Eval value, SqlType type, boolean descending, boolean nullsFirst) {}

    private final Eval[] evals;
    private final List<Comparator<Object>> orders = new ArrayList<>();
    private final boolean[] descending;
    private final boolean[] nullsFirst;

    public RowOrder(List<Key> keys) {
        evals = keys.stream().map(Key::value).toArray(Eval[]::new);
        descending = new boolean[evals.length];
        nullsFirst = new boolean[evals.length];
        for (int i = 0; i < evals.length; i++) {
            orders.add(ValueOrder.of(keys.get(i).type()));
            descending[i] = keys.get(i).descending();
            nullsFirst[i] = keys.get(i).nullsFirst();
        }
    }

    @Nullable Object[] keysOf(@Nullable Object[] row, Frame frame) {
        @Nullable Object[] keys = new @Nullable Object[evals.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = evals[i].eval(row, frame);
        }
        return keys;
    }

    int compareKeys(@Nullable Object[] a, @Nullable Object[] b) {
        for (int i = 0; i < evals.length; i++) {
            Object x = a[i];
            Object y = b[i];
            if (x == null || y == null) {
                if ((x == null) != (y == null)) {
                    return (x == null) == nullsFirst[i] ? -1 : 1;
                }
                continue;
            }
            int order = orders.get(i).compare(x, y);
            if (order != 0) {
                return descending[i] ? -order : order;
            }
        }
        return 0;
    }
}
