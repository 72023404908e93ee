package dev.driftdb.query.function;

import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions of FROM that are made of others. */
public final class RowsFrom {
    private static final int OID = 199_100;

    private RowsFrom() {}

    /** One row: the value of the only argument. */
    public static TableFunction value(SqlType type) {
        return new TableFunction(
                OID,
                "pg_catalog",
                "value",
                List.of(type),
                false,
                0,
                List.of("value"),
                List.of(type),
                false,
                (a, _) -> {
                    List<@Nullable Object[]> rows = new ArrayList<>();
                    rows.add(new @Nullable Object[] {a[0]});
                    return rows.iterator();
                });
    }

    /**
     * The rows of several functions side by side, NULL where one has ended before another.
     *
     * @param counts how many of the arguments belong to each
     */
    public static TableFunction of(List<TableFunction> functions, List<Integer> counts) {
        List<String> names = new ArrayList<>();
        List<SqlType> types = new ArrayList<>();
        for (TableFunction function : functions) {
            names.addAll(function.columnNames());
            types.addAll(function.columnTypes());
        }
        return new TableFunction(
                OID,
                "pg_catalog",
                "rows from",
                List.of(),
                false,
                0,
                names,
                types,
                false,
                (arguments, context) -> {
                    List<Iterator<@Nullable Object[]>> sources = new ArrayList<>();
                    int at = 0;
                    for (int i = 0; i < functions.size(); i++) {
                        TableFunction function = functions.get(i);
                        @Nullable Object[] own =
                                Arrays.copyOfRange(arguments, at, at + counts.get(i));
                        at += counts.get(i);
                        boolean empty = function.strict() && Arrays.asList(own).contains(null);
                        sources.add(
                                empty
                                        ? Collections.emptyIterator()
                                        : function.body().rows(own, context));
                    }
                    return new Rows(functions, sources, names.size());
                });
    }

    private record Rows(
            List<TableFunction> functions, List<Iterator<@Nullable Object[]>> sources, int width)
            implements Iterator<@Nullable Object[]> {
        @Override
        public boolean hasNext() {
            for (Iterator<@Nullable Object[]> source : sources) {
                if (source.hasNext()) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public @Nullable Object[] next() {
            @Nullable Object[] row = new @Nullable Object[width];
            int column = 0;
            for (int i = 0; i < sources.size(); i++) {
                int columns = functions.get(i).columnNames().size();
                if (sources.get(i).hasNext()) {
                    System.arraycopy(sources.get(i).next(), 0, row, column, columns);
                }
                column += columns;
            }
            return row;
        }
    }
}
