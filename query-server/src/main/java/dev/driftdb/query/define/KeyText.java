package dev.driftdb.query.define;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.TextFormat;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** A key as messages show it. */
public final class KeyText {
    private KeyText() {}

    /** (a, b)=(1, x): the names of some columns of a stored row and their values. */
    public static String of(TableDef table, List<Integer> numbers, @Nullable Object[] values) {
        StringJoiner names = new StringJoiner(", ", "(", ")");
        StringJoiner texts = new StringJoiner(", ", "(", ")");
        for (int number : numbers) {
            ColumnDef column = table.column(number);
            Object value = values[number - 1];
            names.add(column.name());
            texts.add(
                    value == null
                            ? "null"
                            : TextFormat.format(column.type(), value, FormatSettings.UTC));
        }
        return names + "=" + texts;
    }
}
