package dev.driftdb.query.define;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** What depends on something that is to be dropped: it goes too with CASCADE, else nothing goes. */
final class Dependents {
    /** How many a message lists; PostgreSQL's MAX_REPORTED_DEPS. */
    private static final int LISTED_MAX = 100;

    private record Dependent(String name, String on, Runnable drop) {}

    private final DefinitionScope scope;
    private final String dropped;
    private final List<Dependent> dependents = new ArrayList<>();

    /**
     * @param dropped what is to be dropped, as in "table t"
     */
    Dependents(DefinitionScope scope, String dropped) {
        this.scope = scope;
        this.dropped = dropped;
    }

    /**
     * @param on what the foreign key depends on, as in "table t"
     */
    void add(Catalog.Reference reference, String on) {
        Constraint.ForeignKey key = reference.key();
        add(
                "constraint " + key.name() + " on table " + reference.child().name(),
                on,
                () -> remove(reference.child().id(), key.id()));
    }

    void add(String name, String on, Runnable drop) {
        if (dependents.stream().noneMatch(known -> known.name().equals(name))) {
            dependents.add(new Dependent(name, on, drop));
        }
    }

    private void remove(int tableId, int constraintId) {
        TableDef table = scope.catalog().findTable(tableId);
        if (table != null) {
            List<Constraint> kept = new ArrayList<>(table.constraints());
            kept.removeIf(constraint -> constraint.id() == constraintId);
            scope.write(table.withConstraints(kept));
        }
    }

    /** 2BP01 if there is any and no CASCADE; else all are dropped. */
    void resolve(boolean cascade) {
        if (dependents.isEmpty()) {
            return;
        }
        if (!cascade) {
            StringJoiner lines = new StringJoiner("\n");
            for (Dependent dependent :
                    dependents.subList(0, Math.min(dependents.size(), LISTED_MAX))) {
                lines.add(dependent.name() + " depends on " + dependent.on());
            }
            throw new SqlException(
                            SqlState.DEPENDENT_OBJECTS_STILL_EXIST,
                            "cannot drop "
                                    + dropped
                                    + " because other objects depend on "
                                    + (dropped.endsWith("(s)") ? "them" : "it"))
                    .withDetail(lines.toString())
                    .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
        }
        scope.notice(
                dependents.size() == 1
                        ? "drop cascades to " + dependents.getFirst().name()
                        : "drop cascades to " + dependents.size() + " other objects");
        dependents.forEach(dependent -> dependent.drop().run());
    }
}
