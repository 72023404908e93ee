package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Namespace.Field;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Binds expressions over one scope. What is still unknown afterwards is typed by the caller. */
final class ExpressionBinder {
    /** Deeper nesting than the parser lets through. */
    private static final int DEPTH_MAX = 2000;

    private static final Set<String> COLLATIONS =
            Set.of("C", "POSIX", "default", "ucs_basic", "C.utf8", "C.UTF-8");

    final BindState state;
    final Environment environment;
    final Scope scope;
    final Clause clause;
    private final Names names;
    private final OperatorBinder operators;
    private final SubscriptBinder subscripts;
    private final CallBinder calls;
    private final ConditionalBinder conditionals;
    private int depth;

    ExpressionBinder(BindState state, Environment environment, Scope scope, Clause clause) {
        this.state = state;
        this.environment = environment.inner();
        this.scope = scope;
        this.clause = clause;
        this.names = new Names(state, scope);
        this.operators = new OperatorBinder(state);
        this.subscripts = new SubscriptBinder(this, operators, state.coercion);
        this.calls = new CallBinder(this);
        this.conditionals = new ConditionalBinder(this, operators);
    }

    ExpressionBinder in(Clause other) {
        return new ExpressionBinder(state, environment, scope, other);
    }

    /** A condition of the clause, boolean. */
    Expr condition(SqlExpr expression) {
        String shown = clause.name().equals("JOIN conditions") ? "JOIN/ON" : clause.name();
        return state.coercion.bool(bind(expression), shown, expression.position());
    }

    /** An output expression: never of unknown type. */
    Expr value(SqlExpr expression) {
        return state.coercion.known(bind(expression));
    }

    List<Expr> bindAll(List<SqlExpr> expressions) {
        List<Expr> result = new ArrayList<>();
        for (SqlExpr expression : expressions) {
            result.add(bind(expression));
        }
        return result;
    }

    /** The expression, of type unknown if it is a quoted literal, NULL or an untyped parameter. */
    Expr bind(SqlExpr expression) {
        if (++depth > DEPTH_MAX) {
            throw new SqlException(SqlState.STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
        }
        Expr bound = bindNode(expression);
        depth--;
        if (expression instanceof SqlExpr.Collate || !state.collations.isEmpty()) {
            state.collations.bound(expression, bound.type());
        }
        return expression.position() > 0 && state.position(bound) == 0
                ? state.at(bound, expression.position())
                : bound;
    }

    private Expr bindNode(SqlExpr expression) {
        return switch (expression) {
            case SqlExpr.NullLiteral _ -> new Expr.Constant(null, Types.UNKNOWN, -1);
            case SqlExpr.BooleanLiteral literal ->
                    new Expr.Constant(literal.value(), Types.BOOL, -1);
            case SqlExpr.NumberLiteral literal -> number(literal.text(), literal.position());
            case SqlExpr.StringLiteral literal ->
                    new Expr.Constant(literal.value(), Types.UNKNOWN, -1);
            case SqlExpr.Parameter parameter ->
                    state.parameter(parameter.number(), parameter.position());
            case SqlExpr.ColumnRef column -> names.resolve(column);
            case SqlExpr.Star star ->
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "row expansion via \"*\" is not supported here",
                            star.position());
            case SqlExpr.FunctionCall call -> calls.bind(call);
            case SqlExpr.Unary unary -> unary(unary);
            case SqlExpr.Binary binary -> binary(binary);
            case SqlExpr.And and -> new Expr.And(conditions(and.terms(), "AND"));
            case SqlExpr.Or or -> new Expr.Or(conditions(or.terms(), "OR"));
            case SqlExpr.Not not -> new Expr.Not(condition(not.operand(), "NOT", not.position()));
            case SqlExpr.IsNull test -> conditionals.isNull(test);
            case SqlExpr.IsBoolean test -> conditionals.isBoolean(test);
            case SqlExpr.IsDistinct test ->
                    operators.distinct(
                            bind(test.left()), bind(test.right()), test.negated(), test.position());
            case SqlExpr.Between between -> conditionals.between(between);
            case SqlExpr.Like like -> conditionals.like(like, calls);
            case SqlExpr.InList in -> {
                Expr operand = bind(in.operand());
                List<Expr> list = bindAll(in.list());
                if (list.size() == 1) {
                    int start = start(in.operand());
                    SetCollector.refuse(operand, "IN", start);
                    SetCollector.refuse(list.getFirst(), "IN", start);
                }
                yield operators.in(operand, list, in.negated(), in.position());
            }
            case SqlExpr.InQuery in -> {
                Expr operand = bind(in.operand());
                yield operators.inQuery(operand, subquery(in.query()), in.negated(), in.position());
            }
            case SqlExpr.Exists exists -> new Expr.Exists(subquery(exists.query()));
            case SqlExpr.ScalarQuery scalar -> {
                LogicalPlan plan = oneColumn(scalar.query(), scalar.position());
                yield new Expr.ScalarQuery(
                        plan, plan.columns().getFirst().type(), plan.columns().getFirst().typmod());
            }
            case SqlExpr.ArrayQuery array -> {
                LogicalPlan plan = oneColumn(array.query(), array.position());
                SqlType element = plan.columns().getFirst().type();
                yield new Expr.ArrayQuery(
                        plan, element.isArray() ? element : arrayOver(element, array.position()));
            }
            case SqlExpr.QuantifiedQuery q -> {
                Expr operand = bind(q.operand());
                yield operators.quantifiedQuery(
                        operand, q.operator(), q.all(), subquery(q.query()), q.position());
            }
            case SqlExpr.QuantifiedArray q ->
                    operators.quantifiedArray(
                            bind(q.operand()),
                            q.operator(),
                            q.all(),
                            bind(q.array()),
                            q.position());
            case SqlExpr.Case choice -> conditionals.choice(choice);
            case SqlExpr.Cast cast -> cast(cast);
            case SqlExpr.Collate collate -> collate(collate);
            case SqlExpr.ArrayConstructor array -> conditionals.array(array);
            case SqlExpr.Subscript subscript -> subscripts.bind(subscript);
            case SqlExpr.Row row -> new Expr.Row(bindAll(row.fields()));
            case SqlExpr.FieldAccess access -> field(access);
            case SqlExpr.NamedArgument named ->
                    throw SqlException.notSupported("a named argument", named.position());
            case SqlExpr.CurrentOf current ->
                    throw SqlException.notSupported("CURRENT OF in this place", current.position());
            case SqlExpr.Default value ->
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "DEFAULT is not allowed in this context",
                            value.position());
        };
    }

    private Expr condition(SqlExpr term, String name, int position) {
        Expr bound = state.coercion.bool(bind(term), name, position);
        SetCollector.refuse(bound, name, start(term));
        return bound;
    }

    private List<Expr> conditions(List<SqlExpr> terms, String name) {
        List<Expr> result = new ArrayList<>();
        for (SqlExpr term : terms) {
            result.add(condition(term, name, term.position()));
        }
        return result;
    }

    private Expr binary(SqlExpr.Binary binary) {
        Expr left = bind(binary.left());
        if (binary.left() instanceof SqlExpr.Row
                && binary.right() instanceof SqlExpr.ScalarQuery(Query query, _)) {
            return operators.rowQuery(left, binary.operator(), subquery(query), binary.position());
        }
        Expr right = bind(binary.right());
        return operators.binary(binary.operator(), left, right, binary.position());
    }

    private static Expr number(String text, int position) {
        boolean whole = text.length() <= 20;
        for (int i = 0; i < text.length() && whole; i++) {
            char c = text.charAt(i);
            whole = (c >= '0' && c <= '9') || (i == 0 && c == '-');
        }
        if (whole) {
            try {
                long value = Long.parseLong(text);
                return new Expr.Constant(value, value == (int) value ? Types.INT4 : Types.INT8, -1);
            } catch (NumberFormatException _) {
                // Too large for bigint: numeric.
            }
        }
        try {
            return new Expr.Constant(
                    TextFormat.parse(Types.NUMERIC, text, FormatSettings.UTC), Types.NUMERIC, -1);
        } catch (SqlException e) {
            throw e.at(position);
        }
    }

    /** A minus before a number is part of the constant: -2147483648 is an integer. */
    private Expr unary(SqlExpr.Unary unary) {
        String text = unary.operator().equals("-") ? literal(unary) : null;
        return text != null
                ? number(text, unary.position())
                : operators.prefix(unary.operator(), bind(unary.operand()), unary.position());
    }

    private static @Nullable String literal(SqlExpr expression) {
        return switch (expression) {
            case SqlExpr.NumberLiteral number -> number.text();
            case SqlExpr.Unary unary when unary.operator().equals("-") -> {
                String text = literal(unary.operand());
                yield text == null ? null : text.startsWith("-") ? text.substring(1) : "-" + text;
            }
            default -> null;
        };
    }

    private Expr cast(SqlExpr.Cast cast) {
        TypeNames.Resolved target = new UserTypeNames(state, environment).resolve(cast.type());
        Expr operand =
                cast.operand() instanceof SqlExpr.ArrayConstructor array && target.type().isArray()
                        ? conditionals.array(array, target.type())
                        : bind(cast.operand());
        return state.coercion.explicit(operand, target.type(), target.typmod(), cast.position());
    }

    private Expr collate(SqlExpr.Collate collate) {
        Expr operand = bind(collate.operand());
        List<String> parts = collate.collation().parts();
        boolean known =
                COLLATIONS.contains(parts.getLast())
                        && (parts.size() == 1 || parts.getFirst().equals("pg_catalog"));
        if (!known) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT,
                    "collation \""
                            + String.join(".", parts)
                            + "\" for encoding \"UTF8\" does not exist",
                    collate.position());
        }
        Expr value = state.coercion.known(operand);
        if (value.type().category() != 'S' && !value.type().isArray()) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "collations are not supported by type " + value.type().sqlName(),
                    collate.position());
        }
        return value;
    }

    private Expr field(SqlExpr.FieldAccess access) {
        if (access.operand() instanceof SqlExpr.ColumnRef column && column.parts().size() == 1) {
            Expr direct = names.columnOfRelation(column, access.field());
            if (direct != null) {
                return direct;
            }
        }
        if (access.field().equals("*")) {
            throw SqlException.notSupported(
                    "row expansion via \"*\" in this place", access.position());
        }
        Expr operand = bind(access.operand());
        List<Field> fields = state.fields(operand);
        UserType.Composite composite = operand.type().composite();
        if (fields == null && composite != null) {
            return attribute(Domains.plain(operand), composite, access);
        }
        if (fields == null && operand.type().storage() != Storage.ROW) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    "column notation ."
                            + access.field()
                            + " applied to type "
                            + operand.type().sqlName()
                            + ", which is not a composite type",
                    start(access.operand()));
        }
        if (fields == null) {
            throw SqlException.notSupported(
                    "access to a field of type " + operand.type().sqlName(), access.position());
        }
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(access.field())) {
                return operand instanceof Expr.Row row
                        ? row.fields().get(i)
                        : RowFunctions.field(operand, i, fields.get(i).type());
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_COLUMN,
                "could not identify column \"" + access.field() + "\" in record data type",
                access.position());
    }

    private Expr attribute(Expr operand, UserType.Composite composite, SqlExpr.FieldAccess access) {
        UserTypeNames.Attribute found =
                new UserTypeNames(state, environment)
                        .find(operand.type(), composite, access.field(), access.position());
        if (found != null) {
            return RowFunctions.field(operand, found.index(), found.type());
        }
        throw new SqlException(
                SqlState.UNDEFINED_COLUMN,
                "column \""
                        + access.field()
                        + "\" not found in data type "
                        + operand.type().sqlName(),
                start(access.operand()));
    }

    /** Where an expression begins; a cast's own position is that of its sign. */
    static int start(SqlExpr expression) {
        return switch (expression) {
            case SqlExpr.Cast cast -> start(cast.operand());
            case SqlExpr.FieldAccess access -> start(access.operand());
            case SqlExpr.Subscript subscript -> start(subscript.array());
            case SqlExpr.Binary binary -> start(binary.left());
            default -> expression.position();
        };
    }

    LogicalPlan subquery(Query query) {
        return new QueryBinder(state, environment).bind(query, scope.around(clause));
    }

    private LogicalPlan oneColumn(Query query, int position) {
        LogicalPlan plan = subquery(query);
        if (plan.columns().size() != 1) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "subquery must return only one column", position);
        }
        return plan;
    }

    SqlType arrayOver(SqlType element, int position) {
        if (element.arrayOid() == 0) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT,
                    "could not find array type for data type " + element.sqlName(),
                    position);
        }
        return Types.arrayOf(element);
    }

    @Nullable Expr wholeRow(String name) {
        return names.wholeRow(name);
    }
}
