package dev.driftdb.query.explain;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.CatalogText;
import dev.driftdb.query.function.RegNames;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Expressions as PostgreSQL prints them: all casts shown, all operators in parentheses. */
final class ExpressionText {
    /** Longer texts are cut. */
    private static final int LENGTH_MAX = 100_000;

    /**
     * Where an expression is evaluated.
     *
     * @param own whether the row is computed by the node itself, and not by one below
     * @param outer the place around a subquery
     * @param style how columns are named
     */
    record Place(LogicalPlan row, boolean own, @Nullable Place outer, Style style) {
        Place of(LogicalPlan other) {
            return new Place(other, own, outer, style);
        }

        Place below(LogicalPlan other) {
            return new Place(other, false, outer, style);
        }
    }

    /**
     * How columns are named.
     *
     * @param qualified with the names of their relations
     * @param plain the relation whose columns are not, null for none
     */
    record Style(boolean qualified, @Nullable LogicalPlan plain) {
        static final Style QUALIFIED = new Style(true, null);

        @SuppressWarnings("ReferenceEquality") // one scan of several of a table
        boolean qualifies(LogicalPlan scan) {
            return qualified && scan != plain;
        }
    }

    private final RelationNames names;
    private final FormatSettings format;
    private final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();
    private final IdentityHashMap<Object, Integer> results = new IdentityHashMap<>();

    ExpressionText(RelationNames names, FormatSettings format) {
        this.names = names;
        this.format = format;
    }

    // ---- subqueries ----

    /** A subquery that is run once for all rows: its result is known by a number. */
    static boolean runsOnce(LogicalPlan plan) {
        return PlanTraits.nearestReference(plan) > 1;
    }

    /** A common table has a number, too, but does not show it. */
    void numberCommonTable(Explain node) {
        numbers.put(node, numbers.size() + 1);
        results.put(node, results.size());
    }

    private int number(LogicalPlan plan) {
        Integer known = numbers.get(plan);
        if (known == null) {
            known = numbers.size() + 1;
            numbers.put(plan, known);
        }
        return known;
    }

    private String result(LogicalPlan plan) {
        number(plan);
        Integer known = results.get(plan);
        if (known == null) {
            known = results.size();
            results.put(plan, known);
        }
        return "$" + known;
    }

    /** "InitPlan 1 (returns $0)" or "SubPlan 1". */
    String nameOf(boolean once, LogicalPlan plan) {
        int number = number(plan);
        return once
                ? "InitPlan " + number + " (returns " + result(plan) + ")"
                : "SubPlan " + number;
    }

    private String subquery(LogicalPlan plan) {
        return runsOnce(plan) ? result(plan) : "(SubPlan " + number(plan) + ")";
    }

    // ---- columns ----

    String column(int index, Place place) {
        LogicalPlan plan = place.row();
        return switch (plan) {
            case LogicalPlan.Scan _, LogicalPlan.SystemScan _ ->
                    names.column(
                            plan, plan.columns().get(index).name(), place.style().qualifies(plan));
            case LogicalPlan.FunctionScan _, LogicalPlan.CteScan _ ->
                    names.column(
                            plan, plan.columns().get(index).name(), place.style().qualifies(plan));
            case LogicalPlan.Values values ->
                    values.rows().size() == 1
                            ? computed(values.rows().getFirst().get(index), place)
                            : names.column(
                                    plan, "column" + (index + 1), place.style().qualifies(plan));
            case LogicalPlan.Sample sample -> column(index, place.of(sample.input()));
            case LogicalPlan.Filter filter -> column(index, place.of(filter.input()));
            case LogicalPlan.Sort sort -> column(index, place.below(sort.input()));
            case LogicalPlan.Limit limit -> column(index, place.below(limit.input()));
            case LogicalPlan.LockRows lock -> column(index, place.below(lock.input()));
            case LogicalPlan.Distinct distinct -> column(index, place.below(distinct.input()));
            case LogicalPlan.With with -> column(index, place.of(with.body()));
            case LogicalPlan.RecursiveUnion union -> column(index, place.below(union.base()));
            case LogicalPlan.SetOperation set -> column(index, place.below(set.left()));
            case LogicalPlan.Project project ->
                    computed(project.expressions().get(index), place.of(project.input()));
            case LogicalPlan.ProjectSet project -> {
                int width = project.input().columns().size();
                if (index < width) {
                    yield column(index, place.below(project.input()));
                }
                String name = project.columns().get(index).name();
                for (LogicalPlan.SetCall call : project.calls()) {
                    if (call.function().name().equals(name)) {
                        name += "(" + list(call.arguments(), place.below(project.input())) + ")";
                        break;
                    }
                }
                yield place.own() ? name : "(" + name + ")";
            }
            case LogicalPlan.Join join -> {
                int width = join.left().columns().size();
                if (index < width) {
                    yield column(index, place.below(join.left()));
                }
                Place outer =
                        join.lateral()
                                ? new Place(join.left(), false, place.outer(), Style.QUALIFIED)
                                : place.outer();
                yield column(index - width, new Place(join.right(), false, outer, place.style()));
            }
            case LogicalPlan.Aggregate aggregate -> {
                int groups = aggregate.groupBy().size();
                Place input = place.below(aggregate.input());
                if (index < groups) {
                    yield computed(aggregate.groupBy().get(index), place.of(input.row()));
                }
                String call =
                        index - groups < aggregate.aggregates().size()
                                ? aggregate(aggregate.aggregates().get(index - groups), input)
                                : "GROUPING("
                                        + aggregate
                                                .groupings()
                                                .get(index - groups - aggregate.aggregates().size())
                                                .stream()
                                                .map(i -> of(aggregate.groupBy().get(i), input))
                                                .collect(Collectors.joining(", "))
                                        + ")";
                yield place.own() ? call : "(" + call + ")";
            }
            case LogicalPlan.Window window -> {
                int width = window.input().columns().size();
                Place input = place.below(window.input());
                if (index < width) {
                    yield column(index, input);
                }
                LogicalPlan.WindowCall call = window.calls().get(index - width);
                String text =
                        call.name()
                                + "("
                                + (call.arguments().isEmpty() && call.aggregate() != null
                                        ? "*"
                                        : list(call.arguments(), input))
                                + ")"
                                + filter(call.filter(), input)
                                + " OVER (?)";
                yield place.own() ? text : "(" + text + ")";
            }
        };
    }

    /** A column that is an expression; in parentheses where a node below has computed it. */
    private String computed(Expr expr, Place place) {
        if (expr instanceof Expr.Input input) {
            return column(input.index(), place);
        }
        String text = of(expr, new Place(place.row(), true, place.outer(), place.style()));
        return place.own() || expr instanceof Expr.Outer ? text : "(" + text + ")";
    }

    private String aggregate(LogicalPlan.AggregateCall call, Place input) {
        StringBuilder text = new StringBuilder(call.function().name()).append('(');
        boolean within = call.function().direct() > 0 || !call.direct().isEmpty();
        if (within) {
            text.append(list(call.direct(), input));
        } else {
            text.append(call.distinct() ? "DISTINCT " : "")
                    .append(call.arguments().isEmpty() ? "*" : list(call.arguments(), input));
            if (!call.orderBy().isEmpty()) {
                text.append(" ORDER BY ").append(String.join(", ", keys(call.orderBy(), input)));
            }
        }
        text.append(')');
        if (within) {
            text.append(" WITHIN GROUP (ORDER BY ")
                    .append(String.join(", ", keys(call.orderBy(), input)))
                    .append(')');
        }
        return text + filter(call.filter(), input);
    }

    private String filter(@Nullable Expr condition, Place input) {
        return condition == null ? "" : " FILTER (WHERE " + of(condition, input) + ")";
    }

    // ---- expressions ----

    String condition(List<Expr> terms, Place place) {
        return cut(
                terms.size() == 1 ? of(terms.getFirst(), place) : of(new Expr.And(terms), place));
    }

    List<String> keys(List<SortKey> keys, Place place) {
        List<String> texts = new ArrayList<>();
        for (SortKey key : keys) {
            texts.add(
                    cut(of(key.expression(), place))
                            + (key.descending() ? " DESC" : "")
                            + (key.nullsFirst() == key.descending()
                                    ? ""
                                    : key.nullsFirst() ? " NULLS FIRST" : " NULLS LAST"));
        }
        return texts;
    }

    static String cut(String text) {
        return text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + "…";
    }

    private String list(List<Expr> list, Place place) {
        return list.stream().map(e -> of(e, place)).collect(Collectors.joining(", "));
    }

    private String all(List<Expr> terms, String separator, Place place) {
        return terms.stream()
                .map(e -> of(e, place))
                .collect(Collectors.joining(separator, "(", ")"));
    }

    private String binary(Expr left, String operator, Expr right, Place place) {
        return "(" + of(left, place) + " " + operator + " " + of(right, place) + ")";
    }

    String of(Expr expr, Place place) {
        return switch (expr) {
            case Expr.Constant constant -> constant(constant);
            case Expr.Input input -> column(input.index(), place);
            case Expr.Outer outer -> {
                Place around = place;
                for (int i = 0; i < outer.depth() && around != null; i++) {
                    around = around.outer();
                }
                yield around == null
                        ? "outer." + (outer.index() + 1)
                        : column(outer.index(), around.below(around.row()));
            }
            case Expr.Parameter parameter -> "$" + parameter.number();
            case Expr.Call call -> call(call, place);
            case Expr.Comparison c -> binary(c.left(), c.op().symbol(), c.right(), place);
            case Expr.Cast cast
                    when cast.operand() instanceof Expr.Constant unknown
                            && unknown.type().equals(Types.UNKNOWN)
                            && unknown.value() instanceof String written ->
                    literal(normal(cast.type(), written)) + "::" + type(cast.type(), cast.typmod());
            case Expr.Cast cast ->
                    "(" + of(cast.operand(), place) + ")::" + type(cast.type(), cast.typmod());
            case Expr.DomainCheck check ->
                    "(" + of(check.operand(), place) + ")::" + type(check.type(), -1);
            case Expr.And and -> all(and.terms(), " AND ", place);
            case Expr.Or or -> all(or.terms(), " OR ", place);
            case Expr.Not not -> "(NOT " + of(not.operand(), place) + ")";
            case Expr.IsNull test ->
                    "("
                            + of(test.operand(), place)
                            + (test.negated() ? " IS NOT NULL)" : " IS NULL)");
            case Expr.IsBoolean test ->
                    "("
                            + of(test.operand(), place)
                            + (test.negated() ? " IS NOT " : " IS ")
                            + (test.value() ? "TRUE)" : "FALSE)");
            case Expr.IsDistinct test -> {
                String text = binary(test.left(), "IS DISTINCT FROM", test.right(), place);
                yield test.negated() ? "(NOT " + text + ")" : text;
            }
            case Expr.Case choice -> {
                StringBuilder text = new StringBuilder("CASE");
                for (Expr.Branch branch : choice.branches()) {
                    text.append(" WHEN ")
                            .append(of(branch.condition(), place))
                            .append(" THEN ")
                            .append(of(branch.result(), place));
                }
                Expr otherwise = choice.otherwise();
                text.append(" ELSE ")
                        .append(
                                otherwise == null
                                        ? "NULL::" + type(choice.type(), -1)
                                        : of(otherwise, place));
                yield text + " END";
            }
            case Expr.Coalesce c -> "COALESCE(" + list(c.arguments(), place) + ")";
            case Expr.NullIf c ->
                    "NULLIF(" + of(c.value(), place) + ", " + of(c.comparison(), place) + ")";
            case Expr.Extreme extreme ->
                    (extreme.greatest() ? "GREATEST(" : "LEAST(")
                            + list(extreme.arguments(), place)
                            + ")";
            case Expr.InList in ->
                    "("
                            + of(in.operand(), place)
                            + (in.negated() ? " <> ALL (" : " = ANY (")
                            + elements(in.list(), place)
                            + "))";
            case Expr.QuantifiedArray quantified ->
                    "("
                            + of(quantified.operand(), place)
                            + " "
                            + operator(quantified.predicate())
                            + (quantified.all() ? " ALL (" : " ANY (")
                            + of(quantified.array(), place)
                            + "))";
            case Expr.ScalarQuery query -> subquery(query.plan());
            case Expr.Exists query -> subquery(query.plan());
            case Expr.ArrayQuery query -> subquery(query.plan());
            case Expr.InQuery in -> {
                String text =
                        (runsOnce(in.plan()) ? "(hashed SubPlan " : "(SubPlan ")
                                + number(in.plan())
                                + ")";
                yield in.negated() ? "(NOT " + text + ")" : text;
            }
            case Expr.CurrentOf current -> "CURRENT OF " + current.cursor();
            case Expr.QuantifiedQuery quantified -> "(SubPlan " + number(quantified.plan()) + ")";
            case Expr.ArrayConstructor array -> "ARRAY[" + list(array.elements(), place) + "]";
            case Expr.Row row -> "ROW(" + list(row.fields(), place) + ")";
        };
    }

    private static String operator(Expr.Predicate predicate) {
        return switch (predicate.expression()) {
            case Expr.Comparison c -> c.op().symbol();
            case Expr.Call call when call.operator() != null -> call.operator();
            default -> "=";
        };
    }

    private String elements(List<Expr> list, Place place) {
        SqlType type = list.getFirst().type();
        List<@Nullable Object> values = new ArrayList<>();
        for (Expr element : list) {
            if (!(element instanceof Expr.Constant constant)) {
                return "ARRAY[" + list(list, place) + "]";
            }
            values.add(constant.value());
        }
        return literal(TextFormat.format(Types.arrayOf(type), SqlArray.of(type, values), format))
                + "::"
                + type(type, -1)
                + "[]";
    }

    private String call(Expr.Call call, Place place) {
        String operator = call.operator();
        List<Expr> arguments = call.arguments();
        if (operator != null && arguments.size() == 2) {
            return binary(arguments.get(0), operator, arguments.get(1), place);
        }
        if (operator != null && arguments.size() == 1) {
            return "(" + operator + " " + of(arguments.get(0), place) + ")";
        }
        return RegNames.quoteIdentifier(call.function().name())
                + "("
                + list(arguments, place)
                + ")";
    }

    // ---- constants and types ----

    private String constant(Expr.Constant constant) {
        SqlType type = constant.type();
        Object value = constant.value();
        if (value == null) {
            return "NULL::" + type(type, constant.typmod());
        }
        if (type.equals(Types.BOOL)) {
            return value.toString();
        }
        String text = TextFormat.format(type, value, format);
        boolean digits = !text.isEmpty() && Character.isDigit(text.charAt(0));
        if (type.equals(Types.INT4) && digits) {
            return text;
        }
        boolean fraction = text.indexOf('.') >= 0 || text.indexOf('e') >= 0;
        if (type.equals(Types.NUMERIC) && digits && fraction) {
            return constant.typmod() < 0 ? text : text + "::" + type(type, constant.typmod());
        }
        return literal(text) + "::" + type(type, constant.typmod());
    }

    /** A literal as its type shows it. */
    private String normal(SqlType type, String written) {
        try {
            return TextFormat.format(type, TextFormat.parse(type, written, format), format);
        } catch (SqlException | IllegalStateException e) {
            return written; // It is refused when it is run.
        }
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String type(SqlType type, int typmod) {
        return type.definition() != null
                ? type.sqlName()
                : CatalogText.type(type.oid(), typmod < 0 ? null : (Long) (long) typmod);
    }
}
