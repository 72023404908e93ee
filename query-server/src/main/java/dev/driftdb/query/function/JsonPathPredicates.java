package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.regex.Regex;
import dev.driftdb.schemas.type.JsonPath.Operator;
import dev.driftdb.schemas.type.JsonPath.Path;
import dev.driftdb.schemas.type.JsonPath.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The predicates of a jsonpath, which are true, false or unknown. */
final class JsonPathPredicates {
    private final JsonPathRun run;
    private final boolean zoned;
    private final EvalContext context;

    /**
     * @param run what evaluates the paths in predicates
     * @param zoned whether the session's time zone may be used
     */
    JsonPathPredicates(JsonPathRun run, boolean zoned, EvalContext context) {
        this.run = run;
        this.zoned = zoned;
        this.context = context;
    }

    /** Whether a predicate holds of an item; null for unknown. */
    @Nullable Boolean test(Step predicate, Object item) {
        return switch (predicate) {
            case Step.And(Path left, Path right) -> {
                Boolean a = test(left.first(), item);
                if (Boolean.FALSE.equals(a)) {
                    yield false;
                }
                Boolean b = test(right.first(), item);
                yield Boolean.TRUE.equals(b) ? a : b;
            }
            case Step.Or(Path left, Path right) -> {
                Boolean a = test(left.first(), item);
                if (Boolean.TRUE.equals(a)) {
                    yield true;
                }
                Boolean b = test(right.first(), item);
                yield Boolean.FALSE.equals(b) ? a : b;
            }
            case Step.Not(Path operand) -> {
                Boolean a = test(operand.first(), item);
                yield a == null ? null : (Boolean) !a;
            }
            case Step.IsUnknown(Path operand) -> test(operand.first(), item) == null;
            case Step.Exists(Path operand) -> {
                try {
                    yield run.exists(operand, item);
                } catch (JsonPathRun.Failure _) {
                    yield null;
                }
            }
            case Step.Comparison(Operator operator, Path left, Path right) ->
                    pairs(
                            left,
                            right,
                            item,
                            true,
                            (a, b) -> JsonPathTests.compare(operator, a, b, zoned, context));
            case Step.StartsWith(Path operand, Path prefix) ->
                    pairs(operand, prefix, item, false, JsonPathTests::startsWith);
            case Step.LikeRegex(Path operand, String pattern, String flags) -> {
                Regex compiled = JsonPathTests.regex(pattern, flags);
                yield pairs(
                        operand,
                        null,
                        item,
                        false,
                        (a, _) -> JsonPathTests.matches(compiled, a, context));
            }
            default -> throw new IllegalStateException("not a predicate: " + predicate);
        };
    }

    @FunctionalInterface
    private interface Pair {
        /** Whether a predicate holds of an item; null for unknown. */
        @Nullable Boolean test(Object left, Object right);
    }

    /** Whether the test holds of any pair; null where one could not be decided. */
    private @Nullable Boolean pairs(
            Path left, @Nullable Path right, Object item, boolean unwrapRight, Pair pair) {
        List<Object> lefts;
        List<Object> rights;
        try {
            lefts = run.operand(left, item, true);
            rights = right == null ? List.of(item) : run.operand(right, item, unwrapRight);
        } catch (JsonPathRun.Failure _) {
            return null;
        }
        boolean unknown = false;
        boolean found = false;
        for (Object a : lefts) {
            for (Object b : rights) {
                context.checkCanceled();
                Boolean result = pair.test(a, b);
                if (result == null) {
                    if (!run.lax()) {
                        return null;
                    }
                    unknown = true;
                } else if (result) {
                    if (run.lax()) {
                        return true;
                    }
                    found = true;
                }
            }
        }
        return found ? Boolean.TRUE : unknown ? null : Boolean.FALSE;
    }
}
