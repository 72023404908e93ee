package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.operator.ColumnTest;
import dev.driftdb.query.execute.operator.CurrentRow;
import dev.driftdb.query.execute.operator.IndexScan;
import dev.driftdb.query.execute.operator.KeyBounds;
import dev.driftdb.query.execute.operator.PseudoColumns;
import dev.driftdb.query.execute.operator.RowDecoder;
import dev.driftdb.query.execute.operator.RowOrder;
import dev.driftdb.query.execute.operator.SampleScan;
import dev.driftdb.query.execute.operator.Sort;
import dev.driftdb.query.execute.operator.StoredTable;
import dev.driftdb.query.execute.operator.SubstitutedRow;
import dev.driftdb.query.execute.operator.TableScan;
import dev.driftdb.query.execute.operator.VersionScan;
import dev.driftdb.query.explain.Explain;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.optimize.AccessPaths.Order;
import dev.driftdb.query.optimize.AccessPaths.Path;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Plans the reading of stored tables. */
final class ScanPlanner {
    private final PhysicalPlanner planner;

    ScanPlanner(PhysicalPlanner planner) {
        this.planner = planner;
    }

    /**
     * @param conditions that rows must meet
     * @param required columns that are read above
     * @param order wanted, empty for none
     */
    Planned plan(
            LogicalPlan.Scan scan,
            List<Expr> conditions,
            BitSet required,
            List<Order> order,
            boolean limited) {
        if (scan.time() instanceof ScanTime.Versions versions) {
            return versions(scan, versions, conditions, required);
        }
        Integer substitute = planner.substituteSlot(scan);
        if (substitute != null) {
            return substituted(scan, conditions, required, substitute);
        }
        for (Expr condition : conditions) {
            if (condition instanceof Expr.CurrentOf current) {
                return current(scan, conditions, required, current);
            }
        }
        return plan(scan, conditions, required, order, limited, true);
    }

    /** A sample is drawn from all rows, the conditions are asked of those that it has. */
    Planned sample(LogicalPlan.Sample sample, List<Expr> conditions, BitSet required) {
        if (!(sample.input() instanceof LogicalPlan.Scan scan)) {
            throw new IllegalStateException("a sample of " + sample.input());
        }
        Integer substitute = planner.substituteSlot(scan);
        if (substitute != null) {
            return substituted(scan, conditions, required, substitute);
        }
        LongAdder refused = planner.refusals();
        boolean rowId = planner.yieldsRowId(scan);
        Expr seed = sample.seed();
        SampleScan operator =
                new SampleScan(
                        storedTable(scan, conditions, required, rowId, refused),
                        new StoredTable.Access.Scan(KeyBounds.ALL, false),
                        planner.compile(sample.percentage()),
                        seed == null ? null : planner.compile(seed),
                        seed == null ? planner.newSlot() : -1);
        List<Expr> expressions = new ArrayList<>(conditions);
        expressions.add(sample.percentage());
        if (seed != null) {
            expressions.add(seed);
        }
        Explain explain =
                Explain.of("Sample Scan")
                        .sampling(sample.method(), List.of(sample.percentage()), seed, scan);
        if (scan.time() instanceof ScanTime.At at) {
            explain.detail("As Of Offset", at.offset());
        }
        if (!conditions.isEmpty()) {
            explain.condition("Filter", conditions, scan)
                    .refused("Rows Removed by Filter", refused);
        }
        return new Planned(
                operator,
                scan.columns().size(),
                rowId ? List.of(scan) : List.of(),
                false,
                planner.subplans(explain.on(scan), expressions, scan));
    }

    private Planned plan(
            LogicalPlan.Scan scan,
            List<Expr> conditions,
            BitSet required,
            List<Order> order,
            boolean limited,
            boolean indexesAllowed) {
        AccessPaths paths =
                new AccessPaths(
                        planner.estimates(),
                        scan,
                        planner.indexesOf(scan.table()),
                        planner::terms,
                        conditions,
                        0,
                        ScanPlanner::isBound,
                        planner::compile);
        Path path = paths.choose(order, limited, indexesAllowed);
        if (!(path.access() instanceof StoredTable.Access.Keys)) {
            planner.noteComputedIndexes(scan.table());
        }
        List<Expr> rest = new ArrayList<>(conditions);
        rest.removeAll(path.covered());
        LongAdder refused = planner.refusals();
        StoredTable table = storedTable(scan, rest, required, planner.yieldsRowId(scan), refused);
        Explain explain = explain(scan, path, rest, refused);
        List<LogicalPlan.Scan> hidden = planner.yieldsRowId(scan) ? List.of(scan) : List.of();
        int width = scan.columns().size();
        if (path.index() == null) {
            return new Planned(
                    new TableScan(table, path.access()),
                    width,
                    hidden,
                    path.ordered() && !order.isEmpty(),
                    explain);
        }
        boolean ordered = path.ordered() && !order.isEmpty();
        BitSet fallbackColumns = (BitSet) required.clone();
        order.forEach(key -> fallbackColumns.set(key.column()));
        Planned fallback = plan(scan, conditions, fallbackColumns, order, limited, false);
        var fallbackOperator =
                ordered && !fallback.ordered()
                        ? new Sort(fallback.operator(), rowOrder(scan, order), null)
                        : fallback.operator();
        return new Planned(
                new IndexScan(table, path.access(), fallbackOperator),
                width,
                hidden,
                ordered,
                explain);
    }

    private static RowOrder rowOrder(LogicalPlan.Scan scan, List<Order> order) {
        List<RowOrder.Key> keys = new ArrayList<>();
        for (Order key : order) {
            int column = key.column();
            Eval value = (row, frame) -> row[column];
            keys.add(
                    new RowOrder.Key(
                            value,
                            scan.columns().get(column).type(),
                            key.descending(),
                            key.nullsFirst()));
        }
        return new RowOrder(keys);
    }

    /** Known when the scan opens: the same for all its rows. */
    static boolean isBound(Expr expr) {
        return ExprTraits.columns(expr).isEmpty() && !ExprTraits.isVolatile(expr);
    }

    /**
     * @param refused counts the rows that the conditions refuse; null for nobody
     */
    StoredTable storedTable(
            LogicalPlan.Scan scan,
            List<Expr> conditions,
            BitSet required,
            boolean rowId,
            @Nullable LongAdder refused) {
        ColumnTests columnTests = new ColumnTests(scan.table().visibleColumns(), planner::compile);
        List<ColumnTest> tests = new ArrayList<>();
        List<Expr> decoded = new ArrayList<>();
        for (Expr condition : conditions) {
            ColumnTest test = columnTests.of(condition);
            if (test == null) {
                decoded.add(condition);
            } else {
                tests.add(refused == null ? test : new ColumnTest.Counting(test, refused));
            }
        }
        BitSet forFilter = columnsOf(decoded);
        BitSet needed = (BitSet) required.clone();
        needed.or(forFilter);
        return new StoredTable(
                scan.table(),
                scan.time(),
                new RowDecoder(scan.table(), scan.columns().size(), needed, forFilter, rowId),
                pseudoColumns(scan, needed),
                tests,
                planner.condition(decoded, refused));
    }

    private static @Nullable PseudoColumns pseudoColumns(LogicalPlan.Scan scan, BitSet needed) {
        int first = scan.table().visibleColumns().size();
        return scan.pseudoColumns() && needed.length() > first
                ? new PseudoColumns(scan.table(), scan.time(), first, needed)
                : null;
    }

    private static BitSet columnsOf(List<Expr> conditions) {
        BitSet columns = new BitSet();
        conditions.forEach(condition -> columns.or(ExprTraits.columns(condition)));
        return columns;
    }

    private Planned versions(
            LogicalPlan.Scan scan,
            ScanTime.Versions versions,
            List<Expr> conditions,
            BitSet required) {
        AccessPaths paths =
                new AccessPaths(
                        planner.estimates(),
                        scan,
                        List.of(),
                        planner::terms,
                        conditions,
                        0,
                        ScanPlanner::isBound,
                        planner::compile);
        Path path = paths.choose(List.of(), false, false);
        BitSet forFilter = columnsOf(conditions);
        BitSet needed = (BitSet) required.clone();
        needed.or(forFilter);
        LongAdder refused = planner.refusals();
        VersionScan operator =
                new VersionScan(
                        scan.table(),
                        versions,
                        path.access().bounds(),
                        new RowDecoder(
                                scan.table(), scan.columns().size(), needed, forFilter, false),
                        pseudoColumns(scan, needed),
                        planner.condition(conditions, refused));
        Explain explain =
                details(Explain.of("Version Scan").on(scan), scan, path, conditions, refused);
        return Planned.of(operator, scan.columns().size(), explain);
    }

    private Planned current(
            LogicalPlan.Scan scan, List<Expr> conditions, BitSet required, Expr.CurrentOf current) {
        List<Expr> rest = new ArrayList<>(conditions);
        rest.remove(current);
        BitSet forFilter = columnsOf(rest);
        BitSet needed = (BitSet) required.clone();
        needed.or(forFilter);
        RowDecoder decoder =
                new RowDecoder(scan.table(), scan.columns().size(), needed, forFilter, true);
        return new Planned(
                new CurrentRow(scan.table(), current.cursor(), decoder, planner.condition(rest)),
                scan.columns().size(),
                List.of(scan),
                false,
                Explain.of("Tid Scan").on(scan).condition("TID Cond", List.of(current), scan));
    }

    private Planned substituted(
            LogicalPlan.Scan scan, List<Expr> conditions, BitSet required, int slot) {
        BitSet forFilter = columnsOf(conditions);
        BitSet needed = (BitSet) required.clone();
        needed.or(forFilter);
        RowDecoder decoder =
                new RowDecoder(scan.table(), scan.columns().size(), needed, forFilter, true);
        return new Planned(
                new SubstitutedRow(slot, decoder, planner.condition(conditions)),
                scan.columns().size(),
                List.of(scan),
                false,
                Explain.of("Locked Row").on(scan));
    }

    private Explain explain(
            LogicalPlan.Scan scan, Path path, List<Expr> filter, @Nullable LongAdder refused) {
        boolean reverse =
                (path.access() instanceof StoredTable.Access.Scan s && s.reverse())
                        || (path.access() instanceof StoredTable.Access.Index i && i.reverse());
        boolean keyOrder =
                !path.bounding().isEmpty() || (path.ordered() && reverse) || path.index() != null;
        Explain explain;
        if (keyOrder) {
            explain =
                    Explain.of("Index Scan")
                            .using(
                                    path.index() == null
                                            ? planner.keyName(scan.table())
                                            : path.index().name())
                            .attribute("Scan Direction", reverse ? "Backward" : "Forward");
            if (reverse) {
                explain.label("Index Scan Backward");
            }
        } else {
            explain = Explain.of("Seq Scan");
        }
        if (scan.time() instanceof ScanTime.At at) {
            explain.detail("As Of Offset", at.offset());
        }
        return details(explain.on(scan), scan, path, filter, refused);
    }

    private Explain details(
            Explain explain,
            LogicalPlan.Scan scan,
            Path path,
            List<Expr> filter,
            @Nullable LongAdder refused) {
        explain.condition("Index Cond", path.bounding(), scan);
        List<Expr> shown = new ArrayList<>(filter);
        shown.removeAll(path.bounding());
        if (!shown.isEmpty()) {
            explain.condition("Filter", shown, scan).refused("Rows Removed by Filter", refused);
        }
        return planner.subplans(explain, filter, scan);
    }
}
