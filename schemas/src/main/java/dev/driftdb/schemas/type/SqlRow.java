package dev.driftdb.schemas.type;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row value, ROW(1, 'a'): its fields with their types.
 *
 * @param names of the fields, for JSON; empty where they have none. Rows are equal whatever the
 *     names of their fields.
 */
public record SqlRow(List<SqlType> types, List<@Nullable Object> values, List<String> names) {
    public SqlRow {
        if (types.size() != values.size() || (!names.isEmpty() && names.size() != values.size())) {
            throw new IllegalArgumentException("a row value needs one type and name per field");
        }
        types = List.copyOf(types);
        names = List.copyOf(names);
        // List.copyOf refuses null, and a field may be NULL.
        values = Collections.unmodifiableList(Arrays.asList(values.toArray()));
    }

    /** A row whose fields have no names. */
    public SqlRow(List<SqlType> types, List<@Nullable Object> values) {
        this(types, values, List.of());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SqlRow row && types.equals(row.types) && values.equals(row.values);
    }

    @Override
    public int hashCode() {
        return 31 * types.hashCode() + values.hashCode();
    }
}
