package dev.driftdb.query.session;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.TextFormat;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** COPY … TO STDOUT: a query's rows as lines. */
final class CopyTo {
    private final Session session;
    private final Statement.Copy copy;
    private final CopyFormat format;

    CopyTo(Session session, Statement.Copy copy) {
        this.session = session;
        this.copy = copy;
        this.format = CopyFormat.of(copy.options());
    }

    Result open() {
        PlannedStatement planned =
                new PlannedStatement(new ParsedStatement(query(), "", 0), Map.of());
        if (!(session.queries().run(planned, plan -> new Object[0]) instanceof Result.Rows rows)) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED, "COPY query must have a RETURNING clause");
        }
        Result.CopyCount count = new Result.CopyCount();
        return new Result.CopyOut(rows.columns().size(), lines(rows, count), count);
    }

    /** COPY t TO is COPY (SELECT … FROM t) TO. */
    private Statement query() {
        if (copy.query() != null) {
            return copy.query();
        }
        if (copy.table() == null) {
            throw new IllegalStateException("COPY without a table and without a query");
        }
        List<Query.SelectItem> items =
                copy.columns().isEmpty()
                        ? List.of(new Query.SelectItem(new SqlExpr.Star(List.of(), 0), null))
                        : copy.columns().stream()
                                .map(c ->
                                        new Query.SelectItem(
                                                new SqlExpr.ColumnRef(List.of(c), 0), null))
                                .toList();
        return new DataStatement.Select(
                Query.of(
                        new Query.Select(
                                false,
                                List.of(),
                                items,
                                List.of(
                                        new TableExpr.Named(
                                                copy.table(),
                                                null,
                                                List.of(),
                                                null,
                                                null,
                                                copy.table().position())),
                                null,
                                null,
                                null,
                                List.of()),
                        0));
    }

    private Iterator<byte[]> lines(Result.Rows rows, Result.CopyCount count) {
        FormatSettings settings = session.settings().format(session.databaseOf().nowMicros());
        return new Iterator<>() {
            private boolean headerPending = format.header();
            private byte @Nullable [] next;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    next = fetch();
                }
                return next != null;
            }

            @Override
            public byte[] next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException();
                }
                byte[] line = next;
                next = null;
                return line;
            }

            private byte @Nullable [] fetch() {
                if (headerPending) {
                    headerPending = false;
                    return line(
                            rows.columns().stream().map(OutputColumn::name).toArray(),
                            rows.columns(),
                            null);
                }
                @Nullable Object[] row = rows.source().next();
                if (row == null) {
                    rows.source().close();
                    return null;
                }
                count.rows++;
                return line(row, rows.columns(), settings);
            }
        };
    }

    /**
     * @param settings null for the header, whose values are texts already
     */
    private byte[] line(
            @Nullable Object[] values,
            List<OutputColumn> columns,
            @Nullable FormatSettings settings) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            if (i > 0) {
                out.append(format.delimiter());
            }
            Object value = values[i];
            if (value == null) {
                out.append(format.nullText());
                continue;
            }
            String text =
                    settings == null
                            ? value.toString()
                            : TextFormat.format(columns.get(i).type(), value, settings);
            if (format.csv()) {
                appendCsv(out, text, columns.size() == 1);
            } else {
                appendText(out, text);
            }
        }
        return out.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private void appendText(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\u000b' -> out.append("\\v");
                default -> {
                    if (c == format.delimiter()) {
                        out.append('\\');
                    }
                    out.append(c);
                }
            }
        }
    }

    private void appendCsv(StringBuilder out, String text, boolean onlyColumn) {
        boolean quoted =
                text.equals(format.nullText())
                        || (onlyColumn && text.equals("\\."))
                        || text.indexOf(format.delimiter()) >= 0
                        || text.indexOf(format.quote()) >= 0
                        || text.indexOf('\n') >= 0
                        || text.indexOf('\r') >= 0;
        if (!quoted) {
            out.append(text);
            return;
        }
        out.append(format.quote());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == format.quote() || c == format.escape()) {
                out.append(format.escape());
            }
            out.append(c);
        }
        out.append(format.quote());
    }
}
