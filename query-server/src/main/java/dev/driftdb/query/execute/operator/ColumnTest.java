package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.expr.Expr.Comparison.Op;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.row.RowReader;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A condition on columns of a stored row that is asked of its bytes: rows that fail it are never
 * decoded. Immutable; a scan asks {@link #open} for what it remembers.
 */
public sealed interface ColumnTest {
    /** One scan's test. For one thread. */
    @FunctionalInterface
    interface Run {
        /** Whether the condition is true of the row that the reader stands on. */
        boolean test(RowReader row);
    }

    /** The values that it compares with are computed when the first row asks. */
    Run open(Frame frame);

    /** Another test, whose refusals are counted. */
    record Counting(ColumnTest test, LongAdder refused) implements ColumnTest {
        @Override
        public Run open(Frame frame) {
            Run run = test.open(frame);
            return row -> {
                boolean passes = run.test(row);
                if (!passes) {
                    refused.increment();
                }
                return passes;
            };
        }
    }

    /** column op value, both integers at runtime. */
    record Integers(ColumnDef column, Op op, Eval value) implements ColumnTest {
        @Override
        public Run open(Frame frame) {
            return new Run() {
                private boolean known;
                private boolean never;
                private long low;
                private long high;
                private boolean outside;

                private void learn() {
                    known = true;
                    Object bound = value.eval(Eval.NO_ROW, frame);
                    never = bound == null;
                    long at = bound == null ? 0 : (Long) bound;
                    low = op == Op.LT || op == Op.LE ? Long.MIN_VALUE : at;
                    high = op == Op.GT || op == Op.GE ? Long.MAX_VALUE : at;
                    outside = op == Op.NE;
                    if (op == Op.LT) {
                        never |= at == Long.MIN_VALUE;
                        high = at - 1;
                    } else if (op == Op.GT) {
                        never |= at == Long.MAX_VALUE;
                        low = at + 1;
                    }
                }

                @Override
                public boolean test(RowReader row) {
                    if (!known) {
                        learn();
                    }
                    long actual;
                    if (row.find(column)) {
                        actual = row.longValue();
                    } else if (row.value(column) instanceof Long missing) {
                        actual = missing;
                    } else {
                        return false;
                    }
                    return !never && (actual >= low && actual <= high) != outside;
                }
            };
        }
    }

    /** column op column, both integers at runtime. */
    record IntegerPair(ColumnDef left, Op op, ColumnDef right) implements ColumnTest {
        @Override
        public Run open(Frame frame) {
            return row -> {
                if (row.misses(left) || row.misses(right)) {
                    return row.value(left) instanceof Long a
                            && row.value(right) instanceof Long b
                            && holds(op, Long.compare(a, b));
                }
                if (!row.find(left)) {
                    return false;
                }
                long a = row.longValue();
                return row.find(right) && holds(op, Long.compare(a, row.longValue()));
            };
        }
    }

    /** column op value of numerics. */
    record Numerics(ColumnDef column, Op op, Eval value) implements ColumnTest {
        /** That of no number, nor what stands for those that are too long. */
        private static final int NO_SCALE = -2;

        @Override
        public Run open(Frame frame) {
            return new Run() {
                private boolean known;
                private @Nullable Numeric bound;
                private int lastScale = NO_SCALE;

                // Whether the digits are there for the last scale.
                private boolean scaled;

                // The bound's digits at the column's scale, rounded down.
                private long digits;

                private boolean exact;

                private void scale(int scale, Numeric with) {
                    lastScale = scale;
                    scaled = false;
                    if (scale < 0 || !with.isFinite()) {
                        return;
                    }
                    BigDecimal floor = with.decimal().setScale(scale, RoundingMode.FLOOR);
                    BigInteger unscaled = floor.unscaledValue();
                    if (unscaled.bitLength() < Long.SIZE) {
                        scaled = true;
                        digits = unscaled.longValue();
                        exact = floor.compareTo(with.decimal()) == 0;
                    }
                }

                @Override
                public boolean test(RowReader row) {
                    if (!known) {
                        known = true;
                        bound = (Numeric) value.eval(Eval.NO_ROW, frame);
                    }
                    Numeric with = bound;
                    if (with == null) {
                        return false;
                    }
                    if (!row.find(column)) {
                        return row.value(column) instanceof Numeric missing
                                && holds(op, missing.compareTo(with));
                    }
                    int scale = row.compactScale();
                    if (scale != lastScale) {
                        // Columns mostly have one scale: the bound is brought to it once.
                        scale(scale, with);
                    }
                    if (scaled) {
                        int order = Long.compare(row.compactDigits(), digits);
                        return holds(op, order == 0 && !exact ? -1 : order);
                    }
                    return row.value(column) instanceof Numeric actual
                            && holds(op, actual.compareTo(with));
                }
            };
        }
    }

    /** Whether a text is one of some; char(n) without the spaces at its end. */
    record Texts(ColumnDef column, List<Eval> values, boolean negated) implements ColumnTest {
        @Override
        public Run open(Frame frame) {
            boolean padded = column.type().equals(Types.BPCHAR);
            return new Run() {
                private boolean known;
                private boolean hasNull;
                private byte[][] texts = {};

                private void learn() {
                    known = true;
                    texts = new byte[values.size()][];
                    for (int i = 0; i < texts.length; i++) {
                        Object text = values.get(i).eval(Eval.NO_ROW, frame);
                        hasNull |= text == null;
                        byte[] bytes =
                                text == null
                                        ? new byte[0]
                                        : ((String) text).getBytes(StandardCharsets.UTF_8);
                        texts[i] =
                                Arrays.copyOf(
                                        bytes,
                                        padded ? trimmed(bytes, 0, bytes.length) : bytes.length);
                    }
                    if (hasNull) {
                        // Equal to none of them is then unknown.
                        List<byte[]> others = new java.util.ArrayList<>();
                        for (int i = 0; i < texts.length; i++) {
                            if (values.get(i).eval(Eval.NO_ROW, frame) != null) {
                                others.add(texts[i]);
                            }
                        }
                        texts = others.toArray(byte[][]::new);
                    }
                }

                @Override
                public boolean test(RowReader row) {
                    if (!known) {
                        learn();
                    }
                    byte[] bytes;
                    int from;
                    int to;
                    if (row.find(column)) {
                        bytes = row.bytes();
                        from = row.valueFrom();
                        to = row.valueTo();
                    } else if (row.value(column) instanceof String missing) {
                        bytes = missing.getBytes(StandardCharsets.UTF_8);
                        from = 0;
                        to = bytes.length;
                    } else {
                        return false;
                    }
                    int end = padded ? trimmed(bytes, from, to) : to;
                    for (byte[] text : texts) {
                        if (Arrays.equals(bytes, from, end, text, 0, text.length)) {
                            return !negated;
                        }
                    }
                    return negated && !hasNull;
                }
            };
        }
    }

    /** Whether an integer is one of some. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record IntegerList(ColumnDef column, long[] values) implements ColumnTest {
        @Override
        public Run open(Frame frame) {
            return row -> {
                long actual;
                if (row.find(column)) {
                    actual = row.longValue();
                } else if (row.value(column) instanceof Long missing) {
                    actual = missing;
                } else {
                    return false;
                }
                for (long value : values) {
                    if (value == actual) {
                        return true;
                    }
                }
                return false;
            };
        }
    }

    /** IS [NOT] NULL. */
    record Nulls(ColumnDef column, boolean negated) implements ColumnTest {
        @Override
        public Run open(Frame frame) {
            return row -> row.isNull(column) != negated;
        }
    }

    private static int trimmed(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from && bytes[end - 1] == ' ') {
            end--;
        }
        return end;
    }

    private static boolean holds(Op op, int order) {
        return switch (op) {
            case EQ -> order == 0;
            case NE -> order != 0;
            case LT -> order < 0;
            case LE -> order <= 0;
            case GT -> order > 0;
            case GE -> order >= 0;
        };
    }
}
