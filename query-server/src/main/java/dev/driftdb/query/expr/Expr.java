package dev.driftdb.query.expr;

import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.ScalarFunction;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bound expression: names resolved, types known, casts made explicit. Evaluated over one input
 * row; {@link Outer} reaches the rows of enclosing queries.
 */
public sealed interface Expr {
    SqlType type();

    /** The type modifier, -1 for none. */
    default int typmod() {
        return -1;
    }

    record Constant(@Nullable Object value, SqlType type, int typmod) implements Expr {
        public static final Constant TRUE = new Constant(true, Types.BOOL, -1);
        public static final Constant FALSE = new Constant(false, Types.BOOL, -1);
    }

    /** Column {@code index} of the input row. */
    record Input(int index, SqlType type, int typmod) implements Expr {}

    /** Column {@code index} of the input row of the {@code depth}-th enclosing query, from 1. */
    record Outer(int depth, int index, SqlType type, int typmod) implements Expr {}

    /** $n. */
    record Parameter(int number, SqlType type) implements Expr {}

    /**
     * A function or operator call; the arguments have exactly the resolved argument types.
     *
     * @param operator the operator symbol it was written as, null for a function call
     */
    record Call(
            ScalarFunction function,
            List<Expr> arguments,
            SqlType type,
            int typmod,
            @Nullable String operator)
            implements Expr {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /**
     * A comparison by the order of the type, operands of the same {@link
     * dev.driftdb.schemas.type.Storage} (and comparable: int4 with int8, not date with timestamp).
     * NULL if either operand is.
     */
    record Comparison(Op op, Expr left, Expr right) implements Expr {
        @Override
        public SqlType type() {
            return Types.BOOL;
        }

        public enum Op {
            EQ("="),
            NE("<>"),
            LT("<"),
            LE("<="),
            GT(">"),
            GE(">=");

            private final String symbol;

            Op(String symbol) {
                this.symbol = symbol;
            }

            public String symbol() {
                return symbol;
            }

            /** The operator with its operands exchanged: a < b is b > a. */
            public Op flipped() {
                return switch (this) {
                    case EQ, NE -> this;
                    case LT -> GT;
                    case LE -> GE;
                    case GT -> LT;
                    case GE -> LE;
                };
            }

            public Op negated() {
                return switch (this) {
                    case EQ -> NE;
                    case NE -> EQ;
                    case LT -> GE;
                    case LE -> GT;
                    case GT -> LE;
                    case GE -> LT;
                };
            }
        }
    }

    /** {@code typmod} is applied: varchar(3) cuts or refuses, numeric(5,2) rounds. */
    record Cast(Expr operand, CastDef cast, SqlType type, int typmod) implements Expr {}

    /**
     * The operand as a value of a type that is a domain or has domains inside: refused at run time
     * where one of them refuses it.
     */
    record DomainCheck(Expr operand, SqlType type, DomainRules rules) implements Expr {}

    record And(List<Expr> terms) implements Expr {
        public And {
            terms = List.copyOf(terms);
        }

        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    record Or(List<Expr> terms) implements Expr {
        public Or {
            terms = List.copyOf(terms);
        }

        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    record Not(Expr operand) implements Expr {
        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    record IsNull(Expr operand, boolean negated) implements Expr {
        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    /** IS [NOT] TRUE | FALSE; IS UNKNOWN is IsNull. */
    record IsBoolean(Expr operand, boolean value, boolean negated) implements Expr {
        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    record IsDistinct(Expr left, Expr right, boolean negated) implements Expr {
        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    /** Searched CASE; a simple one is bound to comparisons. */
    record Case(List<Branch> branches, @Nullable Expr otherwise, SqlType type) implements Expr {
        public Case {
            branches = List.copyOf(branches);
        }
    }

    record Branch(Expr condition, Expr result) {}

    record Coalesce(List<Expr> arguments, SqlType type) implements Expr {
        public Coalesce {
            arguments = List.copyOf(arguments);
        }
    }

    record NullIf(Expr value, Expr comparison, SqlType type) implements Expr {}

    /** GREATEST ({@code greatest}) or LEAST: NULLs are ignored. */
    record Extreme(boolean greatest, List<Expr> arguments, SqlType type) implements Expr {
        public Extreme {
            arguments = List.copyOf(arguments);
        }
    }

    /** operand IN (list) by equality of one storage. */
    record InList(Expr operand, List<Expr> list, boolean negated) implements Expr {
        public InList {
            list = List.copyOf(list);
        }

        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    /** operand op ANY|ALL (array). */
    record QuantifiedArray(Expr operand, Expr array, boolean all, Predicate predicate)
            implements Expr {
        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    /**
     * What is asked of a pair (left, right) in quantified comparisons: an expression over a row of
     * two columns.
     */
    record Predicate(Expr expression) {}

    /** (SELECT …) as a value: NULL for no row, 21000 for more than one. */
    record ScalarQuery(LogicalPlan plan, SqlType type, int typmod) implements Expr {}

    record Exists(LogicalPlan plan) implements Expr {
        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    /** ARRAY(SELECT …). */
    record ArrayQuery(LogicalPlan plan, SqlType type) implements Expr {}

    /** operands IN (SELECT …), compared column by column by equality of one storage. */
    record InQuery(List<Expr> operands, LogicalPlan plan, boolean negated) implements Expr {
        public InQuery {
            operands = List.copyOf(operands);
        }

        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    /**
     * operands op ANY|ALL (SELECT …) for what is not IN, and row op (SELECT …).
     *
     * @param predicate over the operands, then the columns of the subquery
     */
    record QuantifiedQuery(
            List<Expr> operands, LogicalPlan plan, Quantifier quantifier, Predicate predicate)
            implements Expr {
        public QuantifiedQuery {
            operands = List.copyOf(operands);
        }

        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    /** Which rows of a subquery a comparison is asked of. */
    enum Quantifier {
        ANY,
        ALL,
        /** The only one: NULL for no row, 21000 for more than one. */
        ONLY
    }

    /**
     * WHERE CURRENT OF: the row of a table that a cursor is on.
     *
     * @param anchor a column of the table, which says which table is meant
     */
    record CurrentOf(String cursor, Expr anchor) implements Expr {
        @Override
        public SqlType type() {
            return Types.BOOL;
        }
    }

    record ArrayConstructor(List<Expr> elements, SqlType type) implements Expr {
        public ArrayConstructor {
            elements = List.copyOf(elements);
        }
    }

    record Row(List<Expr> fields) implements Expr {
        public Row {
            fields = List.copyOf(fields);
        }

        @Override
        public SqlType type() {
            return Types.RECORD;
        }
    }
}
