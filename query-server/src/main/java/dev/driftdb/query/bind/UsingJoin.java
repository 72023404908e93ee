package dev.driftdb.query.bind;

import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.JoinType;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JOIN … USING and NATURAL JOIN: equal columns and their merged names.
 *
 * @param both the names over (left row, right row)
 */
record UsingJoin(
        BindState state,
        From left,
        From right,
        JoinType type,
        boolean lateral,
        Namespace both,
        List<OutputColumn> columns,
        int position) {

    /**
     * @param alias what the merged columns are called together; null for nothing
     */
    From bind(boolean natural, List<String> using, @Nullable String alias) {
        List<String> names = natural ? commonNames() : using;
        List<Expr> terms = new ArrayList<>();
        List<Column> merged = new ArrayList<>();
        List<Expr> extra = new ArrayList<>();
        List<Integer> gone = new ArrayList<>();
        OperatorBinder operators = new OperatorBinder(state);
        int leftWidth = left.namespace().width();
        requireOnce(names);
        for (String name : names) {
            Column l = find(left.namespace(), name, "left");
            Column r = find(right.namespace(), name, "right").shifted(leftWidth);
            Expr a = new Expr.Input(l.index(), l.type(), l.typmod());
            Expr b = new Expr.Input(r.index(), r.type(), r.typmod());
            terms.add(operators.binary("=", a, b, position));
            if (state.references != null) {
                state.references.column(l, 0);
                state.references.column(r, 0);
            }
            gone.add(l.index());
            gone.add(r.index());
            SqlType common = state.coercion.common(List.of(a, b), "JOIN/USING");
            // An inner join shows whichever side needs no conversion.
            boolean second =
                    type == JoinType.INNER && !l.type().equals(common) && r.type().equals(common);
            Column side = type == JoinType.RIGHT || second ? r : l;
            if (type != JoinType.FULL && side.type().equals(common)) {
                merged.add(side);
                continue;
            }
            List<Expr> values = state.coercion.toCommon(List.of(a, b), common, "JOIN/USING");
            Expr value =
                    switch (type) {
                        case FULL -> new Expr.Coalesce(values, common);
                        case RIGHT -> values.get(1);
                        case INNER, LEFT, SEMI, ANTI -> values.get(0);
                    };
            merged.add(
                    new Column(
                            name, both.width() + extra.size(), common, value.typmod(), 0, 0, null));
            extra.add(value);
        }
        Expr condition = terms.isEmpty() ? null : OperatorBinder.and(terms);
        LogicalPlan plan =
                new LogicalPlan.Join(type, left.plan(), right.plan(), condition, lateral, columns);
        if (!extra.isEmpty()) {
            List<Expr> expressions = new ArrayList<>(Plans.inputs(columns));
            expressions.addAll(extra);
            List<OutputColumn> output = new ArrayList<>(columns);
            merged.stream()
                    .filter(c -> c.index() >= both.width())
                    .forEach(c ->
                            output.add(new OutputColumn(c.name(), c.type(), c.typmod(), 0, 0)));
            plan = new LogicalPlan.Project(plan, expressions, output);
        }
        List<Column> visible = new ArrayList<>(merged);
        for (Column column : both.visible()) {
            if (!gone.contains(column.index())) {
                visible.add(column);
            }
        }
        int width = both.width() + extra.size();
        Namespace plain = new Namespace(both.relations(), List.copyOf(visible), width);
        return new From(plan, alias == null ? plain : withAlias(plain, alias, using, merged));
    }

    /** The names with the merged columns as a relation too, which {@code *} leaves out. */
    private Namespace withAlias(
            Namespace names, String alias, List<String> using, List<Column> merged) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < merged.size(); i++) {
            Column column = merged.get(i);
            columns.add(
                    new Column(
                            using.get(i),
                            column.index(),
                            column.type(),
                            column.typmod(),
                            column.tableId(),
                            column.columnNumber(),
                            column.fields()));
        }
        Relation relation = new Relation(alias, null, null, columns, List.of(), null);
        Namespace one = new Namespace(List.of(relation), List.of(), 0);
        // Only for the check that the alias is new: its columns stand where they are.
        names.with(one, position);
        List<Relation> relations = new ArrayList<>(names.relations());
        relations.add(relation);
        return new Namespace(List.copyOf(relations), names.visible(), names.width());
    }

    private static void requireOnce(List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            if (names.subList(0, i).contains(names.get(i))) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column name \""
                                + names.get(i)
                                + "\" appears more than once in USING clause");
            }
        }
    }

    private List<String> commonNames() {
        List<String> names = new ArrayList<>();
        for (Column column : left.namespace().visible()) {
            boolean there =
                    right.namespace().visible().stream()
                            .anyMatch(c -> c.name().equals(column.name()));
            if (there && !names.contains(column.name())) {
                names.add(column.name());
            }
        }
        return names;
    }

    private Column find(Namespace namespace, String name, String side) {
        @Nullable Column found = null;
        for (Column column : namespace.visible()) {
            if (column.name().equals(name)) {
                if (found != null) {
                    throw new SqlException(
                            SqlState.AMBIGUOUS_COLUMN,
                            "common column name \""
                                    + name
                                    + "\" appears more than once in "
                                    + side
                                    + " table");
                }
                found = column;
            }
        }
        if (found == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_COLUMN,
                    "column \""
                            + name
                            + "\" specified in USING clause does not exist in "
                            + side
                            + " table");
        }
        return found;
    }
}
