package dev.driftdb.query.server;

import java.io.PrintWriter;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** Rows as psql prints them. */
final class PsqlTable {
    private final List<String> names;
    private final List<Boolean> rightAligned;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * @param rightAligned by column, as psql does with numbers
     */
    PsqlTable(List<String> names, List<Boolean> rightAligned) {
        this.names = List.copyOf(names);
        this.rightAligned = List.copyOf(rightAligned);
    }

    static PsqlTable of(ResultSet results) throws SQLException {
        ResultSetMetaData columns = results.getMetaData();
        List<String> names = new ArrayList<>();
        List<Boolean> numbers = new ArrayList<>();
        for (int column = 1; column <= columns.getColumnCount(); column++) {
            names.add(columns.getColumnLabel(column));
            numbers.add(
                    switch (columns.getColumnType(column)) {
                        case Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.NUMERIC -> true;
                        case Types.REAL, Types.DOUBLE -> true;
                        default -> false;
                    });
        }
        PsqlTable table = new PsqlTable(names, numbers);
        while (results.next()) {
            List<String> row = new ArrayList<>();
            for (int column = 1; column <= names.size(); column++) {
                String value = results.getString(column);
                row.add(value == null ? "" : value);
            }
            table.add(row);
        }
        return table;
    }

    void add(List<String> row) {
        rows.add(List.copyOf(row));
    }

    void print(PrintWriter out) {
        int[] widths = new int[names.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = names.get(column).length();
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder header = new StringBuilder();
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String name = names.get(column);
            int left = (widths[column] - name.length()) / 2;
            header.append(column == 0 ? " " : "| ")
                    .append(" ".repeat(left))
                    .append(name)
                    .append(" ".repeat(widths[column] - name.length() - left + 1));
            line.append(column == 0 ? "" : "+").append("-".repeat(widths[column] + 2));
        }
        out.println(header);
        out.println(line);
        for (List<String> row : rows) {
            out.println(text(row, widths));
        }
        out.println("(" + rows.size() + (rows.size() == 1 ? " row)" : " rows)"));
    }

    private String text(List<String> row, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String value = row.get(column);
            String padding = " ".repeat(widths[column] - value.length());
            boolean last = column == widths.length - 1;
            text.append(column == 0 ? " " : "| ");
            if (rightAligned.get(column)) {
                text.append(padding).append(value).append(last ? "" : " ");
            } else {
                text.append(value).append(last ? "" : padding + " ");
            }
        }
        return text.toString();
    }
}
