package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which columns have no value twice: by the keys and unique indexes of tables. */
record UniqueColumns(Catalog catalog) {

    boolean of(TableDef table, Set<Integer> numbers) {
        if (table.hasPrimaryKey() && numbers.containsAll(table.keyColumns())) {
            return true;
        }
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (index.unique()
                    && index.columns().stream().allMatch(c -> numbers.contains(c.number()))) {
                return true;
            }
        }
        return false;
    }

    /** Whether no two rows of a plan have equal values in these columns. */
    boolean of(LogicalPlan plan, BitSet columns) {
        return switch (plan) {
            case LogicalPlan.Scan scan -> {
                Set<Integer> numbers = new HashSet<>();
                List<ColumnDef> visible = scan.table().visibleColumns();
                columns.stream()
                        .filter(i -> i < visible.size())
                        .forEach(i -> numbers.add(visible.get(i).number()));
                yield !(scan.time() instanceof LogicalPlan.ScanTime.Versions)
                        && isKey(scan.table(), numbers);
            }
            case LogicalPlan.Sample sample -> of(sample.input(), columns);
            case LogicalPlan.Filter filter -> of(filter.input(), columns);
            case LogicalPlan.Sort sort -> of(sort.input(), columns);
            case LogicalPlan.Limit limit -> of(limit.input(), columns);
            case LogicalPlan.Project project -> {
                BitSet below = new BitSet();
                columns.stream()
                        .forEach(i -> {
                            if (project.expressions().get(i) instanceof Expr.Input column) {
                                below.set(column.index());
                            }
                        });
                yield of(project.input(), below);
            }
            case LogicalPlan.Aggregate aggregate -> {
                int groups = aggregate.groupBy().size();
                yield aggregate.groupingSets().size() == 1
                        && aggregate.groupingSets().get(0).size() == groups
                        && columns.nextClearBit(0) >= groups;
            }
            case LogicalPlan.Distinct distinct ->
                    distinct.on().isEmpty() && columns.nextClearBit(0) >= distinct.columns().size();
            case LogicalPlan.Join join ->
                    (join.type() == JoinType.SEMI || join.type() == JoinType.ANTI)
                            && of(join.left(), columns);
            default -> false;
        };
    }

    /** As {@link #of(TableDef, Set)}, but where several NULLs count as equal. */
    private boolean isKey(TableDef table, Set<Integer> numbers) {
        if (table.hasPrimaryKey() && numbers.containsAll(table.keyColumns())) {
            return true;
        }
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (index.unique()
                    && index.columns().stream()
                            .allMatch(c ->
                                    numbers.contains(c.number())
                                            && table.column(c.number()).notNull())) {
                return true;
            }
        }
        return false;
    }
}
