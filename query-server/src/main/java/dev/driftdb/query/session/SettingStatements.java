package dev.driftdb.query.session;

import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        if (set.name().toLowerCase(Locale.ROOT).startsWith("transaction_") && value != null) {
            setMode(SettingDef.of(set.name()), value);
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
        session.set(set.name(), value, set.local());
        return Result.done(set);
    }

    /**
     * SET of a mode of the running transaction; outside of a block it is over with the statement.
     */
    private void setMode(SettingDef mode, String value) {
        String canonical = mode.canonical().apply(value);
        if (!session.block().isExplicit()) {
            return;
        }
        boolean on = canonical.equals("on");
        transactions.configure(
                session.block().transaction(),
                switch (mode.name()) {
                    case "transaction_isolation" ->
                            new TransactionStatement.TransactionModes(canonical, null, null, null);
                    case "transaction_read_only" ->
                            new TransactionStatement.TransactionModes(null, on, null, null);
                    default -> new TransactionStatement.TransactionModes(null, null, on, null);
                });
    }

    Result reset(SessionStatement.Reset reset) {
        if (reset.name().equals("all")) {
            session.settings().resetAll();
        } else {
            session.set(reset.name(), null, false);
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
