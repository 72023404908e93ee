package dev.driftdb.query.bind;

import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.DomainRules;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.CastDef;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Domains where values become theirs: their conditions, bound, and their defaults. */
final class Domains {
    private final BindState state;
    private final Catalog catalog;

    Domains(BindState state) {
        this.state = state;
        this.catalog = state.context.catalog();
    }

    /** A value of a domain as one of its base type, which is what operators and functions take. */
    static Expr plain(Expr expression) {
        SqlType type = expression.type();
        if (!type.isDomain()) {
            return expression;
        }
        SqlType base = type.base();
        return expression instanceof Expr.Constant constant
                ? new Expr.Constant(constant.value(), base, constant.typmod())
                : new Expr.Cast(
                        expression,
                        new CastDef(type, base, CastDef.Context.IMPLICIT, false, CastDef.RELABEL),
                        base,
                        -1);
    }

    /** The expression, refused at run time where a domain inside of the type refuses it. */
    Expr checked(Expr expression, SqlType type) {
        DomainRules rules = rules(type);
        if (rules != null) {
            return new Expr.DomainCheck(expression, type, rules);
        }
        if (expression.type().equals(type)) {
            return expression;
        }
        return expression instanceof Expr.Constant constant
                ? new Expr.Constant(constant.value(), type, -1)
                : new Expr.Cast(
                        expression,
                        new CastDef(
                                expression.type(),
                                type,
                                CastDef.Context.IMPLICIT,
                                false,
                                CastDef.RELABEL),
                        type,
                        -1);
    }

    /** Null if no domain in the type constrains its values. */
    @Nullable DomainRules rules(SqlType type) {
        if (type.definition() == null) {
            return null;
        }
        Map<Integer, DomainRules.Rule> rules = new HashMap<>();
        Map<Integer, CastDef> lengths = new HashMap<>();
        gather(type, rules, lengths);
        return rules.isEmpty() && lengths.isEmpty() ? null : new DomainRules(rules, lengths);
    }

    private void gather(
            SqlType type, Map<Integer, DomainRules.Rule> rules, Map<Integer, CastDef> lengths) {
        switch (type.definition()) {
            case UserType.Domain _ -> {
                if (!rules.containsKey(type.oid())) {
                    DomainRules.Rule rule = rule(type);
                    if (rule.notNull() || rule.length() != null || !rule.checks().isEmpty()) {
                        rules.put(type.oid(), rule);
                    }
                    gather(type.base(), rules, lengths);
                }
            }
            case UserType.ArrayOf array -> gather(array.element(), rules, lengths);
            case UserType.Composite composite -> {
                for (UserType.Attribute attribute : composite.visible()) {
                    gather(attribute.type(), rules, lengths);
                    CastDef length =
                            attribute.typmod() < 0
                                    ? null
                                    : state.functions.cast(attribute.type(), attribute.type());
                    if (length != null) {
                        lengths.put(attribute.type().oid(), length);
                    }
                }
            }
            case null, default -> {}
        }
    }

    private DomainRules.Rule rule(SqlType type) {
        boolean notNull = false;
        CastDef length = null;
        int typmod = -1;
        List<DomainRules.Check> checks = new ArrayList<>();
        for (SqlType at = type; at.definition() instanceof UserType.Domain made; at = made.over()) {
            if (made.typmod() >= 0) {
                typmod = made.typmod();
                length = state.functions.cast(at.base(), at.base());
            }
            TypeDef.Domain domain = definition(at);
            if (domain == null) {
                continue;
            }
            notNull |= domain.notNull();
            List<TypeDef.DomainCheck> own = new ArrayList<>(domain.checks());
            own.sort(Comparator.comparing(TypeDef.DomainCheck::name));
            List<DomainRules.Check> bound = new ArrayList<>();
            for (TypeDef.DomainCheck check : own) {
                bound.add(new DomainRules.Check(check.name(), condition(domain, check.sql())));
            }
            // Those of the domain below are asked first.
            checks.addAll(0, bound);
        }
        return new DomainRules.Rule(type, schema(type), notNull, length, typmod, checks);
    }

    private TypeDef.@Nullable Domain definition(SqlType type) {
        return catalog.find(type.oid()) instanceof TypeDef found
                        && found.kind() instanceof TypeDef.Domain domain
                ? domain
                : null;
    }

    private String schema(SqlType type) {
        CatalogObject schema =
                catalog.find(type.oid()) instanceof TypeDef found
                        ? catalog.find(found.schemaId())
                        : null;
        return schema == null ? "" : schema.name();
    }

    private Environment environment(TypeDef.Domain domain) {
        return new Environment(catalog, null, domain.searchPath(), Map.of(), Map.of(), 0, false);
    }

    private Expr condition(TypeDef.Domain domain, String sql) {
        Column value = new Column("value", 0, domain.over(), domain.typmod(), 0, 0, null);
        Namespace names =
                Namespace.of(new Relation("", null, null, List.of(value), List.of(), null), 1);
        ExpressionBinder binder =
                new ExpressionBinder(
                                state,
                                environment(domain),
                                Scope.of(null, names),
                                Clause.plain("check constraints"))
                        .in(Clause.plain("CHECK"));
        return uncollected(() -> binder.condition(SqlTexts.expression(sql)));
    }

    /** What a domain's own texts name is no part of the text that uses the domain. */
    private Expr uncollected(Supplier<Expr> binding) {
        ReferenceCollector outside = state.references;
        state.references = null;
        try {
            return binding.get();
        } finally {
            state.references = outside;
        }
    }

    /** The default of a domain, or of the one it is made over; null if none has one. */
    @Nullable Expr defaultOf(SqlType type) {
        for (SqlType at = type; at.definition() instanceof UserType.Domain made; at = made.over()) {
            TypeDef.Domain domain = definition(at);
            String sql = domain == null ? null : domain.defaultSql();
            if (domain != null && sql != null) {
                ExpressionBinder binder =
                        new ExpressionBinder(
                                state,
                                environment(domain),
                                Scope.empty(null),
                                Clause.plain("DEFAULT expressions"));
                return uncollected(() -> binder.bind(SqlTexts.expression(sql)));
            }
        }
        return null;
    }
}
