package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.schemas.error.SqlException;

/** Binds queries and data-modifying statements, at the top or inside of WITH. */
record StatementBinder(BindState state) {

    BoundStatement bind(Statement statement, Environment environment) {
        return switch (statement) {
            case DataStatement.Select select ->
                    new BoundStatement.Select(
                            new QueryBinder(state, environment).bind(select.query(), null));
            case DataStatement.Insert insert -> new InsertBinder(state, environment).bind(insert);
            case DataStatement.Update update -> new UpdateBinder(state, environment).bind(update);
            case DataStatement.Merge merge -> new MergeBinder(state, environment).bind(merge);
            case DataStatement.Delete delete -> new DeleteBinder(state, environment).bind(delete);
            default ->
                    throw SqlException.notSupported(
                            "a " + statement.getClass().getSimpleName() + " statement here");
        };
    }
}
