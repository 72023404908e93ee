package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.PlanTree;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A view that a statement changes, as changes of the one table under it.
 *
 * @param conditions that hold of the table's rows that the view shows
 * @param defaults what columns of the table get that are given nothing, as the views say it; by
 *     column number
 * @param checks what WITH CHECK OPTION asks of new rows, those of inner views first
 */
record ViewTarget(
        ViewDef view,
        TableDef table,
        List<Shown> columns,
        List<Expr> conditions,
        List<Check> checks,
        Map<Integer, String> defaults) {
    private static final int DEPTH_MAX = 32;

    /**
     * A column of the view.
     *
     * @param value over the visible columns of the table
     * @param base the table's column if the view shows one unchanged
     */
    record Shown(ColumnDef definition, Expr value, @Nullable ColumnDef base) {}

    /** A condition that must be true of a new row. */
    record Check(String view, Expr condition) {}

    /**
     * @param verb INSERT, UPDATE or DELETE
     * @throws SqlException 55000 for a view that cannot be changed
     */
    static ViewTarget find(BindState state, Environment outside, ViewDef view, String verb) {
        return find(state, outside, view, view, verb, false);
    }

    private static ViewTarget find(
            BindState state,
            Environment outside,
            ViewDef view,
            ViewDef named,
            String verb,
            boolean cascaded) {
        if (outside.viewDepth() >= DEPTH_MAX) {
            throw new SqlException(
                    SqlState.INVALID_OBJECT_DEFINITION,
                    "infinite recursion detected in rules for relation \"" + view.name() + "\"");
        }
        Query query = SqlTexts.query(view.query());
        String refusal = refusal(query);
        if (refusal != null) {
            throw refused(view, verb, refusal);
        }
        Environment inside = outside.insideView(view);
        Query.Select select = (Query.Select) query.body();
        TableExpr.Named item = (TableExpr.Named) select.from().getFirst();
        Object under = new NamedRelationBinder(state, inside).stored(item);
        String option = view.options().get(ViewDef.CHECK_OPTION);
        ViewTarget inner = null;
        TableDef table;
        if (under instanceof TableDef base
                && inside.catalog().materializedView(base.id()) == null) {
            table = base;
        } else if (under instanceof ViewDef below) {
            inner = find(state, inside, below, below, verb, cascaded || "cascaded".equals(option));
            table = inner.table();
        } else {
            throw refused(view, verb, NOT_SINGLE);
        }
        LogicalPlan plan = new QueryBinder(state, inside).bind(plain(query), null);
        if (!(plan instanceof LogicalPlan.Project project)) {
            throw refused(view, verb, NOT_SINGLE);
        }
        LogicalPlan source = project.input();
        List<Expr> conditions = new ArrayList<>(inner == null ? List.of() : inner.conditions());
        List<Check> checks = new ArrayList<>(inner == null ? List.of() : inner.checks());
        if (source instanceof LogicalPlan.Filter filter) {
            Expr condition = over(inner, filter.condition());
            conditions.addAll(ExprTraits.conjuncts(condition));
            if (cascaded || option != null) {
                checks.add(new Check(view.name(), condition));
            }
            source = filter.input();
        }
        switch (source) {
            case LogicalPlan.Aggregate _ ->
                    throw refused(
                            view,
                            verb,
                            "Views that return aggregate functions are not automatically"
                                    + " updatable.");
            case LogicalPlan.ProjectSet _ ->
                    throw refused(
                            view,
                            verb,
                            "Views that return set-returning functions are not automatically"
                                    + " updatable.");
            case LogicalPlan.Scan _, LogicalPlan.Project _ -> {}
            default ->
                    throw refused(
                            view,
                            verb,
                            "Views that return window functions are not automatically"
                                    + " updatable.");
        }
        List<Shown> columns = columns(view, table, inner, project);
        Map<Integer, String> defaults = new HashMap<>(inner == null ? Map.of() : inner.defaults());
        for (Shown column : columns) {
            String text = column.definition().defaultSql();
            if (column.base() != null && text != null) {
                defaults.put(column.base().number(), text);
            }
        }
        return new ViewTarget(named, table, columns, conditions, checks, defaults);
    }

    private static List<Shown> columns(
            ViewDef view, TableDef table, @Nullable ViewTarget inner, LogicalPlan.Project project) {
        List<ColumnDef> visible = table.visibleColumns();
        List<Shown> columns = new ArrayList<>();
        for (int i = 0; i < view.columns().size(); i++) {
            ColumnDef definition = view.columns().get(i);
            Expr value = over(inner, project.expressions().get(i));
            ColumnDef base = null;
            if (value instanceof Expr.Input input) {
                if (input.index() >= visible.size()) {
                    throw SqlException.notSupported(
                            "changing a view that shows when a row was written");
                }
                base = visible.get(input.index());
            }
            columns.add(new Shown(definition, value, base));
        }
        return columns;
    }

    /** An expression over a view's columns as one over the table's. */
    private static Expr over(@Nullable ViewTarget inner, Expr expr) {
        return inner == null
                ? expr
                : PlanTree.replace(
                        expr,
                        (index, original, depth) ->
                                PlanTree.deepen(inner.columns().get(index).value(), depth));
    }

    private static final String NOT_SINGLE =
            "Views that do not select from a single table or view are not automatically"
                    + " updatable.";

    /** Why a view with this query cannot be changed; null if nothing in its form is against it. */
    private static @Nullable String refusal(Query query) {
        if (!(query.body() instanceof Query.Select select)) {
            return query.body() instanceof Query.SetOperation
                    ? "Views containing UNION, INTERSECT, or EXCEPT are not automatically"
                            + " updatable."
                    : NOT_SINGLE;
        }
        if (select.distinct()) {
            return "Views containing DISTINCT are not automatically updatable.";
        }
        if (select.groupBy() != null) {
            return "Views containing GROUP BY are not automatically updatable.";
        }
        if (select.having() != null) {
            return "Views containing HAVING are not automatically updatable.";
        }
        if (!query.with().isEmpty()) {
            return "Views containing WITH are not automatically updatable.";
        }
        if (query.limit() != null || query.offset() != null) {
            return "Views containing LIMIT or OFFSET are not automatically updatable.";
        }
        boolean single =
                query.asOf() == null
                        && select.from().size() == 1
                        && select.from().getFirst() instanceof TableExpr.Named item
                        && item.time() == null;
        if (!single) {
            return NOT_SINGLE;
        }
        return ((TableExpr.Named) select.from().getFirst()).sample() == null
                ? null
                : "Views containing TABLESAMPLE are not automatically updatable.";
    }

    /** Without what only orders or locks. */
    private static Query plain(Query query) {
        return new Query(
                List.of(),
                false,
                query.body(),
                List.of(),
                null,
                null,
                false,
                List.of(),
                null,
                query.position());
    }

    private static SqlException refused(ViewDef view, String verb, String detail) {
        String action =
                switch (verb) {
                    case "INSERT" -> "insert into";
                    case "UPDATE" -> "update";
                    default -> "delete from";
                };
        String doing =
                switch (verb) {
                    case "INSERT" -> "inserting into";
                    case "UPDATE" -> "updating";
                    default -> "deleting from";
                };
        return new SqlException(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "cannot " + action + " view \"" + view.name() + "\"")
                .withDetail(detail)
                .withHint(
                        "To enable "
                                + doing
                                + " the view, provide an INSTEAD OF "
                                + verb.toUpperCase(Locale.ROOT)
                                + " trigger or an unconditional ON "
                                + verb.toUpperCase(Locale.ROOT)
                                + " DO INSTEAD rule.");
    }

    /** The view has no column that could be given a value. */
    SqlException withoutColumns(String verb) {
        return refused(
                view,
                verb,
                "Views that have no updatable columns are not automatically updatable.");
    }
}
