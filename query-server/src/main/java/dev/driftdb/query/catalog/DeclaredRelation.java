package dev.driftdb.query.catalog;

import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A system relation as the resource {@code relations.txt} declares it, and the maker of its rows.
 * Immutable.
 */
final class DeclaredRelation {
    /** What the file says of a relation that cannot have rows in DriftDB. */
    private static final String EMPTY = "empty";

    private final int id;
    private final String schema;
    private final String kind;
    private final String name;
    private final boolean alwaysEmpty;
    private final List<ColumnDef> columns = new ArrayList<>();
    private final List<@Nullable Object> defaults = new ArrayList<>();
    private final Map<String, Integer> positions = new HashMap<>();

    private DeclaredRelation(String heading) {
        String[] words = heading.split(" ");
        schema = words[0];
        kind = words[1];
        id = Integer.parseInt(words[2]);
        name = words[3];
        alwaysEmpty = words.length > 4 && words[4].equals(EMPTY);
    }

    /** All relations in the order of the file. */
    static List<DeclaredRelation> load() {
        List<DeclaredRelation> relations = new ArrayList<>();
        for (String line : DataFile.lines("relations.txt")) {
            if (!line.startsWith(" ")) {
                relations.add(new DeclaredRelation(line));
                continue;
            }
            for (String column : line.strip().split(" ")) {
                relations.getLast().addColumn(column);
            }
        }
        return List.copyOf(relations);
    }

    /** {@code name:type[!][=value]}. */
    private void addColumn(String text) {
        int colon = text.indexOf(':');
        int equals = text.indexOf('=', colon);
        String typeText = text.substring(colon + 1, equals < 0 ? text.length() : equals);
        boolean notNull = typeText.endsWith("!");
        String typeName = notNull ? typeText.substring(0, typeText.length() - 1) : typeText;
        SqlType type = Types.findByName(typeName);
        if (type == null) {
            throw new IllegalStateException(name + "." + text + ": no such type");
        }
        String columnName = text.substring(0, colon);
        int number = columns.size() + 1;
        columns.add(
                new ColumnDef(
                        number,
                        columnName,
                        type,
                        -1,
                        notNull,
                        null,
                        null,
                        ColumnDef.Identity.NONE,
                        false));
        positions.put(columnName, number - 1);
        defaults.add(defaultValue(type, notNull, equals < 0 ? null : text.substring(equals + 1)));
    }

    private static @Nullable Object defaultValue(
            SqlType type, boolean notNull, @Nullable String text) {
        if (text == null && !notNull) {
            return null;
        }
        return switch (type.storage()) {
            case BOOLEAN -> "t".equals(text);
            case LONG -> text == null ? 0L : Long.parseLong(text);
            case FLOAT4 -> text == null ? 0f : Float.parseFloat(text);
            // The file separates by blanks, so it writes one blank as an underscore.
            case TEXT -> text == null ? "" : text.equals("_") ? " " : text;
            default -> null;
        };
    }

    int id() {
        return id;
    }

    String schema() {
        return schema;
    }

    String name() {
        return name;
    }

    /** r or v, as in pg_class.relkind. */
    String kind() {
        return kind;
    }

    boolean alwaysEmpty() {
        return alwaysEmpty;
    }

    List<ColumnDef> columns() {
        return columns;
    }

    /**
     * A row.
     *
     * @param namesAndValues column name, value, column name, value…; int for any integer type, char
     *     for text; what is not named holds its default
     */
    @Nullable Object[] row(@Nullable Object... namesAndValues) {
        @Nullable Object[] row = defaults.toArray();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Integer position = positions.get((String) namesAndValues[i]);
            if (position == null) {
                throw new IllegalArgumentException(name + " has no column " + namesAndValues[i]);
            }
            row[position] = stored(namesAndValues[i + 1]);
        }
        return row;
    }

    private static @Nullable Object stored(@Nullable Object value) {
        return switch (value) {
            case Integer number -> (Long) (long) number;
            case Character character -> character.toString();
            case null, default -> value;
        };
    }
}
