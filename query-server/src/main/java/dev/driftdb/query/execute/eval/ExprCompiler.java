package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compiles expressions to closures. Used by one thread while a plan is made. */
public final class ExprCompiler {
    /** What the compiler needs of the planner. */
    public interface Subqueries {
        Operator operator(LogicalPlan plan);

        /** A number under which a {@link dev.driftdb.query.execute.Frame} remembers something. */
        int newSlot();
    }

    private final Subqueries subqueries;

    public ExprCompiler(Subqueries subqueries) {
        this.subqueries = subqueries;
    }

    public Eval[] compileAll(List<Expr> list) {
        return list.stream().map(this::compile).toArray(Eval[]::new);
    }

    public Eval compile(Expr expr) {
        Eval eval = compileNode(expr);
        return ExprTraits.isWorthRemembering(expr) ? remembered(eval) : eval;
    }

    /** Stable and without references: one value per statement, made when first asked for. */
    private Eval remembered(Eval eval) {
        int slot = subqueries.newSlot();
        return (row, frame) -> {
            Object known = frame.root().slot(slot);
            if (known == null) {
                Object value = eval.eval(row, frame);
                known = value == null ? SubqueryEvals.NULL : value;
                frame.root().remember(slot, known);
            }
            return SubqueryEvals.NULL.equals(known) ? null : known;
        };
    }

    private Eval compileNode(Expr expr) {
        return switch (expr) {
            case Expr.Constant constant -> {
                Object value = constant.value();
                yield (row, frame) -> value;
            }
            case Expr.Input input -> {
                int index = input.index();
                yield (row, frame) -> row[index];
            }
            case Expr.Outer outer -> {
                int index = outer.index();
                int depth = outer.depth();
                yield (row, frame) -> frame.outer(depth)[index];
            }
            case Expr.Parameter parameter -> {
                int number = parameter.number();
                yield (row, frame) -> frame.context().parameter(number);
            }
            case Expr.Call call -> Calls.call(call, compileAll(call.arguments()));
            case Expr.Comparison comparison -> comparison(comparison);
            case Expr.Cast cast -> Calls.cast(cast, compile(cast.operand()));
            case Expr.DomainCheck check ->
                    DomainEval.compile(this, check, compile(check.operand()));
            case Expr.And and -> Logic.and(compileAll(and.terms()));
            case Expr.Or or -> Logic.or(compileAll(or.terms()));
            case Expr.Not not -> Logic.not(compile(not.operand()));
            case Expr.IsNull test -> {
                Eval operand = compile(test.operand());
                yield test.operand().type().storage() == dev.driftdb.schemas.type.Storage.ROW
                        ? rowIsNull(operand, test.negated())
                        : isNull(operand, test.negated());
            }
            case Expr.IsBoolean test -> {
                Eval operand = compile(test.operand());
                Boolean wanted = test.value();
                boolean negated = test.negated();
                yield (row, frame) -> wanted.equals(operand.eval(row, frame)) != negated;
            }
            case Expr.IsDistinct test ->
                    Comparisons.distinct(
                            test.left().type(),
                            test.negated(),
                            compile(test.left()),
                            compile(test.right()));
            case Expr.Case choice -> choice(choice);
            case Expr.Coalesce coalesce -> coalesce(compileAll(coalesce.arguments()));
            case Expr.NullIf nullIf -> {
                Eval value = compile(nullIf.value());
                Eval equal =
                        Comparisons.compile(
                                Expr.Comparison.Op.EQ,
                                nullIf.value().type(),
                                value,
                                compile(nullIf.comparison()),
                                null);
                yield (row, frame) -> equal.test(row, frame) ? null : value.eval(row, frame);
            }
            case Expr.Extreme extreme ->
                    Comparisons.extreme(
                            extreme.greatest(), extreme.type(), compileAll(extreme.arguments()));
            case Expr.InList in ->
                    Membership.list(in, compile(in.operand()), compileAll(in.list()));
            case Expr.QuantifiedArray quantified ->
                    Membership.array(
                            quantified.all(),
                            compile(quantified.operand()),
                            compile(quantified.array()),
                            compile(quantified.predicate().expression()));
            case Expr.ScalarQuery query -> SubqueryEvals.scalar(subqueries, query.plan());
            case Expr.Exists exists -> SubqueryEvals.exists(subqueries, exists.plan());
            case Expr.ArrayQuery query ->
                    SubqueryEvals.array(subqueries, query.plan(), query.type().element());
            case Expr.InQuery in -> InQueryEval.compile(this, subqueries, in);
            case Expr.QuantifiedQuery quantified ->
                    SubqueryEvals.quantified(
                            subqueries,
                            quantified,
                            compileAll(quantified.operands()),
                            compile(quantified.predicate().expression()));
            case Expr.CurrentOf _ ->
                    throw SqlException.notSupported("WHERE CURRENT OF in this place");
            case Expr.ArrayConstructor array -> arrayOf(array);
            case Expr.Row row -> rowOf(row);
        };
    }

    private Eval comparison(Expr.Comparison comparison) {
        Expr left = comparison.left();
        Expr right = comparison.right();
        Expr.Comparison.Op op = comparison.op();
        if (left instanceof Expr.Constant && !(right instanceof Expr.Constant)) {
            left = comparison.right();
            right = comparison.left();
            op = op.flipped();
        }
        Object constant = right instanceof Expr.Constant value ? value.value() : null;
        return Comparisons.compile(op, left.type(), compile(left), compile(right), constant);
    }

    private static Eval isNull(Eval operand, boolean negated) {
        return (row, frame) -> (operand.eval(row, frame) == null) != negated;
    }

    // A row IS NULL if all its fields are, and IS NOT NULL if none is.
    private static Eval rowIsNull(Eval operand, boolean negated) {
        return (row, frame) -> {
            Object value = operand.eval(row, frame);
            if (!(value instanceof SqlRow fields)) {
                return (value == null) != negated;
            }
            for (Object field : fields.values()) {
                if ((field == null) == negated) {
                    return false;
                }
            }
            return true;
        };
    }

    private Eval choice(Expr.Case choice) {
        Eval[] conditions =
                choice.branches().stream()
                        .map(branch -> compile(branch.condition()))
                        .toArray(Eval[]::new);
        Eval[] results =
                choice.branches().stream()
                        .map(branch -> compile(branch.result()))
                        .toArray(Eval[]::new);
        Expr last = choice.otherwise();
        Eval otherwise = last == null ? (row, frame) -> null : compile(last);
        return (row, frame) -> {
            for (int i = 0; i < conditions.length; i++) {
                if (conditions[i].test(row, frame)) {
                    return results[i].eval(row, frame);
                }
            }
            return otherwise.eval(row, frame);
        };
    }

    private static Eval coalesce(Eval[] arguments) {
        return (row, frame) -> {
            for (Eval argument : arguments) {
                Object value = argument.eval(row, frame);
                if (value != null) {
                    return value;
                }
            }
            return null;
        };
    }

    private Eval arrayOf(Expr.ArrayConstructor array) {
        Eval[] elements = compileAll(array.elements());
        SqlType element = array.type().element();
        boolean nested = array.elements().stream().anyMatch(e -> e.type().isArray());
        return (row, frame) -> {
            @Nullable Object[] values = new @Nullable Object[elements.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = elements[i].eval(row, frame);
            }
            return nested
                    ? ArrayStacking.stack(element, values)
                    : SqlArray.of(element, Arrays.asList(values));
        };
    }

    private Eval rowOf(Expr.Row row) {
        Eval[] fields = compileAll(row.fields());
        List<SqlType> types = row.fields().stream().map(Expr::type).toList();
        return (input, frame) -> {
            List<@Nullable Object> values = new ArrayList<>(fields.length);
            for (Eval field : fields) {
                values.add(field.eval(input, frame));
            }
            return new SqlRow(types, Collections.unmodifiableList(values));
        };
    }
}
