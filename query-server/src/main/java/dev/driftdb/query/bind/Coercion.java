package dev.driftdb.query.bind;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Conversions between types: PostgreSQL manual, chapter "Type Conversion" (UNION, CASE and kin;
 * value storage).
 */
final class Coercion {
    private static final Pattern ISO_DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final Pattern ISO_TIMESTAMP =
            Pattern.compile(ISO_DATE.pattern() + "( \\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,6})?)?)?");

    private final BindState state;
    private final Domains domains;

    /** Of the cast that is being bound, for what is wrong in the row that it casts. */
    private int castPosition;

    Coercion(BindState state) {
        this.state = state;
        this.domains = new Domains(state);
    }

    Domains domains() {
        return domains;
    }

    /** Whether a value converts by itself, in this context. Pseudo-types are not asked here. */
    boolean canCoerce(SqlType given, SqlType wanted, CastDef.Context context) {
        if (given.equals(wanted)) {
            return true;
        }
        SqlType from = given.base();
        SqlType to = wanted.base();
        if (from.equals(Types.RECORD) && to.composite() != null) {
            return true;
        }
        if (from.equals(to) || from.equals(Types.UNKNOWN)) {
            return true;
        }
        if (to.equals(Types.RECORD)) {
            return from.storage() == Storage.ROW;
        }
        CastDef cast = state.functions.cast(from, to);
        return cast != null && cast.context().compareTo(context) <= 0;
    }

    boolean canCoerceImplicitly(SqlType from, SqlType to) {
        return canCoerce(from, to, CastDef.Context.IMPLICIT);
    }

    /** An implicit conversion that overload resolution or a common type has decided on. */
    Expr implicit(Expr expression, SqlType to) {
        Expr converted = convert(expression, to, -1, false, CastDef.Context.IMPLICIT);
        if (converted == null) {
            throw cannotCast(expression, to, 0);
        }
        return converted;
    }

    /** CAST(x AS t). */
    Expr explicit(Expr expression, SqlType to, int typmod, int position) {
        castPosition = position;
        Expr converted = convert(expression, to, typmod, true, CastDef.Context.EXPLICIT);
        castPosition = 0;
        if (converted == null) {
            throw cannotCast(expression, to, position);
        }
        // The position of the whole is where it starts: at its operand, unless CAST stands first.
        int start = state.position(expression);
        return position > 0 && (start == 0 || position < start)
                ? state.at(converted, position)
                : start > 0 ? state.at(converted, start) : converted;
    }

    /** Stores into a column (or answers an INSERT's value); null if there is no such conversion. */
    @Nullable Expr assignment(Expr expression, SqlType to, int typmod) {
        return convert(expression, to, typmod, false, CastDef.Context.ASSIGNMENT);
    }

    /** Stores into a named column, or 42804 as PostgreSQL says it. */
    Expr assignToColumn(Expr expression, SqlType to, int typmod, String column, int position) {
        Expr converted = assignment(expression, to, typmod);
        if (converted == null) {
            throw new SqlException(
                            SqlState.DATATYPE_MISMATCH,
                            "column \""
                                    + column
                                    + "\" is of type "
                                    + to.sqlName()
                                    + " but expression is of type "
                                    + expression.type().sqlName(),
                            position(expression, position))
                    .withHint("You will need to rewrite or cast the expression.");
        }
        return converted;
    }

    /** A condition: boolean, or 42804 naming the clause. */
    Expr bool(Expr expression, String clause, int position) {
        if (canCoerce(expression.type(), Types.BOOL, CastDef.Context.ASSIGNMENT)) {
            Expr converted = assignment(expression, Types.BOOL, -1);
            if (converted != null) {
                return converted;
            }
        }
        throw new SqlException(
                SqlState.DATATYPE_MISMATCH,
                "argument of "
                        + clause
                        + " must be type boolean, not type "
                        + expression.type().sqlName(),
                position(expression, position));
    }

    /** What is still unknown when a column is put out becomes text. */
    Expr known(Expr expression) {
        return expression.type().equals(Types.UNKNOWN)
                ? implicit(expression, Types.TEXT)
                : expression;
    }

    private @Nullable Expr convert(
            Expr expression, SqlType to, int typmod, boolean written, CastDef.Context context) {
        SqlType from = expression.type();
        @Nullable Expr converted;
        if (to.isDomain() && !from.equals(to)) {
            converted = convert(expression, to.base(), modifier(to), written, context);
            return converted == null ? null : keep(expression, domains.checked(converted, to));
        }
        if (from.isDomain() && !from.equals(to)) {
            return convert(
                    keep(expression, Domains.plain(expression)), to, typmod, written, context);
        }
        if (from.equals(to)) {
            converted = expression;
        } else if (to.composite() != null && expression instanceof Expr.Row row) {
            converted = composite(row, to, written, context);
        } else if (to.equals(Types.RECORD)
                && expression instanceof Expr.Constant constant
                && from.equals(Types.UNKNOWN)
                && constant.value() != null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "input of anonymous composite types is not implemented",
                    state.position(expression));
        } else if (from.equals(Types.UNKNOWN)) {
            converted = fromUnknown(expression, to, typmod, written);
        } else if (to.equals(Types.RECORD) && from.storage() == Storage.ROW) {
            converted = expression;
        } else if (expression instanceof Expr.ArrayConstructor array && to.isArray() && written) {
            // PostgreSQL converts the elements one by one: ARRAY['1', 'x']::int[] and ARRAY[]::t[].
            List<Expr> elements = new ArrayList<>();
            for (Expr element : array.elements()) {
                SqlType target = element.type().isArray() ? to : to.element();
                Expr one = convert(Domains.plain(element), target, -1, true, context);
                if (one == null) {
                    return null;
                }
                elements.add(one);
            }
            converted = new Expr.ArrayConstructor(elements, to);
        } else {
            CastDef cast = state.functions.cast(from, to);
            if (cast == null || cast.context().compareTo(context) > 0) {
                return null;
            }
            converted =
                    keep(expression, state.folding.fold(cast(expression, cast, to, -1, written)));
        }
        if (converted == null) {
            return null;
        }
        if (to.definition() != null && converted.type().equals(to) && !from.equals(to)) {
            // Text input and casts of arrays and rows do not ask the domains inside.
            converted =
                    converted instanceof Expr.ArrayConstructor
                            ? converted
                            : keep(expression, domains.checked(converted, to));
        }
        if (typmod >= 0 && converted.typmod() != typmod) {
            SqlType self = to;
            CastDef length = state.functions.cast(self, self);
            if (length != null) {
                converted =
                        keep(
                                expression,
                                state.folding.fold(cast(converted, length, to, typmod, written)));
            }
        }
        return converted;
    }

    /** The modifier of the type below all domains; -1 if the type is none. */
    static int modifier(SqlType domain) {
        int typmod = -1;
        for (SqlType at = domain; at.definition() instanceof UserType.Domain made; ) {
            typmod = made.typmod();
            at = made.over();
        }
        return typmod;
    }

    /** ROW(…) as a composite type: field by field. */
    private Expr composite(Expr.Row row, SqlType to, boolean written, CastDef.Context context) {
        List<UserType.Attribute> attributes = attributes(to);
        if (row.fields().size() != attributes.size()) {
            throw cannotCastRow(row, to)
                    .withDetail(
                            row.fields().size() < attributes.size()
                                    ? "Input has too few columns."
                                    : "Input has too many columns.");
        }
        List<Expr> fields = new ArrayList<>();
        for (int i = 0; i < attributes.size(); i++) {
            UserType.Attribute attribute = attributes.get(i);
            Expr field = row.fields().get(i);
            Expr one = convert(field, attribute.type(), attribute.typmod(), written, context);
            if (one == null) {
                throw cannotCastRow(row, to)
                        .withDetail(
                                "Cannot cast type "
                                        + field.type().sqlName()
                                        + " to "
                                        + attribute.type().sqlName()
                                        + " in column "
                                        + (i + 1)
                                        + ".");
            }
            fields.add(one);
        }
        return RowFunctions.composite(new Expr.Row(fields), to);
    }

    private SqlException cannotCastRow(Expr.Row row, SqlType to) {
        return new SqlException(
                SqlState.CANNOT_COERCE,
                "cannot cast type record to " + to.sqlName(),
                castPosition > 0 ? castPosition : state.position(row));
    }

    private static List<UserType.Attribute> attributes(SqlType type) {
        UserType.Composite composite = type.composite();
        return composite == null ? List.of() : composite.visible();
    }

    private static Expr.Cast cast(
            Expr operand, CastDef cast, SqlType to, int typmod, boolean written) {
        // In a plan, the context says whether the cast was written: varchar(3) then cuts.
        CastDef used =
                written
                        ? new CastDef(
                                cast.from(),
                                cast.to(),
                                CastDef.Context.EXPLICIT,
                                cast.stable(),
                                cast.body())
                        : cast;
        return new Expr.Cast(operand, used, to, typmod);
    }

    private Expr keep(Expr from, Expr to) {
        return state.at(to, state.position(from));
    }

    private @Nullable Expr fromUnknown(Expr expression, SqlType to, int typmod, boolean written) {
        int position = state.position(expression);
        return switch (expression) {
            case Expr.Parameter parameter -> state.typeParameter(parameter, to, position);
            case Expr.Constant constant -> {
                Object value = constant.value();
                if (state.references != null && to.definition() != null) {
                    state.references.type(0, to.oid());
                }
                yield value == null
                        ? state.at(new Expr.Constant(null, to, -1), position)
                        : literal((String) value, to, typmod, position, written);
            }
            default -> {
                CastDef cast = state.functions.cast(Types.TEXT, to);
                yield to.equals(Types.TEXT)
                        ? expression
                        : cast == null ? null : cast(expression, cast, to, -1, written);
            }
        };
    }

    /** A quoted literal read by the input function of its type, at once unless that is stable. */
    private @Nullable Expr literal(
            String text, SqlType to, int typmod, int position, boolean written) {
        if (to.equals(Types.TEXT) || to.equals(Types.VARCHAR)) {
            return state.at(new Expr.Constant(text, to, -1), position);
        }
        CastDef cast = state.functions.cast(Types.UNKNOWN, to);
        if (cast == null) {
            cast = state.functions.cast(Types.TEXT, to);
        }
        if (cast == null) {
            return null;
        }
        Expr operand = new Expr.Constant(text, cast.from(), -1);
        // The fields of an interval say what a bare number means: its input must know them.
        int known = to.equals(Types.INTERVAL) ? typmod : -1;
        try {
            if (cast.stable() && !isPlain(text, to)) {
                // Read again when it runs; what is no value of the type is refused at once.
                Object value = state.folding.apply(cast, text, -1);
                if (to.equals(Types.REGCLASS) && state.references != null && position > 0) {
                    state.references.literal(position, (Long) value);
                }
                return state.at(cast(operand, cast, to, -1, written), position);
            }
            if (state.references != null
                    && position > 0
                    && to.base().definition() instanceof UserType.Enumeration) {
                state.references.label(position, to.base().oid(), text);
            }
            return state.at(
                    new Expr.Constant(state.folding.apply(cast, text, known), to, known), position);
        } catch (SqlException e) {
            throw e.at(position);
        }
    }

    /** Whether a literal of a date or time means the same under any DateStyle, at any time. */
    private static boolean isPlain(String text, SqlType to) {
        return (to.equals(Types.DATE) && ISO_DATE.matcher(text).matches())
                || (to.equals(Types.TIMESTAMP) && ISO_TIMESTAMP.matcher(text).matches());
    }

    private SqlException cannotCast(Expr expression, SqlType to, int position) {
        return new SqlException(
                SqlState.CANNOT_COERCE,
                "cannot cast type " + expression.type().sqlName() + " to " + to.sqlName(),
                position > 0 ? position : state.position(expression));
    }

    private int position(Expr expression, int otherwise) {
        int position = state.position(expression);
        return position > 0 ? position : otherwise;
    }

    /**
     * The type that all these can have: select_common_type.
     *
     * @param construct UNION, CASE, VALUES… for the message
     */
    SqlType common(List<? extends Expr> expressions, String construct) {
        List<SqlType> types = expressions.stream().map(Expr::type).toList();
        if (types.stream().allMatch(types.getFirst()::equals)
                && !types.getFirst().equals(Types.UNKNOWN)) {
            return types.getFirst();
        }
        types = types.stream().map(SqlType::base).toList();
        SqlType chosen = types.getFirst();
        for (int i = 1; i < types.size(); i++) {
            SqlType next = types.get(i);
            if (next.equals(Types.UNKNOWN) || next.equals(chosen)) {
                continue;
            }
            if (chosen.equals(Types.UNKNOWN)) {
                chosen = next;
            } else if (chosen.category() != next.category()) {
                throw new SqlException(
                        SqlState.DATATYPE_MISMATCH,
                        construct
                                + " types "
                                + chosen.sqlName()
                                + " and "
                                + next.sqlName()
                                + " cannot be matched",
                        state.position(expressions.get(i)));
            } else if (!chosen.preferred()
                    && canCoerceImplicitly(chosen, next)
                    && !canCoerceImplicitly(next, chosen)) {
                chosen = next;
            }
        }
        return chosen.equals(Types.UNKNOWN) ? Types.TEXT : chosen;
    }

    /** As {@link #common}, null where there is none. */
    @Nullable SqlType commonOrNull(List<SqlType> types) {
        SqlType chosen = Types.UNKNOWN;
        for (SqlType given : types) {
            SqlType next = given.base();
            if (next.equals(Types.UNKNOWN) || next.equals(chosen)) {
                continue;
            }
            if (chosen.equals(Types.UNKNOWN)) {
                chosen = next;
            } else if (chosen.category() != next.category()) {
                return null;
            } else if (!chosen.preferred()
                    && canCoerceImplicitly(chosen, next)
                    && !canCoerceImplicitly(next, chosen)) {
                chosen = next;
            }
        }
        SqlType result = chosen.equals(Types.UNKNOWN) ? Types.TEXT : chosen;
        return types.stream().allMatch(type -> canCoerceImplicitly(type, result)) ? result : null;
    }

    /** All of them converted to their common type. */
    List<Expr> toCommon(List<? extends Expr> expressions, SqlType type, String construct) {
        List<Expr> result = new ArrayList<>();
        for (Expr expression : expressions) {
            if (!canCoerceImplicitly(expression.type(), type)) {
                throw new SqlException(
                        SqlState.CANNOT_COERCE,
                        construct
                                + " could not convert type "
                                + expression.type().sqlName()
                                + " to "
                                + type.sqlName(),
                        state.position(expression));
            }
            result.add(implicit(expression, type));
        }
        return result;
    }

    /** The modifier that all share, else -1. */
    static int commonTypmod(List<? extends Expr> expressions) {
        int typmod = expressions.getFirst().typmod();
        return expressions.stream().allMatch(e -> e.typmod() == typmod) ? typmod : -1;
    }
}
