package dev.driftdb.query.session;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.define.DefinitionScope;
import dev.driftdb.query.define.TableLookup;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.IntervalText;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** COPY FROM STDIN: takes the client's bytes and inserts a row per line. */
final class CopyFrom implements AutoCloseable {
    private final StatementContext context;
    private final TableDef table;
    private final List<ColumnDef> columns;
    private final Set<Integer> given;
    private final RowChecks checks;
    private final CopyLines lines;
    private long rows;

    CopyFrom(Session session, Statement.Copy copy) {
        CopyFormat format = CopyFormat.of(copy.options());
        Transaction transaction = session.block().transaction();
        transaction.checkWritable("COPY FROM");
        transaction.tag("COPY");
        StatementContext opened = session.open();
        DefinitionScope scope = new Definitions(opened, true, false);
        TableDef target = TableLookup.table(scope, Objects.requireNonNull(copy.table()));
        while (session.lockTables(
                transaction, TableLocks.of(target.id(), LockMode.ROW_EXCLUSIVE))) {
            opened.close();
            opened = session.open();
            scope = new Definitions(opened, true, false);
            target = TableLookup.table(scope, copy.table());
        }
        context = opened;
        table = target;
        columns = TableLookup.columns(table, copy.columns());
        lines = new CopyLines(format, this::insert);
        given = columns.stream().map(ColumnDef::number).collect(Collectors.toSet());
        checks = new RowChecks(context, scope, table);
    }

    int columnCount() {
        return columns.size();
    }

    void accept(byte[] data) {
        lines.accept(data);
    }

    /** The command tag. */
    String finish() {
        lines.finish();
        context.session().dueChecks().afterStatement(context.transaction(), context.catalog());
        return "COPY " + rows;
    }

    private void insert(List<@Nullable String> fields, long line) {
        context.checkCanceled();
        if (fields.size() > columns.size()) {
            throw bad("extra data after last expected column", line);
        }
        if (fields.size() < columns.size()) {
            throw bad(
                    "missing data for column \"" + columns.get(fields.size()).name() + "\"", line);
        }
        @Nullable Object[] values = new Object[table.columns().size()];
        for (int i = 0; i < columns.size(); i++) {
            ColumnDef column = columns.get(i);
            values[column.number() - 1] = value(column, fields.get(i));
        }
        checks.fill(values, given, context);
        checks.check(values, context);
        context.access().insert(table, values);
        rows++;
    }

    private @Nullable Object value(ColumnDef column, @Nullable String text) {
        Object value =
                text == null
                        ? null
                        : column.type().equals(Types.INTERVAL)
                                ? IntervalText.parse(text, IntervalText.range(column.typmod()))
                                : TextFormat.parse(column.type(), text, context.format());
        return checks.modified(column, value, context);
    }

    private static SqlException bad(String message, long line) {
        return new SqlException(SqlState.BAD_COPY_FILE_FORMAT, message)
                .withDetail("COPY line " + line + ".");
    }

    @Override
    public void close() {
        context.close();
    }
}
