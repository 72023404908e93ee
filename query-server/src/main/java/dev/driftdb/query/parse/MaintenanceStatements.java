package dev.driftdb.query.parse;

import dev.driftdb.query.ast.CursorStatement;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.ast.TransactionName;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** EXPLAIN, VACUUM, ANALYZE, CHECKPOINT, SNAPSHOT, RESTORE, REVERT, LOCK, TRUNCATE. */
final class MaintenanceStatements {
    /** First words of what EXPLAIN takes. */
    private static final Set<String> EXPLAINABLE =
            Set.of(
                    "select", "values", "with", "table", "insert", "update", "delete", "merge",
                    "declare", "create", "execute", "refresh");

    private final UtilityParser statements;

    MaintenanceStatements(UtilityParser statements) {
        this.statements = statements;
    }

    Statement parse(TokenCursor in) {
        if (in.isWord("explain")) {
            return explain(in);
        }
        if (in.isWord("vacuum") || in.isWord("analyze") || in.isWord("analyse")) {
            return vacuum(in);
        }
        if (in.accept("checkpoint")) {
            boolean table = in.accept("table");
            return new Statement.Checkpoint(table ? in.qualifiedName() : null, false);
        }
        if (in.accept("snapshot")) {
            in.accept("table");
            return new Statement.Checkpoint(in.atEnd() ? null : in.qualifiedName(), true);
        }
        if (in.accept("restore")) {
            in.expect("table");
            QualifiedName table = in.qualifiedName();
            in.expect("to");
            return new Statement.Restore(table, statements.point(in));
        }
        if (in.accept("revert")) {
            in.expect("transaction");
            return new Statement.Revert(transaction(in));
        }
        return in.isWord("lock") ? lock(in) : truncate(in);
    }

    /** A string with its id, or OFFSET n. */
    private TransactionName transaction(TokenCursor in) {
        Token token = in.peek();
        if (token.isWord("offset")) {
            return new TransactionName.At(statements.point(in));
        }
        if (token.kind() == Token.Kind.PARAMETER) {
            throw SqlException.notSupported(
                    "a parameter as the transaction of REVERT TRANSACTION", token.position());
        }
        return new TransactionName.Id(in.string(), token.position());
    }

    private Statement explain(TokenCursor in) {
        in.expect("explain");
        List<Statement.ExplainOption> options = new ArrayList<>();
        if (in.isMark("(") && !startsQuery(in.peek(1))) {
            explainOptions(in, options);
        } else {
            int at = in.peek().position();
            if (in.accept("analyze") || in.accept("analyse")) {
                options.add(new Statement.ExplainOption("analyze", null, at));
            }
            at = in.peek().position();
            if (in.accept("verbose")) {
                options.add(new Statement.ExplainOption("verbose", null, at));
            }
        }
        Token inner = in.peek();
        if (!inner.isMark("(") && !EXPLAINABLE.contains(inner.text())) {
            throw in.fail();
        }
        Statement statement = statements.statement(in);
        return switch (statement) {
            case DataStatement s -> new Statement.Explain(options, s);
            case SessionStatement.Execute s -> new Statement.Explain(options, s);
            case TableDefinition.CreateTableAs s -> new Statement.Explain(options, s);
            case CursorStatement.DeclareCursor s -> new Statement.Explain(options, s);
            default -> throw SyntaxErrors.near(in.source(), inner);
        };
    }

    private static boolean startsQuery(Token token) {
        return token.isMark("(")
                || token.isWord("select")
                || token.isWord("values")
                || token.isWord("with")
                || token.isWord("table");
    }

    private static void explainOptions(TokenCursor in, List<Statement.ExplainOption> options) {
        in.expectMark("(");
        do {
            int position = in.peek().position();
            String name = in.label();
            options.add(
                    new Statement.ExplainOption(
                            name.equals("analyse") ? "analyze" : name,
                            in.isMark(",") || in.isMark(")") ? null : optionValue(in),
                            position));
        } while (in.acceptMark(","));
        in.expectMark(")");
    }

    private static String optionValue(TokenCursor in) {
        String sign = in.peek().isOperator("-") ? "-" : "";
        if (!in.acceptOperator("-")) {
            in.acceptOperator("+");
        }
        Token token = in.next();
        boolean truth = token.isWord("true") || token.isWord("false") || token.isWord("on");
        if (token.kind() == Token.Kind.WORD && Keywords.isReserved(token.text()) && !truth) {
            throw SyntaxErrors.near(in.source(), token);
        }
        return switch (token.kind()) {
            case WORD, QUOTED, STRING, NUMBER -> sign + token.text();
            case BIT_STRING, PARAMETER, OPERATOR, MARK, END ->
                    throw SyntaxErrors.near(in.source(), token);
        };
    }

    /** (name [value], …): a bare name is "true". */
    static void options(TokenCursor in, Map<String, String> options) {
        in.expectMark("(");
        do {
            String name = in.label();
            name = name.equals("analyse") ? "analyze" : name;
            String value = "true";
            if (!in.isMark(",") && !in.isMark(")")) {
                Token token = in.next();
                value =
                        switch (token.kind()) {
                            case WORD, QUOTED, STRING, NUMBER -> token.text();
                            case BIT_STRING, PARAMETER, OPERATOR, MARK, END ->
                                    throw SyntaxErrors.near(in.source(), token);
                        };
            }
            options.put(name, value);
        } while (in.acceptMark(","));
        in.expectMark(")");
    }

    private static Statement vacuum(TokenCursor in) {
        boolean vacuum = in.isWord("vacuum");
        boolean analyze = !vacuum;
        boolean verbose = false;
        in.next();
        if (in.isMark("(")) {
            Map<String, String> options = new LinkedHashMap<>();
            options(in, options);
            analyze |= isOn(options.getOrDefault("analyze", "false"));
            verbose = isOn(options.getOrDefault("verbose", "false"));
        } else {
            boolean more = true;
            while (more) {
                more = false;
                if (vacuum && (in.accept("full") || in.accept("freeze"))) {
                    more = true;
                } else if (in.accept("verbose")) {
                    verbose = true;
                    more = true;
                } else if (vacuum && (in.accept("analyze") || in.accept("analyse"))) {
                    analyze = true;
                    more = true;
                }
            }
        }
        List<Statement.AnalyzedTable> tables = new ArrayList<>();
        if (!in.atEnd()) {
            do {
                in.accept("only");
                QualifiedName name = in.qualifiedName();
                tables.add(
                        new Statement.AnalyzedTable(
                                name, in.isMark("(") ? in.parenthesisedNames() : List.of()));
            } while (in.acceptMark(","));
        }
        return new Statement.Vacuum(vacuum, analyze, verbose, tables);
    }

    private static boolean isOn(String value) {
        return !value.equalsIgnoreCase("false")
                && !value.equalsIgnoreCase("off")
                && !value.equals("0");
    }

    private static Statement lock(TokenCursor in) {
        in.expect("lock");
        in.accept("table");
        List<QualifiedName> tables = relations(in);
        String mode = "access exclusive";
        if (in.accept("in")) {
            mode = lockMode(in);
            in.expect("mode");
        }
        return new TransactionStatement.LockTable(tables, mode, in.accept("nowait"));
    }

    private static String lockMode(TokenCursor in) {
        if (in.accept("access")) {
            if (in.accept("share")) {
                return "access share";
            }
            in.expect("exclusive");
            return "access exclusive";
        }
        if (in.accept("row")) {
            if (in.accept("share")) {
                return "row share";
            }
            in.expect("exclusive");
            return "row exclusive";
        }
        if (in.accept("share")) {
            if (in.accept("update")) {
                in.expect("exclusive");
                return "share update exclusive";
            }
            if (in.accept("row")) {
                in.expect("exclusive");
                return "share row exclusive";
            }
            return "share";
        }
        in.expect("exclusive");
        return "exclusive";
    }

    private static Statement truncate(TokenCursor in) {
        in.expect("truncate");
        in.accept("table");
        List<QualifiedName> tables = relations(in);
        boolean restart = in.accept("restart", "identity");
        if (!restart) {
            in.accept("continue", "identity");
        }
        boolean cascade = in.accept("cascade");
        if (!cascade) {
            in.accept("restrict");
        }
        return new TableDefinition.Truncate(tables, restart, cascade);
    }

    private static List<QualifiedName> relations(TokenCursor in) {
        List<QualifiedName> tables = new ArrayList<>();
        do {
            in.accept("only");
            tables.add(in.qualifiedName());
            in.acceptOperator("*");
        } while (in.acceptMark(","));
        return tables;
    }
}
