package dev.driftdb.query.session;

import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.parse.SqlParser;
import dev.driftdb.query.parse.TokenShape;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Statements of the simple protocol by the shape of their text: texts that differ in their
 * constants share a parsed and planned statement, and the constants become its parameters.
 */
final class SimpleStatements {
    /** A statement of the shape's text does not fit this text: it has to be parsed for itself. */
    static final class Misfit extends RuntimeException {
        Misfit() {
            super(null, null, false, false);
        }

        Misfit(SqlException cause) {
            super(null, cause, false, false);
        }
    }

    /** From this cost on a plan for the very constants pays, in rows of a plain scan. */
    static final double SHARED_COST_MAX = 5_000;

    private SimpleStatements() {}

    /** The shape of a text that can be shared, else null. */
    static @Nullable TokenShape shapeOf(String sql) {
        return SqlParser.shapeOf(sql).orElse(null);
    }

    /** The statement of a shape if it is known, parsed and planned. */
    static @Nullable PlannedStatement findKnown(Database database, TokenShape shape) {
        return database.statements().find(new StatementCache.Shape(shape.key()));
    }

    static PlannedStatement find(Database database, TokenShape shape) {
        return database.statements()
                .get(
                        new StatementCache.Shape(shape.key()),
                        key -> {
                            ParsedStatement parsed = parse(database, shape);
                            return PlannedStatement.shared(parsed, literalTypes(shape));
                        });
    }

    private static ParsedStatement parse(Database database, TokenShape shape) {
        try {
            ParsedStatement parsed = database.parser().parseShape(shape);
            if (parsed.statement() instanceof TableDefinition.CreateTableAs) {
                throw new Misfit(SqlException.notSupported("SELECT INTO with parameters"));
            }
            return parsed;
        } catch (SqlException e) {
            throw new Misfit(e);
        }
    }

    /**
     * A number has the type that its form gives it; a string is untyped until its place types it.
     */
    private static Map<Integer, SqlType> literalTypes(TokenShape shape) {
        Map<Integer, SqlType> types = new HashMap<>();
        for (int i = 0; i < shape.literals().size(); i++) {
            switch (shape.literals().get(i).kind()) {
                case INT4 -> types.put(i + 1, Types.INT4);
                case INT8 -> types.put(i + 1, Types.INT8);
                case NUMERIC -> types.put(i + 1, Types.NUMERIC);
                case STRING -> {}
            }
        }
        return types;
    }

    /**
     * Whether an interval reads the same wherever it stands. A bare number takes its unit from the
     * fields of the type, which a parameter does not know.
     */
    private static boolean namesUnits(String interval) {
        int last = interval.length() - 1;
        return last >= 0
                && Character.isLetter(interval.charAt(last))
                && !interval.regionMatches(true, last - 2, "ago", 0, 3);
    }

    static @Nullable Object[] values(
            TokenShape shape, PlannedStatement.Plan plan, FormatSettings settings) {
        List<TokenShape.Literal> literals = shape.literals();
        @Nullable Object[] values = new Object[literals.size()];
        try {
            for (int i = 0; i < values.length; i++) {
                SqlType type = plan.parameterTypes().get(i);
                String text = literals.get(i).value();
                if (type.equals(Types.INTERVAL) && !namesUnits(text)) {
                    throw new Misfit();
                }
                values[i] =
                        type.equals(Types.TEXT) || type.equals(Types.VARCHAR)
                                ? text
                                : TextFormat.parse(type, text, settings);
            }
        } catch (SqlException e) {
            throw new Misfit(e);
        }
        return values;
    }
}
