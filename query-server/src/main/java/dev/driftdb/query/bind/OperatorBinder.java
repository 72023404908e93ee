package dev.driftdb.query.bind;

import dev.driftdb.query.bind.Overloads.Candidate;
import dev.driftdb.query.bind.Overloads.Choice;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.Expr.Comparison.Op;
import dev.driftdb.query.expr.Expr.Quantifier;
import dev.driftdb.query.function.ComparisonCasts;
import dev.driftdb.query.function.OperatorDef;
import dev.driftdb.query.function.ScalarFunction.Volatility;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds operators, comparisons of rows, lists, arrays and subqueries. */
final class OperatorBinder {
    private final BindState state;
    private final Coercion coercion;
    private final Overloads overloads;

    OperatorBinder(BindState state) {
        this.state = state;
        this.coercion = state.coercion;
        this.overloads = new Overloads(state.coercion);
    }

    /** left operator right. */
    Expr binary(String symbol, Expr left, Expr right, int position) {
        if (ComparisonTypes.operator(symbol) != null
                && (isDomainOverEnum(left.type()) || isDomainOverEnum(right.type()))) {
            throw noOperator(symbol, List.of(left.type(), right.type()), false, position);
        }
        return plainBinary(symbol, plain(left), plain(right), position);
    }

    /** The operators of enumerations take any enumeration, which a domain over one is not. */
    private static boolean isDomainOverEnum(SqlType type) {
        return type.isDomain() && type.base().definition() instanceof UserType.Enumeration;
    }

    /** Operators know a domain as its base type. */
    Expr plain(Expr operand) {
        return operand.type().isDomain()
                ? state.at(Domains.plain(operand), state.position(operand))
                : operand;
    }

    private Expr plainBinary(String symbol, Expr left, Expr right, int position) {
        if (left instanceof Expr.Row(List<Expr> a) && right instanceof Expr.Row(List<Expr> b)) {
            return rows(symbol, a, b, position);
        }
        Op op = ComparisonTypes.operator(symbol);
        if (op != null) {
            Expr[] sides = comparable(op, left, right);
            if (sides != null) {
                return new Expr.Comparison(op, sides[0], sides[1]);
            }
        }
        List<Candidate<OperatorDef>> candidates = new ArrayList<>();
        for (OperatorDef operator : state.functions.operators(symbol)) {
            SqlType wanted = operator.left();
            if (wanted != null) {
                candidates.add(new Candidate<>(operator, List.of(wanted, operator.right()), false));
            }
        }
        return call(symbol, candidates, List.of(left, right), position);
    }

    /** operator operand. */
    Expr prefix(String symbol, Expr operand, int position) {
        List<Candidate<OperatorDef>> candidates = new ArrayList<>();
        for (OperatorDef operator : state.functions.operators(symbol)) {
            if (operator.left() == null) {
                candidates.add(new Candidate<>(operator, List.of(operator.right()), false));
            }
        }
        return call(symbol, candidates, List.of(plain(operand)), position);
    }

    private Expr call(
            String symbol,
            List<Candidate<OperatorDef>> candidates,
            List<Expr> operands,
            int position) {
        List<SqlType> actual = operands.stream().map(Expr::type).toList();
        Choice<OperatorDef> choice = overloads.chooseOperator(candidates, actual);
        Candidate<OperatorDef> chosen = choice.candidate();
        if (chosen == null) {
            throw noOperator(symbol, actual, choice.ambiguous(), position);
        }
        Polymorphism poly = Polymorphism.resolve(chosen.types(), actual, coercion);
        if (poly == null) {
            throw noOperator(symbol, actual, false, position);
        }
        List<Expr> arguments = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            arguments.add(coercion.implicit(operands.get(i), poly.types().get(i)));
        }
        SqlType result = poly.concrete(chosen.target().function().result());
        if (result == null) {
            throw noOperator(symbol, actual, false, position);
        }
        return state.folding.fold(
                new Expr.Call(chosen.target().function(), arguments, result, -1, symbol));
    }

    private static SqlException noOperator(
            String symbol, List<SqlType> types, boolean ambiguous, int position) {
        String shown =
                types.size() == 1
                        ? symbol + " " + types.getFirst().sqlName()
                        : types.get(0).sqlName() + " " + symbol + " " + types.get(1).sqlName();
        return ambiguous
                ? new SqlException(
                                SqlState.AMBIGUOUS_FUNCTION,
                                "operator is not unique: " + shown,
                                position)
                        .withHint(
                                "Could not choose a best candidate operator. You might need to add"
                                        + " explicit type casts.")
                : new SqlException(
                                SqlState.UNDEFINED_FUNCTION,
                                "operator does not exist: " + shown,
                                position)
                        .withHint(
                                types.size() == 1
                                        ? "No operator matches the given name and argument type."
                                                + " You might need to add an explicit type cast."
                                        : "No operator matches the given name and argument types."
                                                + " You might need to add explicit type casts.");
    }

    /** Both sides converted so that they compare; null if no comparison takes these types. */
    Expr @Nullable [] comparable(Op op, Expr one, Expr other) {
        Expr left = plain(one);
        Expr right = plain(other);
        List<SqlType> actual = List.of(left.type(), right.type());
        Candidate<Op> chosen = overloads.chooseOperator(ComparisonTypes.of(op), actual).candidate();
        if (chosen == null) {
            return null;
        }
        Polymorphism poly = Polymorphism.resolve(chosen.types(), actual, coercion);
        if (poly == null) {
            return null;
        }
        SqlType l = poly.types().get(0);
        SqlType r = poly.types().get(1);
        if (l.isArray() && !ValueOrder.isOrdered(l)) {
            throw new SqlException(
                    SqlState.UNDEFINED_FUNCTION,
                    (op == Op.EQ || op == Op.NE
                                    ? "could not identify an equality operator for type "
                                    : "could not identify a comparison function for type ")
                            + l.element().sqlName());
        }
        SqlType both = ComparisonTypes.unified(l, r);
        return new Expr[] {
            side(coercion.implicit(left, l), both == null ? l : both),
            side(coercion.implicit(right, r), both == null ? r : both)
        };
    }

    private Expr side(Expr operand, SqlType both) {
        return operand.type().equals(Types.DATE) && !both.equals(Types.DATE)
                ? new Expr.Cast(operand, ComparisonCasts.ofDate(both), both, -1)
                : coercion.implicit(operand, both);
    }

    private Expr[] requireComparable(Op op, Expr left, Expr right, int position) {
        Expr[] sides = comparable(op, left, right);
        if (sides == null) {
            throw noOperator(op.symbol(), List.of(left.type(), right.type()), false, position);
        }
        return sides;
    }

    /** Row comparison field by field. */
    private Expr rows(String symbol, List<Expr> a, List<Expr> b, int position) {
        if (a.size() != b.size()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "unequal number of entries in row expressions",
                    position);
        }
        if (a.isEmpty()) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED, "cannot compare rows of zero length", position);
        }
        List<Expr> terms = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            Expr term = binary(symbol, a.get(i), b.get(i), position);
            if (!term.type().equals(Types.BOOL)) {
                throw new SqlException(
                        SqlState.DATATYPE_MISMATCH,
                        "row comparison operator must yield type boolean, not type "
                                + term.type().sqlName(),
                        position);
            }
            terms.add(term);
        }
        if (terms.size() == 1) {
            return terms.getFirst();
        }
        return switch (ComparisonTypes.operator(symbol)) {
            case null ->
                    throw new SqlException(
                                    SqlState.FEATURE_NOT_SUPPORTED,
                                    "could not determine interpretation of row comparison operator "
                                            + symbol,
                                    position)
                            .withHint(
                                    "Row comparison operators must be associated with btree"
                                            + " operator families.");
            case EQ -> new Expr.And(terms);
            case NE -> new Expr.Or(terms);
            case Op op -> lexicographic(op, a, b, 0, position);
        };
    }

    private Expr lexicographic(Op op, List<Expr> a, List<Expr> b, int from, int position) {
        Expr left = a.get(from);
        Expr right = b.get(from);
        if (from == a.size() - 1) {
            return binary(op.symbol(), left, right, position);
        }
        String strict = op == Op.LT || op == Op.LE ? "<" : ">";
        return new Expr.Or(
                List.of(
                        binary(strict, left, right, position),
                        new Expr.And(
                                List.of(
                                        binary("=", left, right, position),
                                        lexicographic(op, a, b, from + 1, position)))));
    }

    static Expr and(List<Expr> terms) {
        return terms.size() == 1 ? terms.getFirst() : new Expr.And(terms);
    }

    static Expr or(List<Expr> terms) {
        return terms.size() == 1 ? terms.getFirst() : new Expr.Or(terms);
    }

    Expr distinct(Expr left, Expr right, boolean negated, int position) {
        if (left instanceof Expr.Row(List<Expr> a) && right instanceof Expr.Row(List<Expr> b)) {
            if (a.size() != b.size()) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "unequal number of entries in row expressions",
                        position);
            }
            List<Expr> terms = new ArrayList<>();
            for (int i = 0; i < a.size(); i++) {
                terms.add(distinct(a.get(i), b.get(i), negated, position));
            }
            return negated ? and(terms) : or(terms);
        }
        Expr[] sides = requireComparable(Op.EQ, left, right, position);
        return new Expr.IsDistinct(sides[0], sides[1], negated);
    }

    /** operand IN (list): one list if all compare in the operand's own type. */
    Expr in(Expr operand, List<Expr> given, boolean negated, int position) {
        List<Expr> list = new ArrayList<>(given);
        if (isDomainOverEnum(operand.type())) {
            SqlType other = list.size() == 1 ? list.getFirst().type() : operand.type().base();
            throw noOperator("=", List.of(operand.type(), other), false, position);
        }
        List<Expr> terms = new ArrayList<>();
        List<Expr> elements = new ArrayList<>();
        if (plain(operand).type().composite() != null) {
            SqlType type = plain(operand).type();
            list.replaceAll(e ->
                    e.type().equals(Types.UNKNOWN) || e instanceof Expr.Row
                            ? coercion.implicit(e, type)
                            : e);
        }
        Expr common = null;
        boolean uniform = !(operand instanceof Expr.Row);
        for (Expr element : list) {
            if (operand instanceof Expr.Row || element instanceof Expr.Row) {
                uniform = false;
                terms.add(binary(negated ? "<>" : "=", operand, element, position));
                continue;
            }
            Expr[] sides = requireComparable(Op.EQ, operand, element, position);
            if (common == null) {
                common = sides[0];
            }
            uniform &= common.equals(sides[0]);
            elements.add(sides[1]);
            terms.add(new Expr.Comparison(negated ? Op.NE : Op.EQ, sides[0], sides[1]));
        }
        if (uniform && common != null) {
            return new Expr.InList(common, elements, negated);
        }
        return negated ? and(terms) : or(terms);
    }

    /** operand IN (SELECT …). */
    Expr inQuery(Expr operand, LogicalPlan plan, boolean negated, int position) {
        List<Expr> operands = fields(operand);
        List<OutputColumn> columns = plan.columns();
        requireWidth(operands.size(), columns.size(), position);
        List<Expr> left = new ArrayList<>();
        List<Expr> right = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            OutputColumn column = columns.get(i);
            Expr[] sides =
                    requireComparable(
                            Op.EQ,
                            operands.get(i),
                            new Expr.Input(i, column.type(), column.typmod()),
                            position);
            left.add(sides[0]);
            right.add(sides[1]);
        }
        return new Expr.InQuery(left, Plans.converted(plan, right), negated);
    }

    /** operand operator ANY|ALL (SELECT …). */
    Expr quantifiedQuery(Expr operand, String symbol, boolean all, LogicalPlan plan, int position) {
        Op op = ComparisonTypes.operator(symbol);
        if (op == Op.EQ && !all) {
            return inQuery(operand, plan, false, position);
        }
        if (op == Op.NE && all) {
            return inQuery(operand, plan, true, position);
        }
        Quantifier quantifier = all ? Quantifier.ALL : Quantifier.ANY;
        return quantified(fields(operand), symbol, quantifier, plan, position);
    }

    /** row operator (SELECT …). */
    Expr rowQuery(Expr row, String symbol, LogicalPlan plan, int position) {
        return quantified(fields(row), symbol, Quantifier.ONLY, plan, position);
    }

    private static List<Expr> fields(Expr operand) {
        return operand instanceof Expr.Row row ? row.fields() : List.of(operand);
    }

    private static void requireWidth(int operands, int columns, int position) {
        if (columns != operands) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    columns < operands
                            ? "subquery has too few columns"
                            : "subquery has too many columns",
                    position);
        }
    }

    private Expr quantified(
            List<Expr> operands,
            String symbol,
            Quantifier quantifier,
            LogicalPlan plan,
            int position) {
        int width = operands.size();
        requireWidth(width, plan.columns().size(), position);
        List<Expr> known = new ArrayList<>();
        List<Expr> left = new ArrayList<>();
        List<Expr> right = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            OutputColumn column = plan.columns().get(i);
            Expr operand = coercionForPredicate(operands.get(i), column.type());
            known.add(operand);
            left.add(new Expr.Input(i, operand.type(), operand.typmod()));
            right.add(new Expr.Input(width + i, column.type(), column.typmod()));
        }
        Expr test = rows(symbol, left, right, position);
        return new Expr.QuantifiedQuery(known, plan, quantifier, new Expr.Predicate(test));
    }

    private Expr coercionForPredicate(Expr operand, SqlType other) {
        return operand.type().equals(Types.UNKNOWN) ? coercion.implicit(operand, other) : operand;
    }

    private static Expr.Predicate predicate(Expr test, int position) {
        if (!test.type().equals(Types.BOOL)) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    "op ANY/ALL (array) requires operator to yield boolean",
                    position);
        }
        return new Expr.Predicate(test);
    }

    /** operand operator ANY|ALL (array). */
    Expr quantifiedArray(Expr operand, String symbol, boolean all, Expr array, int position) {
        Expr left = operand;
        Expr right = plain(array);
        if (right.type().equals(Types.UNKNOWN)) {
            left = coercion.known(left);
            SqlType element = left.type().equals(Types.VARCHAR) ? Types.TEXT : left.type();
            right = coercion.implicit(right, Types.arrayOf(element));
        }
        if (!right.type().isArray()) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    "op ANY/ALL (array) requires array on right side",
                    position);
        }
        SqlType element = right.type().element();
        left = coercionForPredicate(left, element);
        Expr test =
                binary(
                        symbol,
                        new Expr.Input(0, left.type(), left.typmod()),
                        new Expr.Input(1, element, -1),
                        position);
        return new Expr.QuantifiedArray(left, right, all, predicate(test, position));
    }

    /** Whether evaluating the expression twice could give two values. */
    static boolean isVolatile(Expr expression) {
        boolean[] found = {false};
        new Rewriter(
                        (e, depth) -> {
                            if (e instanceof Expr.Call call
                                    && call.function().volatility() == Volatility.VOLATILE) {
                                found[0] = true;
                            }
                            return null;
                        })
                .expr(expression, 0);
        return found[0];
    }
}
