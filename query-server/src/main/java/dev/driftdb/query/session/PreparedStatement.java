package dev.driftdb.query.session;

import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A statement of Parse or PREPARE. Its client relies on the parameters and columns that it had
 * then, whatever has become of its tables. For the session's thread only.
 */
final class PreparedStatement {
    /** By this drivers know that they may prepare anew. */
    private static final String ROUTINE = "RevalidateCachedQuery";

    private PlannedStatement planned;

    /** The first plan; null for what has none. */
    private final PlannedStatement.@Nullable Plan first;

    /** The last one found to be the same to the client. */
    private PlannedStatement.@Nullable Plan checked;

    PreparedStatement(PlannedStatement planned, PlannedStatement.@Nullable Plan first) {
        this.planned = planned;
        this.first = first;
        this.checked = first;
    }

    /** The plan at hand has parameters of other types. */
    private static final class OtherParameters extends RuntimeException {
        final transient List<SqlType> declared;

        OtherParameters(List<SqlType> declared) {
            super(null, null, false, false);
            this.declared = declared;
        }
    }

    PlannedStatement planned() {
        return planned;
    }

    /**
     * Does something with the statement's plan, which must be given to {@link #same} before it is
     * used.
     */
    <T> T with(Function<PlannedStatement, T> action) {
        try {
            return action.apply(planned);
        } catch (OtherParameters e) {
            planned = planned.withParameterTypes(e.declared);
            return action.apply(planned);
        }
    }

    /**
     * A plan that the client can use as the first one.
     *
     * @throws SqlException 0A000 if it answers other columns
     */
    @SuppressWarnings("ReferenceEquality") // a plan is replaced as a whole
    PlannedStatement.Plan same(PlannedStatement.Plan plan) {
        if (first != null && plan != checked) {
            if (!plan.parameterTypes().equals(first.parameterTypes())) {
                throw new OtherParameters(first.parameterTypes());
            }
            if (plan.openPoints()) {
                return first; // what is run is checked by itself
            }
            if (!isSame(plan.executable().columns(), first.executable().columns())) {
                throw new SqlException(
                                SqlState.FEATURE_NOT_SUPPORTED,
                                "cached plan must not change result type")
                        .withRoutine(ROUTINE);
            }
            checked = plan;
        }
        return plan;
    }

    private static boolean isSame(List<OutputColumn> columns, List<OutputColumn> others) {
        if (columns.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < columns.size(); i++) {
            OutputColumn column = columns.get(i);
            OutputColumn other = others.get(i);
            if (!column.name().equals(other.name())
                    || !column.type().equals(other.type())
                    || column.typmod() != other.typmod()) {
                return false;
            }
        }
        return true;
    }
}
