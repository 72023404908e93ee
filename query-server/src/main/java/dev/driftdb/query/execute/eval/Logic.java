package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import org.jspecify.annotations.Nullable;

/** AND, OR and NOT of three truth values, left to right, ending as soon as the answer is known. */
final class Logic {
    private Logic() {}

    static Eval and(Eval[] terms) {
        return new Eval() {
            @Override
            public @Nullable Object eval(@Nullable Object[] row, Frame frame) {
                Boolean result = true;
                for (Eval term : terms) {
                    Object value = term.eval(row, frame);
                    if (value == null) {
                        result = null;
                    } else if (!(Boolean) value) {
                        return false;
                    }
                }
                return result;
            }

            // For a condition NULL is as good as false, so the first one that is not true ends it.
            @Override
            public boolean test(@Nullable Object[] row, Frame frame) {
                for (Eval term : terms) {
                    if (!term.test(row, frame)) {
                        return false;
                    }
                }
                return true;
            }
        };
    }

    static Eval or(Eval[] terms) {
        return (row, frame) -> {
            Boolean result = false;
            for (Eval term : terms) {
                Object value = term.eval(row, frame);
                if (value == null) {
                    result = null;
                } else if ((Boolean) value) {
                    return true;
                }
            }
            return result;
        };
    }

    static Eval not(Eval operand) {
        return (row, frame) -> {
            Object value = operand.eval(row, frame);
            return value == null ? null : !(Boolean) value;
        };
    }
}
