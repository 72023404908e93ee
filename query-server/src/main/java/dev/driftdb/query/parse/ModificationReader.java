package dev.driftdb.query.parse;

import dev.driftdb.query.ast.ColumnTarget;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.ParenthesedStatement;
import net.sf.jsqlparser.statement.insert.ConflictActionType;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.insert.InsertConflictAction;
import net.sf.jsqlparser.statement.insert.InsertConflictTarget;
import net.sf.jsqlparser.statement.insert.ParenthesedInsert;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.WithItem;
import net.sf.jsqlparser.statement.update.ParenthesedUpdate;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;
import org.jspecify.annotations.Nullable;

/** Reads INSERT, UPDATE, DELETE (written as UPDATE) and WITH. */
final class ModificationReader {
    private final Skeleton skeleton;
    private final ExpressionReader expressions;
    private final FromReader from;
    private final QueryReader queries;

    ModificationReader(
            Skeleton skeleton, ExpressionReader expressions, FromReader from, QueryReader queries) {
        this.skeleton = skeleton;
        this.expressions = expressions;
        this.from = from;
        this.queries = queries;
    }

    List<Query.CommonTable> with(@Nullable List<WithItem<?>> items) {
        if (items == null) {
            return List.of();
        }
        List<Query.CommonTable> tables = new ArrayList<>();
        for (WithItem<?> item : items) {
            if (item.getSearchClause() != null
                    || item.getCycleClause() != null
                    || item.getWithFunctionDeclaration() != null) {
                throw SyntaxErrors.near(skeleton.source, skeleton.end());
            }
            Slot name = expressions.name(item.getAlias().getName());
            List<String> columns = new ArrayList<>();
            if (item.getWithItemList() != null) {
                for (SelectItem<?> column : item.getWithItemList()) {
                    columns.add(expressions.name(column.getExpression().toString()).text);
                }
            }
            if (columns.isEmpty()) {
                columns.addAll(from.columns(item.getAlias()));
            }
            tables.add(
                    new Query.CommonTable(
                            name.text,
                            columns,
                            inner(item.getParenthesedStatement()),
                            name.search,
                            name.cycle,
                            name.position()));
        }
        return tables;
    }

    private Statement inner(ParenthesedStatement statement) {
        return switch (statement) {
            case ParenthesedSelect select -> new DataStatement.Select(queries.query(select));
            case ParenthesedInsert insert -> insert(insert.getInsert());
            case ParenthesedUpdate update -> update(update.getUpdate());
            default -> throw SyntaxErrors.near(skeleton.source, skeleton.end());
        };
    }

    private static boolean recursive(@Nullable List<WithItem<?>> items) {
        return items != null && !items.isEmpty() && items.getFirst().isRecursive();
    }

    Statement insert(Insert insert) {
        if (insert.getOutputClause() != null
                || insert.getModifierPriority() != null
                || insert.isModifierIgnore()
                || insert.isOverwrite()
                || insert.getSetUpdateSets() != null
                || insert.getDuplicateUpdateSets() != null
                || insert.getDuplicateAction() != null
                || insert.getPartitions() != null
                || insert.getRowAlias() != null
                || insert.isOracleMultiInsert()
                || insert.getOracleHint() != null) {
            throw expressions.unread(insert.getTable());
        }
        List<Query.CommonTable> with = with(insert.getWithItemsList());
        TableExpr.Named table = from.table(insert.getTable(), insert.getTable().getAlias());
        Slot target = targetSlot(insert.getTable().getFullyQualifiedName());
        List<ColumnTarget> columns = new ArrayList<>();
        if (insert.getColumns() != null) {
            for (Column column : insert.getColumns()) {
                columns.addAll(expressions.name(column.getFullyQualifiedName()).targets);
            }
        }
        Query source =
                insert.isOnlyDefaultValues() || insert.getSelect() == null
                        ? null
                        : queries.query(insert.getSelect());
        if (source == null && !insert.isOnlyDefaultValues()) {
            throw expressions.unread(insert.getTable());
        }
        return new DataStatement.Insert(
                with,
                recursive(insert.getWithItemsList()),
                table.name(),
                table.alias(),
                columns,
                source,
                target.base,
                conflict(insert.getConflictTarget(), insert.getConflictAction()),
                queries.items(insert.getReturningClause()));
    }

    private Slot targetSlot(String placeholder) {
        return skeleton.slots.get(Integer.parseInt(placeholder, 1, placeholder.length(), 10));
    }

    private DataStatement.@Nullable OnConflict conflict(
            @Nullable InsertConflictTarget target, @Nullable InsertConflictAction action) {
        if (action == null) {
            return null;
        }
        List<String> columns = new ArrayList<>();
        List<SqlExpr> inferring = new ArrayList<>();
        SqlExpr targetWhere = null;
        String constraint = null;
        if (target != null) {
            if (target.getIndexExpression() != null) {
                throw expressions.unread(target.getIndexExpression());
            }
            if (target.getConstraintName() != null) {
                constraint = expressions.name(target.getConstraintName()).text;
            } else {
                for (String column : target.getIndexColumnNames()) {
                    Slot slot = expressions.name(column);
                    if (slot.expression == null) {
                        columns.add(slot.text);
                    } else {
                        inferring.add(slot.expression);
                    }
                }
            }
            Expression where = target.getWhereExpression();
            targetWhere = where == null ? null : expressions.value(where);
        }
        List<DataStatement.Assignment> updates =
                action.getConflictActionType() == ConflictActionType.DO_NOTHING
                        ? null
                        : assignments(action.getUpdateSets());
        if (updates != null && columns.isEmpty() && inferring.isEmpty() && constraint == null) {
            throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "ON CONFLICT DO UPDATE requires inference specification or constraint"
                                    + " name")
                    .withHint("For example, ON CONFLICT (column_name).");
        }
        Expression where = action.getWhereExpression();
        return new DataStatement.OnConflict(
                columns,
                inferring,
                targetWhere,
                constraint,
                updates,
                where == null ? null : expressions.value(where));
    }

    private List<DataStatement.Assignment> assignments(List<UpdateSet> sets) {
        List<DataStatement.Assignment> assignments = new ArrayList<>();
        for (UpdateSet set : sets) {
            if (set.getColumns().size() != 1 || set.getValues().size() != 1) {
                throw expressions.unread(set.getColumns().getFirst());
            }
            Slot slot = skeleton.take(set.getColumns().getFirst().getFullyQualifiedName());
            SqlExpr value = expressions.value(set.getValues().getFirst());
            if (!slot.multiple) {
                assignments.add(
                        new DataStatement.Assignment(slot.targets, false, value, slot.position()));
                continue;
            }
            if (value instanceof SqlExpr.Row row) {
                value = new SqlExpr.Row(row.fields(), slot.valuePosition);
            } else if (slot.row) {
                value = new SqlExpr.Row(List.of(value), slot.valuePosition);
            }
            assignments.add(
                    new DataStatement.Assignment(slot.targets, true, value, slot.position()));
        }
        return assignments;
    }

    Statement update(Update update) {
        if (update.getOutputClause() != null
                || update.getOrderByElements() != null
                || update.getLimit() != null
                || update.getOption() != null
                || update.getForPortionClause() != null
                || update.getPreferringClause() != null
                || update.getModifierPriority() != null
                || update.isModifierIgnore()
                || update.isFromBeforeSet()
                || (update.getStartJoins() != null && !update.getStartJoins().isEmpty())
                || update.getOracleHint() != null) {
            throw expressions.unread(update.getTable());
        }
        List<Query.CommonTable> with = with(update.getWithItemsList());
        TableExpr.Named table = from.table(update.getTable(), update.getTable().getAlias());
        boolean delete = isDelete(update);
        List<DataStatement.Assignment> assignments =
                delete ? List.of() : assignments(update.getUpdateSets());
        List<TableExpr> items = from.items(update.getFromItem(), update.getJoins());
        SqlExpr where = update.getWhere() == null ? null : expressions.value(update.getWhere());
        List<Query.SelectItem> returning = queries.items(update.getReturningClause());
        boolean recursive = recursive(update.getWithItemsList());
        return delete
                ? new DataStatement.Delete(
                        with, recursive, table.name(), table.alias(), items, where, returning)
                : new DataStatement.Update(
                        with,
                        recursive,
                        table.name(),
                        table.alias(),
                        assignments,
                        items,
                        where,
                        returning);
    }

    /** Takes the placeholders that a DELETE is written with. */
    private boolean isDelete(Update update) {
        UpdateSet first = update.getUpdateSets().getFirst();
        String name = first.getColumns().getFirst().getFullyQualifiedName();
        if (targetSlot(name).kind != Slot.Kind.DELETE) {
            return false;
        }
        skeleton.take(name);
        if (!(first.getValues().getFirst() instanceof Column value)
                || update.getUpdateSets().size() != 1) {
            throw expressions.unread(update.getTable());
        }
        skeleton.take(value.getFullyQualifiedName());
        return true;
    }
}
