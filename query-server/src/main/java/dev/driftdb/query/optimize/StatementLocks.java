package dev.driftdb.query.optimize;

import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.TableDef;

/** What a statement locks of the tables that it names, as PostgreSQL's does. */
final class StatementLocks {
    private final Catalog catalog;
    private TableLocks locks = TableLocks.NONE;

    private StatementLocks(Catalog catalog) {
        this.catalog = catalog;
    }

    static TableLocks of(BoundStatement statement, Catalog catalog) {
        StatementLocks collected = new StatementLocks(catalog);
        collected.add(statement);
        return collected.locks;
    }

    private void add(TableDef table, LockMode mode) {
        locks = locks.plus(TableLocks.of(table.id(), mode));
    }

    private void add(BoundStatement statement) {
        switch (statement) {
            case BoundStatement.Select select -> add(select.plan());
            case BoundStatement.Insert insert -> {
                add(insert.table(), LockMode.ROW_EXCLUSIVE);
                for (Catalog.Reference reference : catalog.referencesFrom(insert.table().id())) {
                    locks =
                            locks.plus(
                                    TableLocks.of(
                                            reference.key().parentTableId(), LockMode.ROW_SHARE));
                }
                add(insert.source());
                insert.with().forEach(definition -> add(definition.statement()));
            }
            case BoundStatement.Update update -> {
                add(update.table(), LockMode.ROW_EXCLUSIVE);
                add(update.source());
                update.with().forEach(definition -> add(definition.statement()));
            }
            case BoundStatement.Delete delete -> {
                add(delete.table(), LockMode.ROW_EXCLUSIVE);
                add(delete.source());
                delete.with().forEach(definition -> add(definition.statement()));
            }
            case BoundStatement.Merge merge -> {
                add(merge.table(), LockMode.ROW_EXCLUSIVE);
                add(merge.source());
                merge.with().forEach(definition -> add(definition.statement()));
            }
        }
    }

    private void add(LogicalPlan plan) {
        switch (plan) {
            case LogicalPlan.Scan scan -> {
                if (scan.time() instanceof LogicalPlan.ScanTime.Now
                        && !locks.contains(scan.table().id())) {
                    add(scan.table(), LockMode.ACCESS_SHARE);
                }
            }
            case LogicalPlan.LockRows lock ->
                    lock.locks()
                            .forEach(one ->
                                    locks =
                                            locks.plus(
                                                    TableLocks.of(
                                                            one.tableId(), LockMode.ROW_SHARE)));
            case LogicalPlan.With with ->
                    with.definitions().forEach(definition -> add(definition.statement()));
            default -> {
                // Its inputs are looked at below.
            }
        }
        PlanTraits.eachInput(plan, this::add);
        PlanTraits.eachExpression(plan, expr -> PlanTraits.eachSubquery(expr, this::add));
    }
}
