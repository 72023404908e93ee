package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.parse.ParsedStatement;
import dev.driftdb.query.parse.SqlParser;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Parsed texts of the catalog (DEFAULT, CHECK, views), the least recently used ones forgotten. Safe
 * for any thread: trees are immutable.
 */
final class SqlTexts {
    /** Texts kept: more than the defaults, checks and views of a large schema in daily use. */
    private static final int TEXTS_MAX = 2000;

    private static final SqlTexts SHARED = new SqlTexts();

    private final SqlParser parser = new SqlParser();
    private final Map<String, SqlExpr> expressions = lru();
    private final Map<String, Query> queries = lru();

    private SqlTexts() {}

    static SqlExpr expression(String sql) {
        return SHARED.cached(SHARED.expressions, sql, SHARED.parser::parseExpression);
    }

    static Query query(String sql) {
        return SHARED.cached(SHARED.queries, sql, SHARED::parseQuery);
    }

    private Query parseQuery(String sql) {
        List<ParsedStatement> statements = parser.parse(sql);
        if (statements.size() == 1
                && statements.getFirst().statement() instanceof DataStatement.Select select) {
            return select.query();
        }
        throw new SqlException(SqlState.INVALID_OBJECT_DEFINITION, "a view is one SELECT");
    }

    private <T> T cached(Map<String, T> cache, String sql, Function<String, T> parse) {
        synchronized (cache) {
            T known = cache.get(sql);
            if (known != null) {
                return known;
            }
        }
        T parsed = parse.apply(sql);
        synchronized (cache) {
            cache.put(sql, parsed);
        }
        return parsed;
    }

    private static <T> Map<String, T> lru() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
                return size() > TEXTS_MAX;
            }
        };
    }
}
