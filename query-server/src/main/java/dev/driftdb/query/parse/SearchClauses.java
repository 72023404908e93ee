package dev.driftdb.query.parse;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import java.util.ArrayList;
import java.util.List;

/** Reads SEARCH and CYCLE behind a common table. */
final class SearchClauses {
    private final TokenCursor in;
    private final QueryParser parser;

    SearchClauses(TokenCursor in, QueryParser parser) {
        this.in = in;
        this.parser = parser;
    }

    Query.Search search() {
        Token token = in.next();
        boolean breadth = in.next().isWord("breadth");
        in.expect("first", "by");
        List<String> columns = names();
        in.expect("set");
        return new Query.Search(breadth, columns, in.name(), token.position());
    }

    Query.Cycle cycle() {
        Token token = in.next();
        List<String> columns = names();
        in.expect("set");
        String mark = in.name();
        SqlExpr value = new SqlExpr.BooleanLiteral(true, token.position());
        SqlExpr otherwise = new SqlExpr.BooleanLiteral(false, token.position());
        if (in.accept("to")) {
            value = constant();
            in.expect("default");
            otherwise = constant();
        }
        in.expect("using");
        return new Query.Cycle(columns, mark, value, otherwise, in.name(), token.position());
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        do {
            names.add(in.name());
        } while (in.acceptMark(","));
        return names;
    }

    private SqlExpr constant() {
        int start = in.index();
        new QuerySyntax(in).constant();
        return parser.expression(in, start, in.index());
    }
}
