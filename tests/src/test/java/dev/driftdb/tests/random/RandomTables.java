package dev.driftdb.tests.random;

import java.util.ArrayList;
import java.util.List;

/**
 * Some tables with few rows, many NULLs and equal values; names of columns repeat between tables.
 *
 * @param definitions CREATE and INSERT statements
 */
record RandomTables(List<Table> tables, List<String> definitions) {
    record Table(String name, List<Column> columns) {}

    /**
     * @param name qualified in a query
     */
    record Column(String name, Kind kind) {}

    private static final int TABLES = 4;
    private static final int ROWS_MAX = 14;

    static RandomTables make(Choice choice) {
        List<Table> tables = new ArrayList<>();
        List<String> definitions = new ArrayList<>();
        for (int number = 0; number < TABLES; number++) {
            Table table = table(choice, "t" + number);
            tables.add(table);
            define(choice, table, definitions);
        }
        return new RandomTables(tables, definitions);
    }

    private static Table table(Choice choice, String name) {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("id", Kind.INTEGER));
        columns.add(new Column("k", Kind.INTEGER));
        int more = 2 + choice.below(5);
        for (int i = 0; i < more; i++) {
            Kind kind = choice.of(Kind.values());
            columns.add(
                    new Column(
                            "c"
                                    + i
                                    + "_"
                                    + kind.name()
                                            .substring(0, 3)
                                            .toLowerCase(java.util.Locale.ROOT),
                            kind));
        }
        return new Table(name, columns);
    }

    private static void define(Choice choice, Table table, List<String> definitions) {
        List<String> columns = new ArrayList<>();
        for (Column column : table.columns()) {
            columns.add(column.name() + " " + column.kind().sql());
        }
        boolean key = choice.percent(70);
        if (key) {
            columns.add("PRIMARY KEY (id)");
        }
        definitions.add("CREATE TABLE " + table.name() + " (" + String.join(", ", columns) + ")");
        for (Column column : table.columns()) {
            if (choice.percent(25) && column.kind() != Kind.ARRAY) {
                definitions.add("CREATE INDEX ON " + table.name() + " (" + column.name() + ")");
            }
        }
        int rows = choice.percent(10) ? 0 : choice.below(ROWS_MAX);
        for (int row = 0; row < rows; row++) {
            List<String> values = new ArrayList<>();
            for (Column column : table.columns()) {
                values.add(
                        column.name().equals("id")
                                ? Integer.toString(row)
                                : choice.percent(20) ? "NULL" : column.kind().value(choice));
            }
            definitions.add(
                    "INSERT INTO " + table.name() + " VALUES (" + String.join(", ", values) + ")");
        }
    }
}
