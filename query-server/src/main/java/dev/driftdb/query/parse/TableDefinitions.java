package dev.driftdb.query.parse;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.ast.TableDefinition.ColumnSpec;
import dev.driftdb.query.ast.TableDefinition.ConstraintSpec;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CREATE TABLE and CREATE TABLE AS. */
final class TableDefinitions {
    private final UtilityParser statements;
    private final ConstraintDefinitions constraints;

    TableDefinitions(UtilityParser statements, ConstraintDefinitions constraints) {
        this.statements = statements;
        this.constraints = constraints;
    }

    Statement createTable(TokenCursor in) {
        in.expect("create");
        boolean temporary = temporary(in);
        in.expect("table");
        boolean ifNotExists = in.accept("if", "not", "exists");
        QualifiedName name = in.qualifiedName();
        if (in.isWord("of") || in.isWord("partition")) {
            throw SqlException.notSupported(
                    "CREATE TABLE " + UtilityParser.spelled(in, 0), in.peek().position());
        }
        if (!in.isMark("(") || isNameList(in)) {
            List<String> names = in.isMark("(") ? in.parenthesisedNames() : List.of();
            Clauses clauses = clauses(in, temporary);
            in.expect("as");
            return tableAs(in, name, ifNotExists, temporary, names, clauses);
        }
        in.expectMark("(");
        List<ColumnSpec> columns = new ArrayList<>();
        List<ConstraintSpec> tableConstraints = new ArrayList<>();
        List<TableDefinition.LikeClause> likes = new ArrayList<>();
        if (!in.isMark(")")) {
            do {
                if (in.accept("like")) {
                    likes.add(like(in, columns.size()));
                } else if (constraints.startsConstraint(in)) {
                    tableConstraints.add(constraints.constraint(in));
                } else {
                    columns.add(constraints.column(in));
                }
            } while (in.acceptMark(","));
        }
        in.expectMark(")");
        Clauses clauses = clauses(in, temporary);
        return new TableDefinition.CreateTable(
                name,
                ifNotExists,
                temporary,
                columns,
                likes,
                tableConstraints,
                clauses.options(),
                clauses.onCommit());
    }

    private static final Set<String> LIKE_OPTIONS =
            Set.of(
                    "comments",
                    "compression",
                    "constraints",
                    "defaults",
                    "generated",
                    "identity",
                    "indexes",
                    "statistics",
                    "storage");

    private static TableDefinition.LikeClause like(TokenCursor in, int after) {
        QualifiedName table = in.qualifiedName();
        Set<String> including = new HashSet<>();
        while (in.isWord("including") || in.isWord("excluding")) {
            boolean include = in.isWord("including");
            in.next();
            Set<String> named = LIKE_OPTIONS;
            if (!in.accept("all")) {
                if (in.peek().kind() != Token.Kind.WORD
                        || !LIKE_OPTIONS.contains(in.peek().text())) {
                    throw in.fail();
                }
                named = Set.of(in.next().text());
            }
            if (include) {
                including.addAll(named);
            } else {
                including.removeAll(named);
            }
        }
        return new TableDefinition.LikeClause(table, including, after);
    }

    /** Takes [GLOBAL | LOCAL] TEMP | TEMPORARY. */
    static boolean temporary(TokenCursor in) {
        if (!in.accept("global")) {
            in.accept("local");
        }
        return in.accept("temporary") || in.accept("temp");
    }

    /** Names alone in parentheses, as CREATE TABLE … (a, b) AS has them. */
    private static boolean isNameList(TokenCursor in) {
        for (int i = 1; in.peek(i).isName(); i += 2) {
            if (in.peek(i + 1).isMark(")")) {
                return true;
            }
            if (!in.peek(i + 1).isMark(",")) {
                return false;
            }
        }
        return false;
    }

    /** What follows the elements of a table. */
    private record Clauses(Map<String, String> options, @Nullable String onCommit) {}

    private static Clauses clauses(TokenCursor in, boolean temporary) {
        Map<String, String> options = new LinkedHashMap<>();
        String onCommit = null;
        while (true) {
            // Tables never have OIDs.
            in.accept("without", "oids");
            if (in.isWord("with") && in.peek(1).isMark("(")) {
                in.next();
                storageOptions(in, options);
            } else if (in.accept("on", "commit")) {
                if (in.accept("drop")) {
                    onCommit = "drop";
                } else if (in.accept("delete", "rows")) {
                    onCommit = "delete rows";
                } else {
                    in.expect("preserve", "rows");
                }
                if (!temporary) {
                    throw new SqlException(
                            SqlState.INVALID_TABLE_DEFINITION,
                            "ON COMMIT can only be used on temporary tables");
                }
            } else if (in.isWord("inherits")
                    || in.isWord("tablespace")
                    || in.isWord("using")
                    || in.isWords("partition", "by")) {
                throw UtilityParser.notSupported(in, in.isWord("partition") ? 2 : 1);
            } else {
                return new Clauses(options, onCommit);
            }
        }
    }

    /** (name [= value], …); names may be dotted, a bare one is "true". */
    static void storageOptions(TokenCursor in, Map<String, String> options) {
        in.expectMark("(");
        do {
            StringBuilder name = new StringBuilder(in.label());
            while (in.acceptMark(".")) {
                name.append('.').append(in.label());
            }
            String value = "true";
            if (in.acceptOperator("=")) {
                String sign = in.acceptOperator("-") ? "-" : "";
                Token token = in.next();
                value =
                        sign
                                + switch (token.kind()) {
                                    case WORD, QUOTED, STRING, NUMBER -> token.text();
                                    case BIT_STRING, PARAMETER, OPERATOR, MARK, END ->
                                            throw SyntaxErrors.near(in.source(), token);
                                };
            }
            options.put(name.toString(), value);
        } while (in.acceptMark(","));
        in.expectMark(")");
    }

    private Statement tableAs(
            TokenCursor in,
            QualifiedName name,
            boolean ifNotExists,
            boolean temporary,
            List<String> columns,
            Clauses clauses) {
        Token start = in.peek();
        int end = in.endIndex();
        boolean withData = true;
        int queryEnd = end;
        if (end - in.index() > 2 && in.tokens().get(end - 1).isWord("data")) {
            if (in.tokens().get(end - 2).isWord("with")) {
                queryEnd = end - 2;
            } else if (in.tokens().get(end - 2).isWord("no")
                    && in.tokens().get(end - 3).isWord("with")) {
                queryEnd = end - 3;
                withData = false;
            }
        }
        Query query = null;
        SessionStatement.Execute execute = null;
        if (in.isWord("execute")) {
            if (!(statements.statement(in) instanceof SessionStatement.Execute known)
                    || in.index() != queryEnd) {
                throw in.fail();
            }
            execute = known;
        } else {
            query = query(in, queryEnd, start);
        }
        in.moveTo(end);
        return new TableDefinition.CreateTableAs(
                name,
                ifNotExists,
                temporary,
                columns,
                query,
                execute,
                withData,
                clauses.options(),
                clauses.onCommit());
    }

    /** SELECT … INTO at the cursor as CREATE TABLE AS; null for any other query. */
    @Nullable Statement selectInto(TokenCursor in) {
        List<Token> tokens = in.tokens();
        int end = in.endIndex();
        int i = in.index();
        boolean list = false;
        while (i < end) {
            Token token = tokens.get(i);
            if (token.isMark("(") || token.isMark("[")) {
                i = closing(tokens, i, end);
            } else if (token.isWord("select") && !list) {
                list = true;
            } else if (list && token.isWord("into")) {
                return selectInto(in, i, end);
            } else if (token.kind() == Token.Kind.WORD
                    && (list
                            ? Keywords.followsSelectList(token.text())
                            : Set.of("insert", "update", "delete").contains(token.text()))) {
                return null;
            }
            i++;
        }
        return null;
    }

    /** Where the parenthesis at {@code open} is closed; {@code end} if it is not. */
    private static int closing(List<Token> tokens, int open, int end) {
        int depth = 0;
        for (int i = open; i < end; i++) {
            Token token = tokens.get(i);
            if (token.isMark("(") || token.isMark("[")) {
                depth++;
            } else if (token.isMark(")") || token.isMark("]")) {
                depth--;
                if (depth == 0) {
                    return i;
                }
            }
        }
        return end;
    }

    private Statement selectInto(TokenCursor in, int into, int end) {
        int start = in.index();
        in.moveTo(into + 1);
        boolean temporary = temporary(in);
        if (in.isWord("unlogged")) {
            throw SqlException.notSupported("UNLOGGED", in.peek().position());
        }
        in.accept("table");
        QualifiedName name = in.qualifiedName();
        int after = in.index();
        List<Token> rest = new ArrayList<>(in.tokens());
        rest.subList(into, after).clear();
        TokenCursor query = new TokenCursor(in.source(), rest, start);
        Query select = query(query, end - (after - into), rest.get(start));
        in.moveTo(end);
        return new TableDefinition.CreateTableAs(
                name, false, temporary, List.of(), select, null, true, java.util.Map.of(), null);
    }

    private Query query(TokenCursor in, int end, Token start) {
        if (statements.query(in, end) instanceof DataStatement.Select select) {
            return select.query();
        }
        throw SyntaxErrors.near(in.source(), start);
    }
}
