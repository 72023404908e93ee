package dev.driftdb.query.session;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.define.Truncations;
import dev.driftdb.query.statistics.StatisticsStore;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** VACUUM and ANALYZE of a session. */
final class TableAnalysis {
    private final Session session;
    private final StatementContext context;

    TableAnalysis(Session session, StatementContext context) {
        this.session = session;
        this.context = context;
    }

    /**
     * @throws SqlException 42P01, 42809, 42703, 42701 for what is not a table or not its column
     */
    void run(Statement.Vacuum vacuum) {
        Definitions scope = new Definitions(context, false, false);
        for (Statement.AnalyzedTable named : vacuum.tables()) {
            if (!named.columns().isEmpty() && !vacuum.analyze()) {
                throw new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "ANALYZE option must be specified when a column list is provided");
            }
            if (new Truncations(scope).isOtherRelation(named.name())) {
                session.warn(
                        SqlState.WARNING,
                        "skipping \""
                                + named.name().last()
                                + "\" --- cannot "
                                + (vacuum.analyze() ? "analyze" : "vacuum")
                                + " non-tables or special system tables");
                continue;
            }
            TableDef table = new Truncations(scope).requireTable(named.name());
            Set<Integer> columns = columns(table, named);
            if (vacuum.vacuum()) {
                vacuum(table, vacuum.verbose());
            }
            if (vacuum.analyze()) {
                analyze(table, columns, vacuum.verbose());
            }
        }
        if (vacuum.tables().isEmpty()) {
            for (TableDef table : context.catalog().objects(TableDef.class)) {
                if (vacuum.vacuum()) {
                    vacuum(table, vacuum.verbose());
                }
                if (vacuum.analyze()) {
                    analyze(table, null, vacuum.verbose());
                }
            }
        }
    }

    /** Drops the history that is older than the table's retention. */
    private void vacuum(TableDef table, boolean verbose) {
        Database engine = context.engine();
        long horizon;
        try (ReadView newest = engine.replica().latest()) {
            horizon =
                    engine.limits()
                            .historyRetention()
                            .horizon(table, newest, engine.clock().instant());
        }
        String name = context.catalog().schemaName(table) + "." + table.name();
        if (verbose) {
            session.info("vacuuming \"" + name + "\"");
        }
        long dropped =
                horizon < 0
                        ? 0
                        : engine.replica()
                                .vacuum(table.storageId(), horizon, context::checkCanceled);
        if (verbose) {
            session.info("\"" + name + "\": removed " + dropped + " row versions");
        }
    }

    private static @Nullable Set<Integer> columns(TableDef table, Statement.AnalyzedTable named) {
        if (named.columns().isEmpty()) {
            return null;
        }
        Set<Integer> numbers = new LinkedHashSet<>();
        for (String name : named.columns()) {
            ColumnDef column = table.findColumn(name);
            if (column == null) {
                throw new SqlException(
                        SqlState.UNDEFINED_COLUMN,
                        "column \""
                                + name
                                + "\" of relation \""
                                + table.name()
                                + "\" does not exist");
            }
            if (!numbers.add(column.number())) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column \""
                                + name
                                + "\" of relation \""
                                + table.name()
                                + "\" appears more than once");
            }
        }
        return numbers;
    }

    /** What is not committed yet is not looked at: a table made just now has no statistics. */
    private void analyze(TableDef table, @Nullable Set<Integer> columns, boolean verbose) {
        String schema = context.catalog().schemaName(table);
        if (verbose) {
            session.info("analyzing \"" + schema + "." + table.name() + "\"");
        }
        StatisticsStore.Report report =
                context.engine()
                        .statistics()
                        .analyze(
                                table,
                                columns,
                                session.settings().statisticsTarget(),
                                context.engine().nowMicros(),
                                false,
                                context::checkCanceled);
        if (verbose) {
            session.info(
                    "\""
                            + table.name()
                            + "\": scanned all of its "
                            + report.rows()
                            + " live rows; "
                            + report.sampledRows()
                            + " rows in sample");
        }
    }
}
