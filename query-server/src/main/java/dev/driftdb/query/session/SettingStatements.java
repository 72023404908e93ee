package dev.driftdb.query.session;

import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What SET, RESET and SHOW do. For the session's thread only. */
final class SettingStatements {
    private final Session session;
    private final TransactionStatements transactions;

    SettingStatements(Session session, TransactionStatements transactions) {
        this.session = session;
        this.transactions = transactions;
    }

    Result set(SessionStatement.Set set) {
        String value = set.values() == null ? null : join(set.name(), set.values());
        if (set.name().equalsIgnoreCase("transaction_isolation") && value != null) {
            transactions.configure(
                    session.block().explicit("SET transaction_isolation"),
                    new TransactionStatement.TransactionModes(value, null, null, null));
            return Result.done(set);
        }
        if (set.name().equalsIgnoreCase("transaction_read_only") && value != null) {
            transactions.configure(
                    session.block().explicit("SET transaction_read_only"),
                    new TransactionStatement.TransactionModes(
                            null, value.equals("on"), null, null));
            return Result.done(set);
        }
        if (set.name().equalsIgnoreCase("driftdb.as_of")) {
            if (session.block().isExplicit()) {
                throw new SqlException(
                        SqlState.ACTIVE_SQL_TRANSACTION,
                        "driftdb.as_of cannot be set inside a transaction block");
            }
            if (value != null && !value.isBlank()) {
                try (StatementContext context = session.peek()) {
                    value = Long.toString(new TimePoints(context).offsetOf(value));
                }
            }
        }
        session.settings().set(set.name(), value, set.local());
        return Result.done(set);
    }

    Result reset(SessionStatement.Reset reset) {
        if (reset.name().equals("all")) {
            session.settings().resetAll();
        } else {
            session.settings().set(reset.name(), null, false);
        }
        return Result.done(reset);
    }

    private static String join(String name, List<String> values) {
        if (!name.equalsIgnoreCase("search_path")) {
            return String.join(", ", values);
        }
        List<String> quoted = new ArrayList<>();
        for (String value : values) {
            quoted.add(
                    value.matches("[a-z_][a-z0-9_]*")
                            ? value
                            : '"' + value.replace("\"", "\"\"") + '"');
        }
        return String.join(", ", quoted);
    }

    Result show(String name) {
        if (name.equals("all")) {
            List<@Nullable Object[]> rows = new ArrayList<>();
            session.settings().list().forEach(row -> rows.add(row.toArray()));
            return new Result.Rows(
                    List.of(
                            OutputColumn.of("name", Types.TEXT),
                            OutputColumn.of("setting", Types.TEXT),
                            OutputColumn.of("description", Types.TEXT)),
                    new ListRows(rows, "SHOW"));
        }
        SettingDef def = SettingDef.of(name);
        String value = session.settingValue(name);
        List<@Nullable Object[]> row = new ArrayList<>();
        row.add(new Object[] {value == null ? "" : value});
        return new Result.Rows(
                List.of(OutputColumn.of(def.name(), Types.TEXT)), new ListRows(row, "SHOW"));
    }
}
