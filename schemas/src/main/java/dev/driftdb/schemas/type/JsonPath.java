package dev.driftdb.schemas.type;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A jsonpath: a mode and a path, and PostgreSQL's text of it. Immutable.
 *
 * @param lax lax mode: arrays are unwrapped and wrapped as needed, missing members are no errors
 */
public record JsonPath(boolean lax, Path path) {
    /** The last level of {@code **} and "to last". */
    public static final long LAST_LEVEL = 0xFFFF_FFFFL;

    /** A primary and the accessors applied to it one after another. */
    public record Path(List<Step> steps) {
        public Path {
            steps = List.copyOf(steps);
        }

        public Step first() {
            return steps.getFirst();
        }

        static Path of(Step step) {
            return new Path(List.of(step));
        }
    }

    /** One element of a path; predicates are primaries too. */
    public sealed interface Step {
        /** A string, number, boolean or null. */
        record Literal(Json value) implements Step {}

        record Variable(String name) implements Step {}

        /** {@code $}. */
        record Root() implements Step {}

        /** {@code @}. */
        record Current() implements Step {}

        record Last() implements Step {}

        record Key(String name) implements Step {}

        record AnyKey() implements Step {}

        record AnyItem() implements Step {}

        record Items(List<Range> ranges) implements Step {
            public Items {
                ranges = List.copyOf(ranges);
            }
        }

        /** {@code **{first to last}}; {@link #LAST_LEVEL} for "last". */
        record AnyLevel(long first, long last) implements Step {}

        record Filter(Path predicate) implements Step {}

        record Method(MethodName name) implements Step {}

        record Datetime(@Nullable String template) implements Step {}

        /** + or - of each number. */
        record Sign(boolean minus, Path operand) implements Step {}

        record Arithmetic(Operator operator, Path left, Path right) implements Step {}

        record Comparison(Operator operator, Path left, Path right) implements Step {}

        record And(Path left, Path right) implements Step {}

        record Or(Path left, Path right) implements Step {}

        record Not(Path operand) implements Step {}

        record IsUnknown(Path operand) implements Step {}

        record Exists(Path operand) implements Step {}

        record StartsWith(Path operand, Path prefix) implements Step {}

        /**
         * @param flags of i, s, m, x, q, each once
         */
        record LikeRegex(Path operand, String pattern, String flags) implements Step {}
    }

    /** A subscript, or a range of them. */
    public record Range(Path from, @Nullable Path to) {}

    public enum MethodName {
        TYPE,
        SIZE,
        ABS,
        FLOOR,
        CEILING,
        DOUBLE,
        KEYVALUE;

        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Operators of numbers and of comparison, with their binding strength. */
    public enum Operator {
        EQ("==", 2),
        NE("!=", 2),
        LT("<", 2),
        GT(">", 2),
        LE("<=", 2),
        GE(">=", 2),
        ADD("+", 3),
        SUBTRACT("-", 3),
        MULTIPLY("*", 4),
        DIVIDE("/", 4),
        MODULO("%", 4);

        private final String symbol;
        private final int priority;

        Operator(String symbol, int priority) {
            this.symbol = symbol;
            this.priority = priority;
        }

        public String symbol() {
            return symbol;
        }
    }

    /**
     * @throws dev.driftdb.schemas.error.SqlException 42601, 22P02 for text that is no jsonpath
     */
    public static JsonPath parse(String text) {
        return new JsonPathParser(text).parse();
    }

    /** The text that PostgreSQL's output function writes. */
    public String text() {
        StringBuilder out = new StringBuilder(lax ? "" : "strict ");
        write(path, true, out);
        return out.toString();
    }

    private static int priority(Step step) {
        return switch (step) {
            case Step.Or _ -> 0;
            case Step.And _ -> 1;
            case Step.Comparison _, Step.StartsWith _ -> 2;
            case Step.Arithmetic(Operator operator, Path _, Path _) -> operator.priority;
            case Step.Sign _ -> 5;
            default -> 6;
        };
    }

    private static void write(Path path, boolean brackets, StringBuilder out) {
        Step first = path.first();
        primary(first, path.steps().size() > 1, brackets, out);
        for (Step step : path.steps().subList(1, path.steps().size())) {
            accessor(step, out);
        }
    }

    private static void operand(Path operand, Step around, StringBuilder out) {
        write(operand, priority(operand.first()) <= priority(around), out);
    }

    private static void binary(
            Path left, String symbol, Path right, Step step, boolean brackets, StringBuilder out) {
        out.append(brackets ? "(" : "");
        operand(left, step, out);
        out.append(' ').append(symbol).append(' ');
        operand(right, step, out);
        out.append(brackets ? ")" : "");
    }

    private static void primary(Step step, boolean followed, boolean brackets, StringBuilder out) {
        switch (step) {
            case Step.Literal(Json.Num(BigDecimal n)) when followed ->
                    out.append('(').append(n.toPlainString()).append(')');
            case Step.Literal(Json value) -> out.append(value.text());
            case Step.Variable(String name) -> {
                out.append('$');
                Json.quote(name, out);
            }
            case Step.Root _ -> out.append('$');
            case Step.Current _ -> out.append('@');
            case Step.Last _ -> out.append("last");
            case Step.Sign(boolean minus, Path operand) -> {
                out.append(brackets ? "(" : "").append(minus ? '-' : '+');
                operand(operand, step, out);
                out.append(brackets ? ")" : "");
            }
            case Step.Arithmetic(Operator operator, Path left, Path right) ->
                    binary(left, operator.symbol, right, step, brackets, out);
            case Step.Comparison(Operator operator, Path left, Path right) ->
                    binary(left, operator.symbol, right, step, brackets, out);
            case Step.And(Path left, Path right) -> binary(left, "&&", right, step, brackets, out);
            case Step.Or(Path left, Path right) -> binary(left, "||", right, step, brackets, out);
            case Step.StartsWith(Path operand, Path prefix) ->
                    binary(operand, "starts with", prefix, step, brackets, out);
            case Step.Not(Path operand) -> enclosed("!(", operand, ")", out);
            case Step.IsUnknown(Path operand) -> enclosed("(", operand, ") is unknown", out);
            case Step.Exists(Path operand) -> enclosed("exists (", operand, ")", out);
            case Step.LikeRegex(Path operand, String pattern, String flags) -> {
                out.append(brackets ? "(" : "");
                operand(operand, step, out);
                out.append(" like_regex ");
                Json.quote(pattern, out);
                if (!flags.isEmpty()) {
                    out.append(" flag \"").append(flags).append('"');
                }
                out.append(brackets ? ")" : "");
            }
            default -> accessor(step, out);
        }
    }

    private static void enclosed(String open, Path operand, String close, StringBuilder out) {
        out.append(open);
        write(operand, false, out);
        out.append(close);
    }

    private static void accessor(Step step, StringBuilder out) {
        switch (step) {
            case Step.Key(String name) -> {
                out.append('.');
                Json.quote(name, out);
            }
            case Step.AnyKey _ -> out.append(".*");
            case Step.AnyItem _ -> out.append("[*]");
            case Step.Items(List<Range> ranges) -> {
                String separator = "[";
                for (Range range : ranges) {
                    out.append(separator);
                    write(range.from(), false, out);
                    Path to = range.to();
                    if (to != null) {
                        write(to, false, out.append(" to "));
                    }
                    separator = ",";
                }
                out.append(']');
            }
            case Step.AnyLevel(long first, long last) -> {
                out.append(".**");
                if (first == last) {
                    out.append('{').append(level(first)).append('}');
                } else if (first != 0 || last != LAST_LEVEL) {
                    out.append('{').append(level(first)).append(" to ").append(level(last));
                    out.append('}');
                }
            }
            case Step.Filter(Path predicate) -> enclosed("?(", predicate, ")", out);
            case Step.Method(MethodName name) -> out.append('.').append(name.text()).append("()");
            case Step.Datetime(@Nullable String template) -> {
                out.append(".datetime(");
                if (template != null) {
                    Json.quote(template, out);
                }
                out.append(')');
            }
            default -> throw new IllegalStateException("not an accessor: " + step);
        }
    }

    private static String level(long level) {
        return level == LAST_LEVEL ? "last" : Long.toString(level);
    }
}
