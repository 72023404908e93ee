package dev.driftdb.query.execute.eval;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.expr.DomainRules;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.RegNames;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlRow;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of types with domains in them: asked of each domain on the way, NULLs included. */
final class DomainEval {
    private record Check(String name, Eval condition) {}

    private record Rule(DomainRules.Rule rule, List<Check> checks) {}

    private final Map<Integer, Rule> rules = new HashMap<>();

    private final Map<Integer, CastDef> lengths;

    private DomainEval(ExprCompiler compiler, DomainRules given) {
        lengths = given.lengths();
        given.byType()
                .forEach((oid, rule) ->
                        rules.put(
                                oid,
                                new Rule(
                                        rule,
                                        rule.checks().stream()
                                                .map(check ->
                                                        new Check(
                                                                check.name(),
                                                                compiler.compile(
                                                                        check.condition())))
                                                .toList())));
    }

    static Eval compile(ExprCompiler compiler, Expr.DomainCheck check, Eval operand) {
        DomainEval domains = new DomainEval(compiler, check.rules());
        SqlType type = check.type();
        return (row, frame) -> domains.checked(type, operand.eval(row, frame), frame);
    }

    private @Nullable Object checked(SqlType type, @Nullable Object value, Frame frame) {
        return switch (type.definition()) {
            case UserType.Domain domain -> {
                Rule rule = rules.get(type.oid());
                Object inside = checked(type.base(), value, frame);
                yield rule == null ? inside : ask(rule, inside, frame);
            }
            case UserType.ArrayOf array ->
                    value instanceof SqlArray given ? array(array.element(), given, frame) : value;
            case UserType.Composite composite ->
                    value instanceof SqlRow given ? row(composite, given, frame) : value;
            case null, default -> value;
        };
    }

    private static @Nullable Object modified(
            DomainRules.Rule rule, @Nullable Object value, Frame frame) {
        return value == null || rule.length() == null
                ? value
                : rule.length().body().apply(value, rule.typmod(), false, frame.context());
    }

    private static String name(DomainRules.Rule rule, Frame frame) {
        return RegNames.typeName(rule.domain(), frame.context());
    }

    private static @Nullable Object ask(Rule asked, @Nullable Object given, Frame frame) {
        DomainRules.Rule rule = asked.rule();
        Object value = modified(rule, given, frame);
        if (value == null && rule.notNull()) {
            throw new SqlException(
                            SqlState.NOT_NULL_VIOLATION,
                            "domain " + name(rule, frame) + " does not allow null values")
                    .withType(rule.schema(), rule.domain().name());
        }
        if (!asked.checks().isEmpty()) {
            @Nullable Object[] row = {value};
            for (Check check : asked.checks()) {
                if (Boolean.FALSE.equals(check.condition().eval(row, frame))) {
                    throw new SqlException(
                                    SqlState.CHECK_VIOLATION,
                                    "value for domain "
                                            + name(rule, frame)
                                            + " violates check constraint \""
                                            + check.name()
                                            + "\"")
                            .withType(rule.schema(), rule.domain().name())
                            .withConstraint(check.name());
                }
            }
        }
        return value;
    }

    private SqlArray array(SqlType element, SqlArray given, Frame frame) {
        List<@Nullable Object> values = new ArrayList<>(given.values().size());
        for (Object value : given.values()) {
            values.add(checked(element, value, frame));
        }
        return new SqlArray(element, given.lengths(), given.lowerBounds(), values);
    }

    private SqlRow row(UserType.Composite composite, SqlRow given, Frame frame) {
        List<UserType.Attribute> attributes = composite.visible();
        List<@Nullable Object> values = new ArrayList<>(attributes.size());
        for (int i = 0; i < attributes.size(); i++) {
            UserType.Attribute attribute = attributes.get(i);
            Object value = checked(attribute.type(), given.values().get(i), frame);
            CastDef length = attribute.typmod() < 0 ? null : lengths.get(attribute.type().oid());
            values.add(
                    value == null || length == null
                            ? value
                            : length.body()
                                    .apply(value, attribute.typmod(), false, frame.context()));
        }
        return composite.row(values);
    }
}
