package dev.driftdb.query.bind;

import dev.driftdb.query.ast.ColumnTarget;
import dev.driftdb.query.ast.ColumnTarget.Part;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.ArrayStores;
import dev.driftdb.query.function.JsonStores;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.query.function.ScalarFunction.Volatility;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values given to parts of columns, as values of the whole column: a call that takes the column's
 * value, the value of the part, and the subscripts on the way, and answers the changed value.
 */
final class ColumnParts {
    private static final int STORE_OID = 199_020;

    private final BindState state;
    private final SubscriptBinder subscripts;

    /** Where the target stands, for errors. */
    private final int position;

    ColumnParts(BindState state, ExpressionBinder expressions, int position) {
        this.state = state;
        this.subscripts =
                new SubscriptBinder(expressions, new OperatorBinder(state), state.coercion);
        this.position = position;
    }

    /** A step into a value while a statement runs; {@code first} is its first argument. */
    private sealed interface Step {
        record Field(int index, UserType.Composite composite) implements Step {}

        record Element(SqlType element, int first, int count) implements Step {}

        /** The lower bounds, then the upper ones; one that was left out has no argument. */
        record Slice(SqlType element, int first, List<Boolean> lows, List<Boolean> highs)
                implements Step {}

        record Keys(int first, int count, boolean array) implements Step {}
    }

    /** A part's own type, what it is called in errors, and how a value of it is stored. */
    private record Place(SqlType type, int typmod, String name, boolean subscripted) {}

    /** The type of a column's part; unknown if there is no such part. */
    static SqlType type(SqlType column, List<Part> parts) {
        SqlType type = column;
        for (int i = 0; i < parts.size(); i++) {
            SqlType container = type.base();
            UserType.Composite composite = container.composite();
            switch (parts.get(i)) {
                case Part.Field(String name) ->
                        type =
                                composite == null
                                        ? Types.UNKNOWN
                                        : composite.visible().stream()
                                                .filter(a -> a.name().equals(name))
                                                .map(UserType.Attribute::type)
                                                .findFirst()
                                                .orElse(Types.UNKNOWN);
                case Part.Subscript _ -> {
                    boolean slice = false;
                    for (; i < parts.size() && parts.get(i) instanceof Part.Subscript s; i++) {
                        slice |= s.bracket().isSlice();
                    }
                    i--;
                    type =
                            slice || container.equals(Types.JSONB)
                                    ? container
                                    : container.isArray() ? container.element() : Types.UNKNOWN;
                }
            }
        }
        return type;
    }

    /** 0A000: a part has no default. */
    static SqlException refuseDefault(ColumnTarget target) {
        return new SqlException(
                SqlState.FEATURE_NOT_SUPPORTED,
                target.parts().getFirst() instanceof Part.Subscript
                        ? "cannot set an array element to DEFAULT"
                        : "cannot set a subfield to DEFAULT",
                target.position());
    }

    /**
     * The column's value with the part replaced; of the type below all domains, so that several
     * parts can be given values before the column's domain is asked.
     *
     * @param base the column's value so far
     * @param positioned whether errors about the column itself say where
     */
    Expr store(
            Expr base,
            SqlType type,
            int typmod,
            ColumnTarget target,
            Expr value,
            boolean positioned) {
        return store(
                Domains.plain(base),
                new Place(type, typmod, target.column(), false),
                target.parts(),
                value,
                positioned ? position : 0);
    }

    private Expr store(Expr base, Place start, List<Part> parts, Expr value, int basePosition) {
        List<Step> steps = new ArrayList<>();
        List<Expr> arguments = new ArrayList<>();
        Place at = start;
        int i = 0;
        while (i < parts.size()) {
            if (i > 0 && at.type().isDomain()) {
                // The domain of an inner value is asked of the whole inner value.
                Expr inner = read(base, start, parts.subList(0, i));
                Expr changed =
                        store(Domains.plain(inner), at, parts.subList(i, parts.size()), value, 0);
                return call(
                        base,
                        start,
                        steps,
                        arguments,
                        state.coercion.domains().checked(changed, at.type()));
            }
            switch (parts.get(i)) {
                case Part.Field field -> {
                    at = field(at, field.name(), steps);
                    i++;
                }
                case Part.Subscript _ -> {
                    int end = i;
                    List<SqlExpr.Bracket> brackets = new ArrayList<>();
                    while (end < parts.size()
                            && parts.get(end) instanceof Part.Subscript(SqlExpr.Bracket bracket)) {
                        brackets.add(bracket);
                        end++;
                    }
                    at = subscripts(at, brackets, steps, arguments, i == 0 ? basePosition : 0);
                    i = end;
                }
            }
        }
        return call(base, start, steps, arguments, converted(value, at));
    }

    private Expr converted(Expr value, Place place) {
        Expr converted = state.coercion.assignment(value, place.type(), place.typmod());
        if (converted != null) {
            return converted;
        }
        throw new SqlException(
                        SqlState.DATATYPE_MISMATCH,
                        (place.subscripted()
                                        ? "subscripted assignment to \""
                                                + place.name()
                                                + "\" requires type "
                                        : "subfield \"" + place.name() + "\" is of type ")
                                + place.type().sqlName()
                                + " but expression is of type "
                                + value.type().sqlName(),
                        position)
                .withHint("You will need to rewrite or cast the expression.");
    }

    private Place field(Place at, String name, List<Step> steps) {
        if (name.equals("*")) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "row expansion via \"*\" is not supported here",
                    position);
        }
        UserType.Composite composite = at.type().base().composite();
        if (composite == null) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    cannotAssign(at, name)
                            + " because its type "
                            + at.type().sqlName()
                            + " is not a composite type",
                    position);
        }
        List<UserType.Attribute> visible = composite.visible();
        for (int i = 0; i < visible.size(); i++) {
            UserType.Attribute attribute = visible.get(i);
            if (attribute.name().equals(name)) {
                steps.add(new Step.Field(i, composite));
                return new Place(attribute.type(), attribute.typmod(), name, false);
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_COLUMN,
                cannotAssign(at, name)
                        + " because there is no such column in data type "
                        + at.type().sqlName(),
                position);
    }

    private static String cannotAssign(Place at, String field) {
        return "cannot assign to field \"" + field + "\" of column \"" + at.name() + "\"";
    }

    private Place subscripts(
            Place at,
            List<SqlExpr.Bracket> brackets,
            List<Step> steps,
            List<Expr> arguments,
            int basePosition) {
        SqlType container = at.type().base();
        int typmod = at.type().isDomain() ? Coercion.modifier(at.type()) : at.typmod();
        int first = arguments.size();
        if (container.equals(Types.JSONB)) {
            List<Expr> keys = subscripts.keys(brackets);
            arguments.addAll(keys.stream().map(subscripts::text).toList());
            boolean array = keys.getFirst().type().equals(Types.INT4);
            steps.add(new Step.Keys(first, keys.size(), array));
            return new Place(Types.JSONB, -1, at.name(), true);
        }
        SubscriptBinder.requireArray(container, brackets.size(), basePosition);
        if (brackets.stream().noneMatch(SqlExpr.Bracket::isSlice)) {
            for (SqlExpr.Bracket bracket : brackets) {
                arguments.add(subscripts.required(bracket.high()));
            }
            steps.add(new Step.Element(container.element(), first, brackets.size()));
            return new Place(container.element(), typmod, at.name(), true);
        }
        List<Boolean> lows = new ArrayList<>();
        List<Boolean> highs = new ArrayList<>();
        for (SqlExpr.Bracket bracket : brackets) {
            Expr low =
                    bracket.isSlice() ? subscripts.optional(bracket.low()) : SubscriptBinder.FIRST;
            lows.add(low != null);
            if (low != null) {
                arguments.add(low);
            }
        }
        for (SqlExpr.Bracket bracket : brackets) {
            Expr high = subscripts.optional(bracket.high());
            highs.add(high != null);
            if (high != null) {
                arguments.add(high);
            }
        }
        steps.add(new Step.Slice(container.element(), first, lows, highs));
        return new Place(container, typmod, at.name(), true);
    }

    /** The value at the end of a path, NULL where there is none. */
    private Expr read(Expr base, Place start, List<Part> parts) {
        Expr value = base;
        SqlType type = start.type();
        int i = 0;
        while (i < parts.size()) {
            Expr plain = Domains.plain(value);
            UserType.Composite composite = type.base().composite();
            if (parts.get(i) instanceof Part.Field(String name) && composite != null) {
                List<UserType.Attribute> visible = composite.visible();
                int index = 0;
                while (!visible.get(index).name().equals(name)) {
                    index++;
                }
                type = visible.get(index).type();
                value = RowFunctions.field(plain, index, type);
                i++;
                continue;
            }
            List<Expr> indexes = new ArrayList<>();
            while (i < parts.size()
                    && parts.get(i) instanceof Part.Subscript(SqlExpr.Bracket bracket)) {
                indexes.add(subscripts.required(bracket.high()));
                i++;
            }
            type = type.base().element();
            value = RowFunctions.subscript(plain, indexes, type);
        }
        return value;
    }

    private static Expr call(
            Expr base, Place start, List<Step> steps, List<Expr> subscripts, Expr value) {
        SqlType type = start.type().base();
        List<Expr> arguments = new ArrayList<>();
        arguments.add(base);
        arguments.add(value);
        arguments.addAll(subscripts);
        List<Step> path = List.copyOf(steps);
        ScalarFunction function =
                new ScalarFunction(
                        STORE_OID,
                        "pg_catalog",
                        "store_part",
                        arguments.stream().map(Expr::type).toList(),
                        false,
                        0,
                        type,
                        false,
                        Volatility.IMMUTABLE,
                        (types, result) ->
                                (Body.Nary) (given, context) -> stored(given[0], path, 0, given));
        return new Expr.Call(function, arguments, type, -1, null);
    }

    // ---- while the statement runs ----

    /** Where the first subscript stands among the arguments. */
    private static final int SUBSCRIPTS_FROM = 2;

    private static @Nullable Object stored(
            @Nullable Object old, List<Step> path, int depth, @Nullable Object[] arguments) {
        if (depth == path.size()) {
            return arguments[1];
        }
        return switch (path.get(depth)) {
            case Step.Field field -> {
                int width = field.composite().visible().size();
                List<@Nullable Object> values =
                        old == null
                                ? new ArrayList<>(Collections.nCopies(width, null))
                                : new ArrayList<>(((SqlRow) old).values());
                values.set(
                        field.index(),
                        stored(values.get(field.index()), path, depth + 1, arguments));
                yield field.composite().row(values);
            }
            case Step.Element element -> {
                List<Long> at = new ArrayList<>();
                for (int i = 0; i < element.count(); i++) {
                    at.add((Long) subscript(arguments, element.first() + i, "array"));
                }
                SqlArray array = (SqlArray) old;
                Object before =
                        depth == path.size() - 1 || array == null
                                ? null
                                : RowFunctions.element(array, at);
                yield ArrayStores.element(
                        element.element(), array, at, stored(before, path, depth + 1, arguments));
            }
            case Step.Slice slice -> {
                int next = slice.first();
                List<@Nullable Long> lows = new ArrayList<>();
                for (boolean given : slice.lows()) {
                    lows.add(given ? (Long) subscript(arguments, next++, "array") : null);
                }
                List<@Nullable Long> highs = new ArrayList<>();
                for (boolean given : slice.highs()) {
                    highs.add(given ? (Long) subscript(arguments, next++, "array") : null);
                }
                yield ArrayStores.slice(
                        slice.element(),
                        (SqlArray) old,
                        lows,
                        highs,
                        (SqlArray) stored(null, path, depth + 1, arguments));
            }
            case Step.Keys keys -> {
                List<String> at = new ArrayList<>();
                for (int i = 0; i < keys.count(); i++) {
                    at.add((String) subscript(arguments, keys.first() + i, "jsonb"));
                }
                yield JsonStores.element(
                        (Jsonb) old,
                        keys.array(),
                        at,
                        (Jsonb) stored(null, path, depth + 1, arguments));
            }
        };
    }

    private static Object subscript(@Nullable Object[] arguments, int index, String what) {
        Object value = arguments[SUBSCRIPTS_FROM + index];
        if (value == null) {
            throw new SqlException(
                    SqlState.NULL_VALUE_NOT_ALLOWED,
                    what + " subscript in assignment must not be null");
        }
        return value;
    }
}
