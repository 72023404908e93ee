package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.TextFormat;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** What must hold of rows before they are stored, and the two shapes of a row. */
public final class TableWriter {
    /** A CHECK condition (or a view's, which must be true) over the visible columns. */
    public record Check(String name, Eval condition, boolean ofView) {}

    private static final int SHOWN_CHARS_MAX = 64;

    private final TableDef table;
    private final String schema;
    private final List<ColumnDef> visible;
    private final List<Check> checks;
    private final List<Insert.Assignment> generated;

    /**
     * @param generated the values of generated columns, over the visible columns
     */
    public TableWriter(
            TableDef table, String schema, List<Check> checks, List<Insert.Assignment> generated) {
        this.table = table;
        this.schema = schema;
        this.visible = table.visibleColumns();
        this.checks = List.copyOf(checks);
        this.generated = List.copyOf(generated);
    }

    TableDef table() {
        return table;
    }

    int visibleWidth() {
        return visible.size();
    }

    /** From one value per visible column to one per column number. */
    @Nullable Object[] toStored(@Nullable Object[] row) {
        @Nullable Object[] values = new @Nullable Object[table.columns().size()];
        for (int i = 0; i < visible.size(); i++) {
            values[visible.get(i).number() - 1] = row[i];
        }
        return values;
    }

    /** From one value per column number to one per visible column, in a row of some width. */
    @Nullable Object[] toVisible(@Nullable Object[] values, int width) {
        @Nullable Object[] row = new @Nullable Object[width];
        for (int i = 0; i < visible.size(); i++) {
            row[i] = values[visible.get(i).number() - 1];
        }
        return row;
    }

    boolean generates() {
        return !generated.isEmpty();
    }

    /**
     * Computes the generated columns, then checks NOT NULL, then CHECK.
     *
     * @throws SqlException 23502, 23514
     */
    void check(@Nullable Object[] values, Frame frame) {
        if (!generated.isEmpty()) {
            @Nullable Object[] row = toVisible(values, visible.size());
            for (Insert.Assignment column : generated) {
                values[column.columnNumber() - 1] = column.value().eval(row, frame);
            }
        }
        for (ColumnDef column : visible) {
            if (column.notNull() && values[column.number() - 1] == null) {
                throw new SqlException(
                                SqlState.NOT_NULL_VIOLATION,
                                "null value in column \"%s\" of relation \"%s\" violates not-null constraint"
                                        .formatted(column.name(), table.name()))
                        .withDetail(failingRow(values, frame))
                        .withTable(schema, table.name())
                        .withColumn(column.name());
            }
        }
        if (checks.isEmpty()) {
            return;
        }
        @Nullable Object[] row = toVisible(values, visible.size());
        for (Check check : checks) {
            Object holds = check.condition().eval(row, frame);
            if (check.ofView() && !Boolean.TRUE.equals(holds)) {
                throw new SqlException(
                                SqlState.WITH_CHECK_OPTION_VIOLATION,
                                "new row violates check option for view \"%s\""
                                        .formatted(check.name()))
                        .withDetail(failingRow(values, frame));
            }
            if (Boolean.FALSE.equals(holds)) {
                throw new SqlException(
                                SqlState.CHECK_VIOLATION,
                                "new row for relation \"%s\" violates check constraint \"%s\""
                                        .formatted(table.name(), check.name()))
                        .withDetail(failingRow(values, frame))
                        .withTable(schema, table.name())
                        .withConstraint(check.name());
            }
        }
    }

    private String failingRow(@Nullable Object[] values, Frame frame) {
        return failingRow(visible, values, frame.context().format());
    }

    /** The detail that shows a refused row, long values cut. */
    public static String failingRow(
            List<ColumnDef> visible, @Nullable Object[] values, FormatSettings format) {
        StringJoiner text = new StringJoiner(", ", "Failing row contains (", ").");
        for (ColumnDef column : visible) {
            Object value = values[column.number() - 1];
            String shown = value == null ? "null" : TextFormat.format(column.type(), value, format);
            text.add(
                    shown.length() <= SHOWN_CHARS_MAX
                            ? shown
                            : shown.substring(0, SHOWN_CHARS_MAX) + "...");
        }
        return text.toString();
    }
}
