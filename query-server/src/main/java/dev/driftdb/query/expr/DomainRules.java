package dev.driftdb.query.expr;

import dev.driftdb.query.function.CastDef;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the domains inside of a type ask of its values.
 *
 * @param byType by the oid of the domain
 * @param lengths the casts that apply the modifiers of attributes of rows, by the oid of their type
 */
public record DomainRules(Map<Integer, Rule> byType, Map<Integer, CastDef> lengths) {
    public DomainRules {
        byType = Map.copyOf(byType);
        lengths = Map.copyOf(lengths);
    }

    /**
     * One domain with those it is made over.
     *
     * @param schema of the domain, for the error's fields
     * @param length the cast that applies the base type's modifier, null for none
     * @param checks in the order they are asked
     */
    public record Rule(
            SqlType domain,
            String schema,
            boolean notNull,
            @Nullable CastDef length,
            int typmod,
            List<Check> checks) {
        public Rule {
            checks = List.copyOf(checks);
        }
    }

    /** A condition over the value as the one column of its row. */
    public record Check(String name, Expr condition) {}
}
