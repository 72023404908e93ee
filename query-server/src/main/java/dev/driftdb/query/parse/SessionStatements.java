package dev.driftdb.query.parse;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** SET, RESET, SHOW, PREPARE, EXECUTE, DEALLOCATE, DISCARD. */
final class SessionStatements {
    private final UtilityParser statements;
    private final TransactionStatements transactions;
    private final QueryParser queries;

    SessionStatements(
            UtilityParser statements, TransactionStatements transactions, QueryParser queries) {
        this.statements = statements;
        this.transactions = transactions;
        this.queries = queries;
    }

    Statement parse(TokenCursor in) {
        if (in.accept("set")) {
            return set(in);
        }
        if (in.accept("reset")) {
            return new SessionStatement.Reset(settingOrAll(in));
        }
        if (in.isWords("show", "drift")) {
            return drift(in);
        }
        if (in.accept("show")) {
            return new SessionStatement.Show(settingOrAll(in));
        }
        if (in.accept("prepare")) {
            return prepare(in);
        }
        if (in.accept("execute")) {
            return execute(in);
        }
        if (in.accept("deallocate")) {
            if (!isLast(in.peek(1))) {
                in.accept("prepare");
            }
            return new SessionStatement.Deallocate(in.accept("all") ? null : in.name());
        }
        in.expect("discard");
        for (String what : List.of("all", "plans", "sequences", "temp", "temporary")) {
            if (in.accept(what)) {
                return new SessionStatement.Discard(what.equals("temporary") ? "temp" : what);
            }
        }
        throw in.fail();
    }

    /** SHOW DRIFT t KEY a, b: SELECT * FROM driftdb.history('t', a, b). */
    private Statement drift(TokenCursor in) {
        int position = in.peek().position();
        in.expect("show", "drift");
        QualifiedName table = in.qualifiedName();
        in.expect("key");
        StringJoiner name = new StringJoiner(".");
        table.parts().forEach(part -> name.add('"' + part.replace("\"", "\"\"") + '"'));
        List<SqlExpr> arguments = new ArrayList<>();
        arguments.add(new SqlExpr.StringLiteral(name.toString(), table.position()));
        int statementEnd = in.endIndex();
        do {
            int start = in.index();
            int end = argumentEnd(in, statementEnd);
            if (start == end) {
                throw in.fail();
            }
            arguments.add(queries.expression(in, start, end));
        } while (in.acceptMark(","));
        SqlExpr call =
                SqlExpr.FunctionCall.of(
                        new QualifiedName(List.of("driftdb", "history"), position),
                        arguments,
                        position);
        TableExpr item =
                new TableExpr.Function(call, false, null, List.of(), List.of(), 0, false, position);
        return new DataStatement.Select(Query.allOf(item, position));
    }

    /** Whether a statement ends before this token. */
    static boolean isLast(Token token) {
        return token.kind() == Token.Kind.END || token.isMark(";");
    }

    private Statement set(TokenCursor in) {
        if (in.isWord("constraints") && !isAssignment(in.peek(1))) {
            in.next();
            List<QualifiedName> names = in.accept("all") ? List.of() : in.qualifiedNames();
            boolean deferred = in.accept("deferred");
            if (!deferred) {
                in.expect("immediate");
            }
            return new TransactionStatement.SetConstraints(names, deferred);
        }
        if (in.accept("session", "characteristics", "as", "transaction")) {
            return new TransactionStatement.SetTransaction(transactions.modes(in, true), true);
        }
        boolean local = false;
        if (in.isWord("local") && !isAssignment(in.peek(1))) {
            in.next();
            local = true;
        } else if (in.isWord("session") && !isAssignment(in.peek(1))) {
            in.next();
        }
        if (in.isWord("transaction") && !isAssignment(in.peek(1))) {
            in.next();
            if (in.isWord("snapshot")) {
                throw SqlException.notSupported("SET TRANSACTION SNAPSHOT", in.peek().position());
            }
            return new TransactionStatement.SetTransaction(transactions.modes(in, true), false);
        }
        if (in.accept("time", "zone")) {
            return new SessionStatement.Set("timezone", zone(in), local);
        }
        if (in.isWord("names") && !isAssignment(in.peek(1))) {
            in.next();
            List<String> encoding =
                    in.atEnd() || in.accept("default") ? null : List.of(in.string());
            return new SessionStatement.Set("client_encoding", encoding, local);
        }
        if (in.accept("session", "authorization")) {
            return new SessionStatement.Set("session_authorization", words(in), local);
        }
        if ((in.isWord("role") || in.isWord("schema")) && !isAssignment(in.peek(1))) {
            String name = in.next().text();
            return new SessionStatement.Set(
                    name.equals("schema") ? "search_path" : "role", words(in), local);
        }
        String name = setting(in);
        if (!in.acceptOperator("=") && !in.accept("to")) {
            throw in.fail();
        }
        if (in.accept("default")) {
            return new SessionStatement.Set(name, null, local);
        }
        List<String> values = new ArrayList<>();
        do {
            values.add(value(in));
        } while (in.acceptMark(","));
        return new SessionStatement.Set(name, values, local);
    }

    private static boolean isAssignment(Token token) {
        return token.isOperator("=") || token.isWord("to") || token.isMark(".");
    }

    private static @Nullable List<String> words(TokenCursor in) {
        if (in.accept("default")) {
            return null;
        }
        return List.of(in.peek().kind() == Token.Kind.STRING ? in.string() : in.label());
    }

    private static @Nullable List<String> zone(TokenCursor in) {
        if (in.accept("default") || in.accept("local")) {
            return null;
        }
        if (in.accept("interval")) {
            String interval = in.string();
            if (in.accept("hour")) {
                in.expect("to", "minute");
            }
            return List.of(interval);
        }
        return List.of(value(in));
    }

    private static String value(TokenCursor in) {
        Token token = in.peek();
        return switch (token.kind()) {
            case STRING, QUOTED, NUMBER -> in.next().text();
            case WORD -> {
                if (Keywords.isReserved(token.text())
                        && !token.text().equals("true")
                        && !token.text().equals("false")
                        && !token.text().equals("on")) {
                    throw in.fail();
                }
                yield in.next().text();
            }
            case OPERATOR -> {
                boolean minus = token.text().equals("-");
                if ((!minus && !token.text().equals("+"))
                        || in.peek(1).kind() != Token.Kind.NUMBER) {
                    throw in.fail();
                }
                in.next();
                yield (minus ? "-" : "") + in.next().text();
            }
            case BIT_STRING, PARAMETER, MARK, END -> throw in.fail();
        };
    }

    private static String setting(TokenCursor in) {
        StringBuilder name = new StringBuilder(in.name());
        while (in.acceptMark(".")) {
            name.append('.').append(in.label());
        }
        return name.toString();
    }

    private static String settingOrAll(TokenCursor in) {
        if (in.accept("all")) {
            return "all";
        }
        if (in.accept("time", "zone")) {
            return "timezone";
        }
        if (in.accept("transaction", "isolation", "level")) {
            return "transaction_isolation";
        }
        if (in.accept("session", "authorization")) {
            return "session_authorization";
        }
        return setting(in);
    }

    private Statement prepare(TokenCursor in) {
        String name = in.name();
        List<TypeName> types = new ArrayList<>();
        if (in.acceptMark("(")) {
            do {
                types.add(TypeNames.parse(in));
            } while (in.acceptMark(","));
            in.expectMark(")");
        }
        in.expect("as");
        int start = in.index();
        Statement statement = statements.query(in);
        return new SessionStatement.Prepare(name, types, in.text(start, in.index()), statement);
    }

    SessionStatement.Execute execute(TokenCursor in) {
        String name = in.name();
        List<SqlExpr> arguments = new ArrayList<>();
        if (in.isMark("(")) {
            int close = in.closing(in.index());
            in.next();
            if (in.isMark(")")) {
                throw in.fail();
            }
            while (in.index() < close) {
                int end = argumentEnd(in, close);
                arguments.add(queries.expression(in, in.index(), end));
                in.moveTo(end);
                if (in.index() < close) {
                    in.expectMark(",");
                    if (in.index() == close) {
                        throw in.fail();
                    }
                }
            }
            in.moveTo(close + 1);
        }
        return new SessionStatement.Execute(name, arguments);
    }

    private static int argumentEnd(TokenCursor in, int close) {
        int i = in.index();
        while (i < close && !in.tokens().get(i).isMark(",")) {
            Token token = in.tokens().get(i);
            i = token.isMark("(") || token.isMark("[") ? in.closing(i) + 1 : i + 1;
        }
        return Math.min(i, close);
    }
}
