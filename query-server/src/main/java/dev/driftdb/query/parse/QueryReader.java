package dev.driftdb.query.parse;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TimeClause;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.WindowDefinition;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Distinct;
import net.sf.jsqlparser.statement.select.ExceptOp;
import net.sf.jsqlparser.statement.select.Fetch;
import net.sf.jsqlparser.statement.select.ForMode;
import net.sf.jsqlparser.statement.select.IntersectOp;
import net.sf.jsqlparser.statement.select.Limit;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.SetOperation;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.UnionOp;
import net.sf.jsqlparser.statement.update.Update;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSqlParser's tree of one {@link Skeleton} through a white list and checks that every
 * placeholder arrived: what JSqlParser dropped or read in a way not listed here is refused.
 */
final class QueryReader {
    private final Skeleton skeleton;
    private final ExpressionReader expressions;
    private final FromReader from;
    private final ModificationReader modifications;

    QueryReader(Skeleton skeleton) {
        this.skeleton = skeleton;
        this.expressions = new ExpressionReader(skeleton, this);
        this.from = new FromReader(skeleton, expressions, this);
        this.modifications = new ModificationReader(skeleton, expressions, from, this);
    }

    Statement statement() {
        net.sf.jsqlparser.statement.Statement tree = JsqlTree.parse(skeleton);
        Statement statement = statement(tree);
        TimePoint asOf = skeleton.asOf;
        if (asOf != null) {
            if (!(statement instanceof DataStatement.Select select)) {
                throw SqlException.notSupported("AS OF on a data-modifying statement");
            }
            statement = new DataStatement.Select(asOf(select.query(), asOf));
        }
        checkAllTaken();
        return statement;
    }

    SqlExpr expression() {
        net.sf.jsqlparser.statement.Statement tree = JsqlTree.parse(skeleton);
        if (tree instanceof PlainSelect select
                && select.getSelectItems().size() == 1
                && select.getFromItem() == null
                && select.getSelectItems().getFirst().getAlias() == null) {
            SqlExpr expression =
                    expressions.value(select.getSelectItems().getFirst().getExpression());
            checkAllTaken();
            return expression;
        }
        throw SyntaxErrors.near(skeleton.source, skeleton.end());
    }

    Statement statement(net.sf.jsqlparser.statement.Statement tree) {
        return switch (tree) {
            case Select select -> new DataStatement.Select(query(select));
            case Insert insert -> modifications.insert(insert);
            case Update update -> modifications.update(update);
            default -> throw SyntaxErrors.near(skeleton.source, skeleton.end());
        };
    }

    /** Every placeholder must have been read as often as it was written: once. */
    private void checkAllTaken() {
        for (Slot slot : skeleton.slots) {
            if (slot.taken != 1) {
                throw SqlException.notSupported(
                        "\""
                                + skeleton.source.substring(slot.token.start(), slot.token.end())
                                + "\" in this place",
                        slot.position());
            }
        }
    }

    // ---- queries ----

    Query query(Select select) {
        if (select.getLimitBy() != null
                || select.isOracleSiblings()
                || select.getForClause() != null
                || select.getOption() != null
                || select.getIsolation() != null
                || select.getMySqlProcedureAnalyse() != null
                || select.getWait() != null
                || select.getInterpolate() != null) {
            throw expressions.unread(select);
        }
        Query cutOut = cutOut(select);
        if (cutOut != null) {
            return cutOut;
        }
        if (select instanceof SetOperationList list) {
            takeFromLast(list);
        }
        boolean recursive =
                select.getWithItemsList() != null
                        && !select.getWithItemsList().isEmpty()
                        && select.getWithItemsList().getFirst().isRecursive();
        List<Query.CommonTable> with = modifications.with(select.getWithItemsList());
        Query inner = null;
        Query.Body body =
                switch (select) {
                    case PlainSelect plain -> plain(plain);
                    case SetOperationList set -> set(set);
                    case ParenthesedSelect parenthesed -> {
                        inner = query(parenthesed.getSelect());
                        yield inner.body();
                    }
                    default -> throw expressions.unread(select);
                };
        int position = expressions.positionOf(select);
        Limit limit = select.getLimit();
        if (limit != null && (limit.getOffset() != null || limit.getByExpressions() != null)) {
            throw expressions.unread(select);
        }
        Fetch fetch = select.getFetch();
        if (limit != null && fetch != null) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "multiple LIMIT clauses not allowed", position);
        }
        SqlExpr count =
                limit != null
                        ? expressions.value(limit.getRowCount())
                        : fetch != null ? expressions.value(fetch.getExpression()) : null;
        boolean ties = fetch != null && fetch.getFetchParameters().toString().contains("TIES");
        List<SqlExpr.OrderItem> order = expressions.order(select.getOrderByElements());
        Query result =
                new Query(
                        with,
                        recursive,
                        body,
                        order,
                        count,
                        select.getOffset() == null
                                ? null
                                : expressions.value(select.getOffset().getOffset()),
                        ties,
                        locking(select),
                        null,
                        position);
        if (ties && order.isEmpty() && (inner == null || inner.orderBy().isEmpty())) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "WITH TIES cannot be specified without ORDER BY clause");
        }
        return inner == null ? result : merge(result, inner);
    }

    /** The query that was parsed by itself, if this is the stub written for it. */
    private @Nullable Query cutOut(Select select) {
        if (!(select instanceof PlainSelect plain)
                || plain.getSelectItems().size() != 1
                || !(plain.getSelectItems().getFirst().getExpression() instanceof Column column)) {
            return null;
        }
        Slot slot = expressions.peek(column);
        if (slot == null || slot.kind != Slot.Kind.QUERY) {
            return null;
        }
        slot.taken++;
        TimeClause time = slot.time;
        if (time == null) {
            return slot.query;
        }
        if (!(time instanceof TimeClause.AsOf(var point))) {
            throw SqlException.notSupported("versions of a subquery", slot.position());
        }
        return asOf(slot.query, point);
    }

    private static Query asOf(@Nullable Query query, TimePoint point) {
        if (query == null) {
            throw new IllegalStateException("a slot without its query");
        }
        if (query.asOf() != null) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "multiple AS OF clauses not allowed", query.position());
        }
        return query.asOf(point);
    }

    /** (inner) ORDER BY … LIMIT …: PostgreSQL takes parentheses around a query for nothing. */
    private static Query merge(Query outer, Query inner) {
        if (!outer.orderBy().isEmpty() && !inner.orderBy().isEmpty()) {
            throw multiple("ORDER BY");
        }
        if (outer.limit() != null && inner.limit() != null) {
            throw multiple("LIMIT");
        }
        if (outer.offset() != null && inner.offset() != null) {
            throw multiple("OFFSET");
        }
        if (!outer.with().isEmpty() && !inner.with().isEmpty()) {
            throw multiple("WITH");
        }
        if (inner.asOf() != null && !outer.with().isEmpty()) {
            throw SqlException.notSupported(
                    "AS OF of a query in parentheses behind WITH", inner.position());
        }
        List<Query.Locking> locking = new ArrayList<>(inner.locking());
        locking.addAll(outer.locking());
        return new Query(
                inner.with().isEmpty() ? outer.with() : inner.with(),
                inner.recursive() || outer.recursive(),
                inner.body(),
                inner.orderBy().isEmpty() ? outer.orderBy() : inner.orderBy(),
                inner.limit() == null ? outer.limit() : inner.limit(),
                inner.offset() == null ? outer.offset() : inner.offset(),
                inner.withTies() || outer.withTies(),
                locking,
                inner.asOf(),
                inner.position());
    }

    private static SqlException multiple(String clause) {
        return new SqlException(
                SqlState.SYNTAX_ERROR, "multiple " + clause + " clauses not allowed");
    }

    private Query.Body plain(PlainSelect select) {
        if (select.getIntoTables() != null
                || select.getTop() != null
                || select.getSkip() != null
                || select.getFirst() != null
                || select.getQualify() != null
                || select.getPreWhere() != null
                || select.getLateralViews() != null
                || select.getOracleHierarchical() != null
                || select.getOracleHint() != null
                || select.getOptimizeFor() != null
                || select.getSampleClause() != null
                || select.getForXmlPath() != null
                || select.getKsqlWindow() != null
                || select.getPreferringClause() != null
                || select.isUsingFinal()
                || select.isUsingOnly()
                || select.getIntoTempTable() != null) {
            throw expressions.unread(select);
        }
        Distinct distinct = select.getDistinct();
        List<SqlExpr> distinctOn = new ArrayList<>();
        if (distinct != null) {
            if (distinct.isUseUnique() || distinct.isUseDistinctRow()) {
                throw expressions.unread(select);
            }
            if (distinct.getOnSelectItems() != null) {
                for (SelectItem<?> item : distinct.getOnSelectItems()) {
                    distinctOn.add(expressions.value(item.getExpression()));
                }
            }
        }
        List<List<SqlExpr>> rows = values(select);
        if (rows != null) {
            return new Query.Values(rows);
        }
        List<Query.SelectItem> items = items(select.getSelectItems());
        GroupingReader.Groups groups = new GroupingReader(skeleton, expressions).read(select);
        Expression where = select.getWhere();
        Expression having = select.getHaving();
        return new Query.Select(
                distinct != null,
                distinctOn,
                items,
                from.items(select.getFromItem(), select.getJoins()),
                where == null ? null : expressions.value(where),
                groups == null ? null : groups.elements(),
                groups != null && groups.distinct(),
                having == null ? null : expressions.value(having),
                windows(select.getWindowDefinitions()));
    }

    /** Select list or RETURNING; empty if all that stands there is our own placeholder. */
    List<Query.SelectItem> items(@Nullable List<SelectItem<?>> trees) {
        if (trees == null) {
            return List.of();
        }
        List<Query.SelectItem> items = new ArrayList<>(trees.size());
        for (SelectItem<?> tree : trees) {
            Expression expression = tree.getExpression();
            if (trees.size() == 1 && expression instanceof Column column) {
                String name = column.getFullyQualifiedName();
                if (name.indexOf('.') < 0
                        && skeleton.slots.get(Integer.parseInt(name, 1, name.length(), 10)).kind
                                == Slot.Kind.EMPTY) {
                    skeleton.take(name);
                    return List.of();
                }
            }
            String alias = null;
            if (tree.getAlias() != null) {
                if (tree.getAlias().getAliasColumns() != null) {
                    throw expressions.unread(tree);
                }
                alias = expressions.name(tree.getAlias().getName()).text;
            }
            items.add(new Query.SelectItem(expressions.expression(expression), alias));
        }
        return items;
    }

    private List<Query.NamedWindow> windows(@Nullable List<WindowDefinition> trees) {
        if (trees == null) {
            return List.of();
        }
        List<Query.NamedWindow> windows = new ArrayList<>();
        for (WindowDefinition tree : trees) {
            if (tree.getWindowElement() != null) {
                throw SyntaxErrors.near(skeleton.source, skeleton.end());
            }
            Slot name = expressions.name(tree.getWindowName());
            List<SqlExpr> partition = new ArrayList<>();
            if (tree.getPartitionExpressionList() != null) {
                for (Object member : tree.getPartitionExpressionList()) {
                    partition.add(expressions.value((Expression) member));
                }
            }
            windows.add(
                    new Query.NamedWindow(
                            name.text,
                            new SqlExpr.Window(
                                    name.base,
                                    false,
                                    partition,
                                    expressions.order(tree.getOrderByElements()),
                                    name.frame,
                                    name.definitionPosition)));
        }
        return windows;
    }

    private List<Query.Locking> locking(Select select) {
        ForMode mode = select.getForMode();
        if (mode == null) {
            return List.of();
        }
        Query.Locking.Strength strength =
                switch (mode) {
                    case UPDATE -> Query.Locking.Strength.UPDATE;
                    case NO_KEY_UPDATE -> Query.Locking.Strength.NO_KEY_UPDATE;
                    case SHARE -> Query.Locking.Strength.SHARE;
                    case KEY_SHARE -> Query.Locking.Strength.KEY_SHARE;
                    default -> throw expressions.unread(select);
                };
        List<String> tables = new ArrayList<>();
        if (select.getForUpdateTables() != null) {
            for (Table table : select.getForUpdateTables()) {
                tables.add(expressions.name(table.getFullyQualifiedName()).text);
            }
        }
        return List.of(
                new Query.Locking(strength, tables, select.isNoWait(), select.isSkipLocked()));
    }

    /** What JSqlParser hands to the last side of a set operation belongs to all of it. */
    private void takeFromLast(SetOperationList list) {
        if (!(list.getSelects().getLast() instanceof PlainSelect last)) {
            return;
        }
        if (!locking(last).isEmpty()) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "FOR "
                            + locking(last).getFirst().strength().name().replace('_', ' ')
                            + " is not allowed with UNION/INTERSECT/EXCEPT");
        }
        if (last.getOrderByElements() != null) {
            list.setOrderByElements(last.getOrderByElements());
            last.setOrderByElements(null);
        }
        if (last.getLimit() != null) {
            list.setLimit(last.getLimit());
            last.setLimit(null);
        }
        if (last.getOffset() != null) {
            list.setOffset(last.getOffset());
            last.setOffset(null);
        }
        if (last.getFetch() != null) {
            list.setFetch(last.getFetch());
            last.setFetch(null);
        }
    }

    private Query.Body set(SetOperationList list) {
        List<Query> queries = new ArrayList<>();
        for (Select select : list.getSelects()) {
            queries.add(query(select));
        }
        // INTERSECT binds tighter than UNION and EXCEPT; all of them group to the left.
        List<SetOperation> operations = new ArrayList<>(list.getOperations());
        for (int pass = 0; pass < 2; pass++) {
            int i = 0;
            while (i < operations.size()) {
                SetOperation operation = operations.get(i);
                if (pass == 0 && !(operation instanceof IntersectOp)) {
                    i++;
                    continue;
                }
                Query left = queries.get(i);
                queries.set(i, combine(operation, left, queries.remove(i + 1)));
                operations.remove(i);
            }
        }
        return queries.getFirst().body();
    }

    private Query combine(SetOperation operation, Query left, Query right) {
        Query.SetKind kind =
                switch (operation) {
                    case UnionOp union -> Query.SetKind.UNION;
                    case IntersectOp intersect -> Query.SetKind.INTERSECT;
                    case ExceptOp except -> Query.SetKind.EXCEPT;
                    default -> throw expressions.unread(operation);
                };
        return Query.of(
                new Query.SetOperation(kind, operation.isAll(), left, right), left.position());
    }

    // ---- VALUES ----

    /** The rows if this SELECT is how a VALUES was written, null otherwise. */
    private @Nullable List<List<SqlExpr>> values(PlainSelect select) {
        List<SelectItem<?>> items = select.getSelectItems();
        if (!(items.getFirst().getExpression() instanceof Column column)) {
            return null;
        }
        Slot slot = expressions.peek(column);
        if (slot == null || slot.kind != Slot.Kind.ROWS) {
            return null;
        }
        slot.taken++;
        if (items.getFirst().getAlias() != null) {
            throw SyntaxErrors.near(
                    skeleton.source, expressions.name(items.getFirst().getAlias().getName()).token);
        }
        List<List<SqlExpr>> rows = new ArrayList<>(slot.rows.size());
        int width = slot.rows.getFirst().size();
        int next = 1;
        for (List<@Nullable SqlExpr> constants : slot.rows) {
            List<SqlExpr> row = new ArrayList<>(constants.size());
            for (SqlExpr constant : constants) {
                if (constant != null) {
                    row.add(constant);
                    continue;
                }
                SelectItem<?> item = next < items.size() ? items.get(next) : null;
                if (item == null || item.getAlias() != null) {
                    throw SyntaxErrors.near(skeleton.source, slot.token);
                }
                row.add(expressions.value(item.getExpression()));
                next++;
            }
            if (row.size() != width) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "VALUES lists must all be the same length",
                        row.getFirst().position());
            }
            rows.add(row);
        }
        if (next != items.size()) {
            throw SyntaxErrors.near(skeleton.source, slot.token);
        }
        return rows;
    }
}
