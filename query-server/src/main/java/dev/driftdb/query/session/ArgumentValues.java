package dev.driftdb.query.session;

import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arguments of EXECUTE as values of the parameters' types. */
final class ArgumentValues {
    private ArgumentValues() {}

    /** 42601 if there are not as many as the plan has parameters. */
    static @Nullable Object[] of(
            SessionStatement.Execute execute, PlannedStatement.Plan plan, Session session) {
        if (plan.parameterTypes().size() != execute.arguments().size()) {
            throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "wrong number of parameters for prepared statement \""
                                    + execute.name()
                                    + "\"")
                    .withDetail(
                            "Expected "
                                    + plan.parameterTypes().size()
                                    + " parameters but got "
                                    + execute.arguments().size()
                                    + ".");
        }
        try (StatementContext context = session.peek()) {
            return of(execute.arguments(), plan.parameterTypes(), context);
        }
    }

    private static @Nullable Object[] of(
            List<SqlExpr> arguments, List<SqlType> types, StatementContext context) {
        @Nullable Object[] values = new Object[arguments.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    RowExpression.of(
                                    new Binder(context)
                                            .bindExpression(
                                                    arguments.get(i),
                                                    List.of(),
                                                    types.get(i),
                                                    -1,
                                                    "EXECUTE parameter"))
                            .evaluate(context);
        }
        return values;
    }
}
