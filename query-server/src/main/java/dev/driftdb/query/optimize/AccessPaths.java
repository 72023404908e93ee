package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.operator.KeyBounds;
import dev.driftdb.query.execute.operator.StoredTable.Access;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.Implication;
import dev.driftdb.query.plan.IndexTerms;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.IndexDef.IndexColumn;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Chooses how the rows of a table are found: by key, by a range of keys, by an index, or all. */
final class AccessPaths {
    /** Which share of the cost remains where only the first rows are read. */
    private static final double LIMITED = 0.1;

    /** How many values an array that is not known yet may have. */
    private static final double ARRAY_ELEMENTS = 10;

    /** A condition on one column that an index may serve. */
    private sealed interface Restriction {
        int column();

        Expr original();

        record Compare(int column, Expr.Comparison.Op op, Expr bound, Expr original)
                implements Restriction {}

        record OneOf(int column, List<Expr> elements, Expr original) implements Restriction {}

        record OneOfArray(int column, Expr array, Expr original) implements Restriction {}
    }

    /** A sort key that an order of rows may satisfy. */
    record Order(int column, boolean descending, boolean nullsFirst) {}

    /**
     * A way in.
     *
     * @param index null for the table's own key order
     * @param covered conditions that hold of every row found, and those that bound it
     * @param cost in rows of a plain scan
     * @param rows how many it finds, before what is left to be filtered
     */
    record Path(
            Access access,
            @Nullable IndexDef index,
            Set<Expr> covered,
            List<Expr> bounding,
            boolean ordered,
            double cost,
            double rows) {}

    private final Estimates estimates;
    private final LogicalPlan.Scan scan;
    private final TableDef table;
    private final List<ColumnDef> visible;
    private final List<IndexDef> indexes;
    private final ScanTime time;
    private final Function<Expr, Eval> compiler;
    private final List<Restriction> restrictions = new ArrayList<>();

    /** What computed indexes are over; a target behind the visible columns each. */
    private final List<Expr> expressions = new ArrayList<>();

    /** The same over the table's own row. */
    private final List<Expr> ownExpressions = new ArrayList<>();

    /** What partial indexes ask of their rows, over the table's own row. */
    private final Map<Integer, List<Expr>> predicates = new HashMap<>();

    private final IdentityHashMap<IndexColumn, Integer> expressionTargets = new IdentityHashMap<>();

    /**
     * @param terms what computed indexes compute
     * @param conditions that all hold of the wanted rows
     * @param firstColumn the position of the table's first column in the row they read
     * @param boundable whether an expression is known before the table is read
     */
    AccessPaths(
            Estimates estimates,
            LogicalPlan.Scan scan,
            List<IndexDef> indexes,
            Function<IndexDef, IndexTerms> terms,
            List<Expr> conditions,
            int firstColumn,
            Predicate<Expr> boundable,
            Function<Expr, Eval> compiler) {
        this.estimates = estimates;
        this.scan = scan;
        this.table = scan.table();
        this.visible = table.visibleColumns();
        this.indexes = usable(indexes, terms, new Implication(conditions), firstColumn);
        this.time = scan.time();
        this.compiler = compiler;
        for (Expr condition : conditions) {
            Restriction restriction = restriction(condition, firstColumn, boundable);
            if (restriction != null) {
                restrictions.add(restriction);
            } else {
                for (Expr implied : ImpliedRanges.of(condition)) {
                    Restriction range = restriction(implied, firstColumn, boundable);
                    if (range != null) {
                        restrictions.add(range);
                    }
                }
            }
        }
    }

    /** The indexes that have every wanted row; their expressions become targets. */
    private List<IndexDef> usable(
            List<IndexDef> all,
            Function<IndexDef, IndexTerms> terms,
            Implication implication,
            int firstColumn) {
        List<IndexDef> result = new ArrayList<>();
        for (IndexDef index : all) {
            if (index.computed()) {
                IndexTerms computed = terms.apply(index);
                List<Expr> predicate =
                        computed.predicate().stream()
                                .map(term -> PlanTree.shift(term, firstColumn))
                                .toList();
                if (!implication.all(predicate)) {
                    continue;
                }
                addExpressions(index, computed, firstColumn);
                predicates.put(index.id(), computed.predicate());
            }
            result.add(index);
        }
        return result;
    }

    private void addExpressions(IndexDef index, IndexTerms terms, int firstColumn) {
        for (int i = 0; i < terms.columns().size(); i++) {
            Expr expression = terms.columns().get(i);
            if (expression != null) {
                Expr shifted = PlanTree.shift(expression, firstColumn);
                int known = expressions.indexOf(shifted);
                if (known < 0) {
                    known = expressions.size();
                    expressions.add(shifted);
                    ownExpressions.add(expression);
                }
                expressionTargets.put(index.columns().get(i), visible.size() + known);
            }
        }
    }

    @SuppressWarnings("RefactorSwitch") // its cases return from several places
    private @Nullable Restriction restriction(
            Expr condition, int firstColumn, Predicate<Expr> boundable) {
        switch (condition) {
            case Expr.Comparison c -> {
                if (c.op() == Expr.Comparison.Op.NE) {
                    return null;
                }
                int left = column(c.left(), firstColumn);
                if (left >= 0 && boundable.test(c.right()) && sameKey(left, c.right().type())) {
                    return new Restriction.Compare(left, c.op(), c.right(), c);
                }
                int right = column(c.right(), firstColumn);
                return right >= 0 && boundable.test(c.left()) && sameKey(right, c.left().type())
                        ? new Restriction.Compare(right, c.op().flipped(), c.left(), c)
                        : null;
            }
            case Expr.InList in -> {
                int column = column(in.operand(), firstColumn);
                boolean usable =
                        column >= 0
                                && !in.negated()
                                && in.list().stream()
                                        .allMatch(e ->
                                                boundable.test(e) && sameKey(column, e.type()));
                return usable ? new Restriction.OneOf(column, in.list(), in) : null;
            }
            case Expr.QuantifiedArray any -> {
                int column = column(any.operand(), firstColumn);
                boolean usable =
                        column >= 0
                                && !any.all()
                                && isEquality(any.predicate().expression())
                                && boundable.test(any.array())
                                && any.array().type().isArray()
                                && sameKey(column, any.array().type().element());
                return usable ? new Restriction.OneOfArray(column, any.array(), any) : null;
            }
            default -> {
                return null;
            }
        }
    }

    private static boolean isEquality(Expr expr) {
        return expr instanceof Expr.Comparison c
                && c.op() == Expr.Comparison.Op.EQ
                && c.left() instanceof Expr.Input
                && c.right() instanceof Expr.Input;
    }

    private int column(Expr expr, int firstColumn) {
        Expr read =
                expr instanceof Expr.Cast cast && cast.cast().isRelabel() ? cast.operand() : expr;
        if (read instanceof Expr.Input input) {
            int column = input.index() - firstColumn;
            if (column >= 0
                    && column < visible.size()
                    && KeyCodec.isKeyable(visible.get(column).type())) {
                return column;
            }
        }
        if (expressions.isEmpty()) {
            return -1;
        }
        int expression = expressions.indexOf(expr);
        if (expression < 0) {
            expression = expressions.indexOf(read);
        }
        return expression < 0 ? -1 : visible.size() + expression;
    }

    private SqlType typeOf(int target) {
        return target < visible.size()
                ? visible.get(target).type()
                : expressions.get(target - visible.size()).type();
    }

    /** Whether a value of the type, as it is, makes a key of the column. */
    private boolean sameKey(int column, SqlType type) {
        SqlType own = typeOf(column).base();
        if (own.equals(type.base())) {
            return true;
        }
        return switch (own.storage()) {
            case LONG -> isInteger(own) && isInteger(type);
            case TEXT ->
                    type.storage() == Storage.TEXT
                            && !own.equals(Types.BPCHAR)
                            && !type.equals(Types.BPCHAR);
            default -> false;
        };
    }

    private static boolean isInteger(SqlType type) {
        return type.equals(Types.INT2)
                || type.equals(Types.INT4)
                || type.equals(Types.INT8)
                || type.equals(Types.OID);
    }

    /**
     * The cheapest way.
     *
     * @param order wanted of the rows, empty for none
     * @param limited whether only the first rows will be read
     */
    Path choose(List<Order> order, boolean limited, boolean indexesAllowed) {
        Path best = null;
        List<IndexDef> candidates = new ArrayList<>();
        for (IndexDef index : indexes) {
            boolean usable = indexesAllowed && time instanceof ScanTime.Now;
            if (!index.primary() && usable) {
                candidates.add(index);
            }
        }
        if (table.hasPrimaryKey()) {
            List<IndexColumn> key =
                    table.keyColumns().stream().map(IndexColumn::ascending).toList();
            best = path(null, key, true, order, limited);
        }
        if (best == null) {
            best =
                    new Path(
                            new Access.Scan(KeyBounds.ALL, false),
                            null,
                            Set.of(),
                            List.of(),
                            order.isEmpty(),
                            estimates.rows(scan)
                                    + (order.isEmpty()
                                            ? 0
                                            : sortCost(estimates.rows(scan), limited)),
                            estimates.rows(scan));
        }
        for (IndexDef index : candidates) {
            Path path = path(index, index.columns(), index.unique(), order, limited);
            if (path.cost() < best.cost()) {
                best = path;
            }
        }
        return best;
    }

    private Path path(
            @Nullable IndexDef index,
            List<IndexColumn> columns,
            boolean unique,
            List<Order> order,
            boolean limited) {
        List<Eval> equals = new ArrayList<>();
        List<Expr> bounding = new ArrayList<>();
        KeyBounds.AnyOf anyOf = null;
        KeyBounds.Bound lower = null;
        KeyBounds.Bound upper = null;
        List<Expr> known = new ArrayList<>();
        if (index != null) {
            known.addAll(predicates.getOrDefault(index.id(), List.of()));
        }
        double alternatives = 1;
        int position = 0;
        while (position < columns.size() && anyOf == null) {
            int column = target(columns.get(position));
            Restriction.Compare equality = equality(column);
            if (equality != null) {
                equals.add(compiler.apply(equality.bound()));
                bounding.add(equality.original());
                known.add(compared(equality));
                position++;
                continue;
            }
            Restriction choice = choice(column);
            if (choice == null) {
                break;
            }
            bounding.add(choice.original());
            switch (choice) {
                case Restriction.OneOf oneOf -> {
                    anyOf =
                            new KeyBounds.AnyOf.Elements(
                                    oneOf.elements().stream().map(compiler).toList());
                    alternatives = oneOf.elements().size();
                }
                case Restriction.OneOfArray array -> {
                    anyOf = new KeyBounds.AnyOf.Array(compiler.apply(array.array()));
                    alternatives = ARRAY_ELEMENTS;
                }
                case Restriction.Compare _ -> {}
            }
            known.add(listed(choice));
            position++;
        }
        boolean all = position == columns.size();
        if (!all && anyOf == null) {
            int column = target(columns.get(position));
            Restriction.Compare least = bound(column, true);
            Restriction.Compare most = bound(column, false);
            if (least != null) {
                boolean inclusive = least.op() == Expr.Comparison.Op.GE;
                lower = new KeyBounds.Bound(compiler.apply(least.bound()), inclusive);
                bounding.add(least.original());
                known.add(compared(least));
            }
            if (most != null) {
                boolean inclusive = most.op() == Expr.Comparison.Op.LE;
                upper = new KeyBounds.Bound(compiler.apply(most.bound()), inclusive);
                bounding.add(most.original());
                known.add(compared(most));
            }
        }
        KeyBounds bounds =
                bounding.isEmpty()
                        ? KeyBounds.ALL
                        : new KeyBounds(keyColumns(columns), equals, anyOf, lower, upper);
        double rows =
                all && unique
                        ? alternatives
                        : Math.max(1, estimates.rows(scan) * estimates.selectivity(known, scan));
        int fixed = equals.size();
        Boolean direction = direction(columns, fixed, order);
        boolean ordered = order.isEmpty() || direction != null || (all && unique && anyOf == null);
        boolean reverse = Boolean.TRUE.equals(direction);
        double cost;
        if (index == null) {
            cost =
                    all
                            ? alternatives * Costs.KEY_LOOKUP
                            : rows + (bounding.isEmpty() ? 0 : alternatives * Costs.CURSOR);
        } else {
            cost = rows * Costs.INDEX_ROW + alternatives * Costs.CURSOR;
        }
        if (!ordered) {
            cost += sortCost(rows, limited);
        } else if (limited && !order.isEmpty()) {
            cost *= LIMITED;
        }
        if (index == null && all) {
            return new Path(
                    new Access.Keys(bounds),
                    null,
                    new HashSet<>(bounding),
                    bounding,
                    ordered && anyOf == null,
                    cost,
                    rows);
        }
        Access access =
                index == null
                        ? new Access.Scan(bounds, reverse)
                        : new Access.Index(index, bounds, reverse);
        return new Path(access, index, Set.of(), bounding, ordered, cost, rows);
    }

    private static double sortCost(double rows, boolean limited) {
        return limited ? rows * Costs.COMPARE : Costs.sort(rows);
    }

    /** The restriction over the table's own row, with a bound only if it is a constant. */
    private Expr compared(Restriction.Compare restriction) {
        return new Expr.Comparison(
                restriction.op(), operand(restriction.column()), constant(restriction.bound()));
    }

    private Expr listed(Restriction restriction) {
        Expr column = operand(restriction.column());
        return switch (restriction) {
            case Restriction.OneOf oneOf ->
                    new Expr.InList(
                            column,
                            oneOf.elements().stream().map(AccessPaths::constant).toList(),
                            false);
            case Restriction.OneOfArray _, Restriction.Compare _ -> {
                List<Expr> unknown = new ArrayList<>();
                for (int i = 0; i < ARRAY_ELEMENTS; i++) {
                    unknown.add(new Expr.Parameter(0, column.type()));
                }
                yield new Expr.InList(column, unknown, false);
            }
        };
    }

    private Expr operand(int target) {
        return target < visible.size()
                ? new Expr.Input(target, visible.get(target).type(), -1)
                : ownExpressions.get(target - visible.size());
    }

    private static Expr constant(Expr bound) {
        return bound instanceof Expr.Constant ? bound : new Expr.Parameter(0, bound.type());
    }

    private List<KeyBounds.KeyColumn> keyColumns(List<IndexColumn> columns) {
        return columns.stream()
                .map(c -> new KeyBounds.KeyColumn(c.type(table), c.descending(), c.nullsFirst()))
                .toList();
    }

    private int target(IndexColumn column) {
        Integer expression = expressionTargets.get(column);
        return expression == null ? visiblePosition(column.number()) : expression;
    }

    private int visiblePosition(int number) {
        for (int i = 0; i < visible.size(); i++) {
            if (visible.get(i).number() == number) {
                return i;
            }
        }
        return -1;
    }

    private Restriction.@Nullable Compare equality(int column) {
        for (Restriction restriction : restrictions) {
            if (restriction instanceof Restriction.Compare c
                    && c.column() == column
                    && c.op() == Expr.Comparison.Op.EQ) {
                return c;
            }
        }
        return null;
    }

    private @Nullable Restriction choice(int column) {
        for (Restriction restriction : restrictions) {
            if (restriction.column() == column && !(restriction instanceof Restriction.Compare)) {
                return restriction;
            }
        }
        return null;
    }

    private Restriction.@Nullable Compare bound(int column, boolean least) {
        for (Restriction restriction : restrictions) {
            if (restriction instanceof Restriction.Compare c && c.column() == column) {
                boolean fits =
                        switch (c.op()) {
                            case GT, GE -> least;
                            case LT, LE -> !least;
                            case EQ, NE -> false;
                        };
                if (fits) {
                    return c;
                }
            }
        }
        return null;
    }

    /** FALSE if the columns give the order forwards, TRUE if backwards, null if not. */
    private @Nullable Boolean direction(List<IndexColumn> columns, int fixed, List<Order> order) {
        if (order.isEmpty()) {
            return Boolean.FALSE;
        }
        Set<Integer> constant = new HashSet<>();
        for (int i = 0; i < fixed; i++) {
            constant.add(visiblePosition(columns.get(i).number()));
        }
        Boolean direction = null;
        int position = fixed;
        for (Order key : order) {
            if (constant.contains(key.column())) {
                continue;
            }
            if (position == columns.size()) {
                return null;
            }
            IndexColumn column = columns.get(position++);
            if (visiblePosition(column.number()) != key.column()) {
                return null;
            }
            boolean backwards = key.descending() != column.descending();
            boolean nullable = !table.column(column.number()).notNull();
            boolean nullsFit = (key.nullsFirst() != column.nullsFirst()) == backwards;
            boolean isKey = table.keyColumns().contains(column.number());
            if (nullable && !isKey && !nullsFit) {
                return null;
            }
            if (direction != null && direction != backwards) {
                return null;
            }
            direction = backwards;
        }
        return direction == null ? Boolean.FALSE : direction;
    }
}
