package dev.driftdb.query.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scalar expression as written, with PostgreSQL's precedence already in its shape.
 *
 * <p>Syntax that PostgreSQL itself turns into a function call comes as one: {@code EXTRACT(f FROM
 * x)} is extract('f', x); {@code x AT TIME ZONE z} is timezone(z, x); POSITION, SUBSTRING … FROM,
 * OVERLAY, TRIM are position(b in a order as pg's function), substring, overlay, btrim/ltrim/rtrim;
 * CURRENT_TIMESTAMP and its kin are calls without arguments (or with the precision), named in lower
 * case; COALESCE, NULLIF, GREATEST, LEAST, GROUPING are calls too.
 */
public sealed interface SqlExpr {
    int position();

    record NullLiteral(int position) implements SqlExpr {}

    record BooleanLiteral(boolean value, int position) implements SqlExpr {}

    /** An unsigned number as written: "42", "1.5", "1e10". */
    record NumberLiteral(String text, int position) implements SqlExpr {}

    /** A string, decoded; of type unknown until its context types it. */
    record StringLiteral(String value, int position) implements SqlExpr {}

    /** $n. */
    record Parameter(int number, int position) implements SqlExpr {}

    /** A name that should be a column: column, table.column, schema.table.column. */
    record ColumnRef(List<String> parts, int position) implements SqlExpr {
        public ColumnRef {
            parts = List.copyOf(parts);
        }
    }

    /** {@code *} or {@code t.*}; only in select lists, RETURNING and count(*). */
    record Star(List<String> qualifier, int position) implements SqlExpr {
        public Star {
            qualifier = List.copyOf(qualifier);
        }
    }

    /**
     * A function call.
     *
     * @param star count(*)
     * @param variadic the last argument was marked VARIADIC
     * @param withinGroup the ORDER BY of WITHIN GROUP, empty if there is none
     * @param over the window, null if it is not a window call
     */
    record FunctionCall(
            QualifiedName name,
            List<SqlExpr> arguments,
            boolean star,
            boolean distinct,
            boolean variadic,
            List<OrderItem> orderBy,
            @Nullable SqlExpr filter,
            List<OrderItem> withinGroup,
            @Nullable Window over,
            int position)
            implements SqlExpr {
        public FunctionCall {
            arguments = List.copyOf(arguments);
            orderBy = List.copyOf(orderBy);
            withinGroup = List.copyOf(withinGroup);
        }

        /** A plain call: no DISTINCT, no ORDER BY, no FILTER, no window. */
        public static FunctionCall of(String name, List<SqlExpr> arguments, int position) {
            return of(new QualifiedName(List.of(name), position), arguments, position);
        }

        public static FunctionCall of(QualifiedName name, List<SqlExpr> arguments, int position) {
            return new FunctionCall(
                    name, arguments, false, false, false, List.of(), null, List.of(), null,
                    position);
        }
    }

    /** {@code operator operand}: +, -, ~, @ and others; NOT is {@link Not}. */
    record Unary(String operator, SqlExpr operand, int position) implements SqlExpr {}

    /** {@code left operator right} for every operator symbol, comparison included. */
    record Binary(String operator, SqlExpr left, SqlExpr right, int position) implements SqlExpr {}

    record And(List<SqlExpr> terms, int position) implements SqlExpr {
        public And {
            terms = List.copyOf(terms);
        }
    }

    record Or(List<SqlExpr> terms, int position) implements SqlExpr {
        public Or {
            terms = List.copyOf(terms);
        }
    }

    record Not(SqlExpr operand, int position) implements SqlExpr {}

    record IsNull(SqlExpr operand, boolean negated, int position) implements SqlExpr {}

    /** IS [NOT] TRUE | FALSE | UNKNOWN: {@code value} null for UNKNOWN. */
    record IsBoolean(SqlExpr operand, @Nullable Boolean value, boolean negated, int position)
            implements SqlExpr {}

    record IsDistinct(SqlExpr left, SqlExpr right, boolean negated, int position)
            implements SqlExpr {}

    record Between(
            SqlExpr operand,
            SqlExpr low,
            SqlExpr high,
            boolean symmetric,
            boolean negated,
            int position)
            implements SqlExpr {}

    /** LIKE, ILIKE, SIMILAR TO. {@code escape} null for the default backslash. */
    record Like(
            SqlExpr operand,
            SqlExpr pattern,
            @Nullable SqlExpr escape,
            LikeKind kind,
            boolean negated,
            int position)
            implements SqlExpr {}

    enum LikeKind {
        LIKE,
        ILIKE,
        SIMILAR
    }

    record InList(SqlExpr operand, List<SqlExpr> list, boolean negated, int position)
            implements SqlExpr {
        public InList {
            list = List.copyOf(list);
        }
    }

    record InQuery(SqlExpr operand, Query query, boolean negated, int position)
            implements SqlExpr {}

    record Exists(Query query, int position) implements SqlExpr {}

    record ScalarQuery(Query query, int position) implements SqlExpr {}

    /** ARRAY(SELECT …). */
    record ArrayQuery(Query query, int position) implements SqlExpr {}

    /** {@code operand operator ANY|ALL (query)}. */
    record QuantifiedQuery(SqlExpr operand, String operator, boolean all, Query query, int position)
            implements SqlExpr {}

    /** {@code operand operator ANY|ALL (array)}. */
    record QuantifiedArray(
            SqlExpr operand, String operator, boolean all, SqlExpr array, int position)
            implements SqlExpr {}

    record Case(
            @Nullable SqlExpr operand, List<When> whens, @Nullable SqlExpr otherwise, int position)
            implements SqlExpr {
        public Case {
            whens = List.copyOf(whens);
        }
    }

    record When(SqlExpr condition, SqlExpr result) {}

    /** CAST(x AS t), x::t, t 'literal'. */
    record Cast(SqlExpr operand, TypeName type, int position) implements SqlExpr {}

    record Collate(SqlExpr operand, QualifiedName collation, int position) implements SqlExpr {}

    /** ARRAY[…]; nested constructors for more dimensions. */
    record ArrayConstructor(List<SqlExpr> elements, int position) implements SqlExpr {
        public ArrayConstructor {
            elements = List.copyOf(elements);
        }
    }

    /** array[…][…]: all the brackets that follow one another. */
    record Subscript(SqlExpr array, List<Bracket> brackets, int position) implements SqlExpr {
        public Subscript {
            brackets = List.copyOf(brackets);
        }
    }

    /** [high] or, as a slice, [low:high]; a bound that a slice leaves out is null. */
    record Bracket(@Nullable SqlExpr low, @Nullable SqlExpr high, boolean isSlice) {}

    /** (a, b), ROW(a): a row value of at least one field, written as one. */
    record Row(List<SqlExpr> fields, int position) implements SqlExpr {
        public Row {
            fields = List.copyOf(fields);
        }
    }

    /** (expression).field. */
    record FieldAccess(SqlExpr operand, String field, int position) implements SqlExpr {}

    /** name => value, among the arguments of a call. */
    record NamedArgument(String name, SqlExpr value, int position) implements SqlExpr {}

    /** CURRENT OF cursor: all of the WHERE of an UPDATE or a DELETE. */
    record CurrentOf(String cursor, int position) implements SqlExpr {}

    /** DEFAULT as a value in INSERT … VALUES and UPDATE … SET. */
    record Default(int position) implements SqlExpr {}

    /** One ORDER BY item; {@code nullsFirst} null for the default of its direction. */
    record OrderItem(SqlExpr expression, boolean descending, @Nullable Boolean nullsFirst) {}

    /**
     * OVER name, or OVER (…), or a definition of WINDOW.
     *
     * @param name the window that it is, or that it builds upon; null for none
     * @param reference OVER name without parentheses
     * @param frame null for the default frame
     * @param position of the name or of the opening parenthesis
     */
    record Window(
            @Nullable String name,
            boolean reference,
            List<SqlExpr> partitionBy,
            List<OrderItem> orderBy,
            @Nullable WindowFrame frame,
            int position) {
        public Window {
            partitionBy = List.copyOf(partitionBy);
            orderBy = List.copyOf(orderBy);
        }
    }
}
