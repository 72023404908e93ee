package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.SqlExpr.LikeKind;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Applies PostgreSQL's precedence to a flat chain of operands and operators (its gram.y: OR, AND,
 * NOT, IS, comparison, BETWEEN IN LIKE, other operators, + -, * / %, ^, AT, COLLATE, unary minus,
 * subscript, ::). Used once for one chain; not for several threads.
 */
final class OperatorChain {
    private static final Set<String> COMPARISONS = Set.of("<", ">", "=", "<=", ">=", "<>");

    /** What the chain needs of the tree around it. */
    interface Operands<T> {
        SqlExpr expression(T tree);

        /** The query in parentheses, null if it is none. */
        @Nullable Query query(T tree);

        /** The members of a parenthesised list; empty slots are left out of an empty list. */
        List<@Nullable SqlExpr> members(T tree);

        SqlExpr.Window window(T tree);
    }

    /** Exactly one of the two is there. */
    record Element<T>(@Nullable Slot operator, @Nullable T operand, @Nullable Slot list) {}

    private OperatorChain() {}

    static <T> SqlExpr read(List<Element<T>> elements, Operands<T> operands, String source) {
        Reader<T> reader = new Reader<>(elements, operands, source);
        SqlExpr result = reader.parse(0);
        if (reader.index < elements.size()) {
            throw reader.fail();
        }
        return result;
    }

    private static final class Reader<T> {
        private final List<Element<T>> elements;
        private final Operands<T> operands;
        private final String source;
        private int index;

        Reader(List<Element<T>> elements, Operands<T> operands, String source) {
            this.elements = elements;
            this.operands = operands;
            this.source = source;
        }

        private SqlException fail() {
            int i = Math.min(index, elements.size() - 1);
            for (; i >= 0; i--) {
                Slot slot = elements.get(i).operator();
                if (slot != null) {
                    return SyntaxErrors.near(source, slot.token);
                }
            }
            return new SqlException(SqlState.SYNTAX_ERROR, "syntax error");
        }

        private @Nullable Slot peek() {
            return index < elements.size() ? elements.get(index).operator() : null;
        }

        private boolean isNext(String text) {
            Slot slot = peek();
            return slot != null && slot.text.equals(text);
        }

        private T operand() {
            if (index < elements.size()) {
                T tree = elements.get(index).operand();
                if (tree != null) {
                    index++;
                    return tree;
                }
            }
            throw fail();
        }

        SqlExpr parse(int minimum) {
            SqlExpr left = prefix();
            while (index < elements.size()) {
                Slot operator = peek();
                if (operator == null) {
                    throw fail();
                }
                int power = power(operator.text);
                if (power < minimum) {
                    return left;
                }
                index++;
                left = infix(left, operator, power);
            }
            return left;
        }

        private SqlExpr prefix() {
            if (index >= elements.size()) {
                throw fail();
            }
            Slot slot = peek();
            if (slot == null) {
                return operands.expression(operand());
            }
            int position = slot.position();
            index++;
            return switch (slot.text) {
                case "not" -> new SqlExpr.Not(parse(Precedence.NOT), position);
                case "+", "-" -> new SqlExpr.Unary(slot.text, parse(Precedence.MINUS), position);
                case "exists" -> {
                    Query query = operands.query(operand());
                    if (query == null) {
                        throw SyntaxErrors.near(source, slot.token);
                    }
                    yield new SqlExpr.Exists(query, position);
                }
                case "array query" -> {
                    Query query = operands.query(operand());
                    if (query == null) {
                        throw SyntaxErrors.near(source, slot.token);
                    }
                    yield new SqlExpr.ArrayQuery(query, position);
                }
                case "array" -> new SqlExpr.ArrayConstructor(present(operand()), position);
                case "row" -> new SqlExpr.Row(present(operand()), position);
                case "cast" -> {
                    List<SqlExpr> value = present(operand());
                    if (slot.type == null || value.size() != 1) {
                        throw SyntaxErrors.near(source, slot.token);
                    }
                    yield new SqlExpr.Cast(value.getFirst(), slot.type, position);
                }
                default -> {
                    String symbol = symbol(slot.text);
                    if (power(slot.text) != Precedence.OTHER) {
                        throw SyntaxErrors.near(source, slot.token);
                    }
                    // Left of its operand it binds as between two: ~ a || b is (~ a) || b.
                    yield new SqlExpr.Unary(symbol, parse(Precedence.OTHER + 1), position);
                }
            };
        }

        private List<SqlExpr> present(T tree) {
            List<SqlExpr> result = new ArrayList<>();
            for (SqlExpr member : operands.members(tree)) {
                if (member != null) {
                    result.add(member);
                }
            }
            return result;
        }

        private SqlExpr infix(SqlExpr left, Slot slot, int power) {
            int position = slot.position();
            String text = slot.text;
            return switch (text) {
                case "or" -> {
                    List<SqlExpr> terms = new ArrayList<>(List.of(left, parse(Precedence.AND)));
                    while (isNext("or")) {
                        index++;
                        terms.add(parse(Precedence.AND));
                    }
                    yield new SqlExpr.Or(terms, position);
                }
                case "and" -> {
                    List<SqlExpr> terms = new ArrayList<>(List.of(left, parse(Precedence.NOT)));
                    while (isNext("and")) {
                        index++;
                        terms.add(parse(Precedence.NOT));
                    }
                    yield new SqlExpr.And(terms, position);
                }
                case "is null" -> new SqlExpr.IsNull(left, false, position);
                case "is not null" -> new SqlExpr.IsNull(left, true, position);
                case "is true", "is false", "is unknown" ->
                        new SqlExpr.IsBoolean(left, truth(text), false, position);
                case "is not true", "is not false", "is not unknown" ->
                        new SqlExpr.IsBoolean(left, truth(text), true, position);
                case "is nfc",
                        "is nfd",
                        "is nfkc",
                        "is nfkd",
                        "is not nfc",
                        "is not nfd",
                        "is not nfkc",
                        "is not nfkd" -> {
                    String form = text.substring(text.lastIndexOf(' ') + 1);
                    SqlExpr call =
                            SqlExpr.FunctionCall.of(
                                    "is_normalized",
                                    List.of(left, new SqlExpr.StringLiteral(form, position)),
                                    position);
                    yield text.startsWith("is not") ? new SqlExpr.Not(call, position) : call;
                }
                case "is distinct from", "is not distinct from" -> {
                    SqlExpr right = parse(Precedence.IS + 1);
                    once(Precedence.IS);
                    yield new SqlExpr.IsDistinct(
                            left, right, text.equals("is not distinct from"), position);
                }
                case "between", "not between", "between symmetric", "not between symmetric" -> {
                    SqlExpr low = parse(Precedence.MATCH + 1);
                    if (!isNext("and")) {
                        throw fail();
                    }
                    index++;
                    SqlExpr high = parse(Precedence.MATCH + 1);
                    once(Precedence.MATCH);
                    yield new SqlExpr.Between(
                            left,
                            low,
                            high,
                            text.endsWith("symmetric"),
                            text.startsWith("not"),
                            position);
                }
                case "in", "not in" -> in(left, slot);
                case "like", "ilike", "similar", "not like", "not ilike", "not similar" ->
                        like(left, slot);
                case "collate" ->
                        new SqlExpr.Collate(
                                left, new QualifiedName(slot.names, position), position);
                case "at time zone" -> {
                    SqlExpr zone = parse(Precedence.AT + 1);
                    yield SqlExpr.FunctionCall.of("timezone", List.of(zone, left), position);
                }
                case "overlaps" -> {
                    SqlExpr right = parse(Precedence.MATCH + 1);
                    if (left instanceof SqlExpr.Row a
                            && right instanceof SqlExpr.Row b
                            && a.fields().size() == 2
                            && b.fields().size() == 2) {
                        List<SqlExpr> arguments = new ArrayList<>(a.fields());
                        arguments.addAll(b.fields());
                        yield SqlExpr.FunctionCall.of(
                                new QualifiedName(List.of("pg_catalog", "overlaps"), position),
                                arguments,
                                position);
                    }
                    throw SyntaxErrors.near(source, slot.token);
                }
                case "::" -> {
                    if (slot.type == null) {
                        throw SyntaxErrors.near(source, slot.token);
                    }
                    yield new SqlExpr.Cast(left, slot.type, position);
                }
                case "field" -> new SqlExpr.FieldAccess(left, slot.names.getFirst(), position);
                case "[]" -> {
                    List<SqlExpr.Bracket> brackets = new ArrayList<>();
                    brackets.add(bracket());
                    while (isNext("[]")) {
                        index++;
                        brackets.add(bracket());
                    }
                    yield new SqlExpr.Subscript(left, brackets, position);
                }
                case "filter", "within", "over", "over name" -> modified(left, slot);
                default -> binary(left, slot, power);
            };
        }

        private SqlExpr.Bracket bracket() {
            List<@Nullable SqlExpr> bounds = operands.members(operand());
            if (bounds.size() == 2) {
                return new SqlExpr.Bracket(bounds.get(0), bounds.get(1), true);
            }
            SqlExpr index = bounds.size() == 1 ? bounds.getFirst() : null;
            if (index == null) {
                throw fail();
            }
            return new SqlExpr.Bracket(null, index, false);
        }

        private static @Nullable Boolean truth(String text) {
            return text.endsWith("unknown") ? null : Boolean.valueOf(text.endsWith("true"));
        }

        /** Operators of this power do not chain without parentheses. */
        private void once(int power) {
            Slot next = peek();
            if (next != null && power(next.text) == power) {
                throw SyntaxErrors.near(source, next.token);
            }
        }

        private SqlExpr binary(SqlExpr left, Slot slot, int power) {
            String symbol = symbol(slot.text);
            if (isNext("any") || isNext("all")) {
                return quantified(left, symbol, slot);
            }
            if (power > Precedence.POWER
                    || power < Precedence.COMPARISON
                    || power == Precedence.MATCH) {
                throw SyntaxErrors.near(source, slot.token);
            }
            SqlExpr right = parse(power + 1);
            if (power == Precedence.COMPARISON) {
                once(Precedence.COMPARISON);
            }
            return new SqlExpr.Binary(symbol, left, right, slot.position());
        }

        private SqlExpr quantified(SqlExpr left, String symbol, Slot slot) {
            boolean all = isNext("all");
            index++;
            T tree = operand();
            Query query = operands.query(tree);
            return query != null
                    ? new SqlExpr.QuantifiedQuery(left, symbol, all, query, slot.position())
                    : new SqlExpr.QuantifiedArray(
                            left, symbol, all, operands.expression(tree), slot.position());
        }

        private SqlExpr in(SqlExpr left, Slot slot) {
            boolean negated = slot.text.equals("not in");
            if (index < elements.size()) {
                Slot list = elements.get(index).list();
                if (list != null) {
                    index++;
                    return new SqlExpr.InList(left, list.list, negated, slot.position());
                }
            }
            T tree = operand();
            Query query = operands.query(tree);
            if (query != null) {
                return new SqlExpr.InQuery(left, query, negated, slot.position());
            }
            List<SqlExpr> list = present(tree);
            if (list.isEmpty()) {
                throw SyntaxErrors.near(source, slot.token);
            }
            return new SqlExpr.InList(left, list, negated, slot.position());
        }

        private SqlExpr like(SqlExpr left, Slot slot) {
            boolean negated = slot.text.startsWith("not ");
            String word = negated ? slot.text.substring(4) : slot.text;
            if (isNext("any") || isNext("all")) {
                if (word.equals("similar")) {
                    throw SyntaxErrors.near(source, slot.token);
                }
                return quantified(
                        left, (negated ? "!~~" : "~~") + (word.equals("ilike") ? "*" : ""), slot);
            }
            LikeKind kind =
                    switch (word) {
                        case "like" -> LikeKind.LIKE;
                        case "ilike" -> LikeKind.ILIKE;
                        default -> LikeKind.SIMILAR;
                    };
            SqlExpr pattern = parse(Precedence.MATCH + 1);
            SqlExpr escape = null;
            if (isNext("escape")) {
                index++;
                escape = parse(Precedence.MATCH + 1);
            }
            once(Precedence.MATCH);
            return new SqlExpr.Like(left, pattern, escape, kind, negated, slot.position());
        }

        private SqlExpr modified(SqlExpr left, Slot slot) {
            if (!(left instanceof SqlExpr.FunctionCall call) || call.over() != null) {
                throw SyntaxErrors.near(source, slot.token);
            }
            SqlExpr filter = call.filter();
            List<SqlExpr.OrderItem> within = call.withinGroup();
            SqlExpr.Window over = null;
            switch (slot.text) {
                case "filter" -> {
                    if (filter != null) {
                        throw SyntaxErrors.near(source, slot.token);
                    }
                    filter = operands.expression(operand());
                }
                case "within" -> {
                    if (filter != null || !within.isEmpty()) {
                        throw SyntaxErrors.near(source, slot.token);
                    }
                    within = operands.window(operand()).orderBy();
                }
                case "over" -> over = operands.window(operand());
                default ->
                        over =
                                new SqlExpr.Window(
                                        slot.names.getFirst(),
                                        true,
                                        List.of(),
                                        List.of(),
                                        null,
                                        slot.names.isEmpty() ? 0 : slot.position());
            }
            return new SqlExpr.FunctionCall(
                    call.name(),
                    call.arguments(),
                    call.star(),
                    call.distinct(),
                    call.variadic(),
                    call.orderBy(),
                    filter,
                    within,
                    over,
                    call.position());
        }
    }

    private static String symbol(String text) {
        return text.startsWith("operator ") ? text.substring("operator ".length()) : text;
    }

    private static int power(String text) {
        return switch (text) {
            case "or" -> Precedence.OR;
            case "and" -> Precedence.AND;
            case "not" -> Precedence.NOT;
            case "like",
                    "ilike",
                    "similar",
                    "not like",
                    "not ilike",
                    "not similar",
                    "in",
                    "not in",
                    "between",
                    "not between",
                    "between symmetric",
                    "not between symmetric",
                    "overlaps" ->
                    Precedence.MATCH;
            case "+", "-" -> Precedence.ADD;
            case "*", "/", "%" -> Precedence.MULTIPLY;
            case "^" -> Precedence.POWER;
            case "at time zone" -> Precedence.AT;
            case "collate" -> Precedence.COLLATE;
            case "[]" -> Precedence.SUBSCRIPT;
            case "::" -> Precedence.CAST;
            case "field", "filter", "within", "over", "over name" -> Precedence.CALL;
            case "escape",
                    "any",
                    "all",
                    "variadic",
                    "named",
                    "exists",
                    "row",
                    "array",
                    "array query",
                    "cast",
                    "values row" ->
                    -1;
            default -> {
                if (COMPARISONS.contains(text)) {
                    yield Precedence.COMPARISON;
                }
                yield text.startsWith("is ") ? Precedence.IS : Precedence.OTHER;
            }
        };
    }
}
