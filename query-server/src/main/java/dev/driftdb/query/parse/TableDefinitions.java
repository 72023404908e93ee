package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.Statement.ColumnSpec;
import dev.driftdb.query.ast.Statement.ConstraintSpec;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
            Map<String, String> options = clauses(in);
            in.expect("as");
            return tableAs(in, name, ifNotExists, temporary, names, options);
        }
        in.expectMark("(");
        List<ColumnSpec> columns = new ArrayList<>();
        List<ConstraintSpec> tableConstraints = new ArrayList<>();
        if (!in.isMark(")")) {
            do {
                if (in.isWord("like")) {
                    throw SqlException.notSupported("LIKE in CREATE TABLE", in.peek().position());
                }
                if (constraints.startsConstraint(in)) {
                    tableConstraints.add(constraints.constraint(in));
                } else {
                    columns.add(constraints.column(in));
                }
            } while (in.acceptMark(","));
        }
        in.expectMark(")");
        return new Statement.CreateTable(
                name, ifNotExists, temporary, columns, tableConstraints, clauses(in));
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

    private static Map<String, String> clauses(TokenCursor in) {
        Map<String, String> options = new LinkedHashMap<>();
        while (true) {
            int position = in.peek().position();
            // Tables never have OIDs.
            in.accept("without", "oids");
            if (in.isWord("with") && in.peek(1).isMark("(")) {
                in.next();
                storageOptions(in, options);
            } else if (in.accept("on", "commit")) {
                if (!in.accept("preserve", "rows")) {
                    throw SqlException.notSupported(
                            in.isWord("drop") ? "ON COMMIT DROP" : "ON COMMIT DELETE ROWS",
                            position);
                }
            } else if (in.isWord("inherits")
                    || in.isWord("tablespace")
                    || in.isWord("using")
                    || in.isWords("partition", "by")) {
                throw UtilityParser.notSupported(in, in.isWord("partition") ? 2 : 1);
            } else {
                return options;
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
            Map<String, String> options) {
        if (in.isWord("execute")) {
            throw SqlException.notSupported("CREATE TABLE AS EXECUTE", in.peek().position());
        }
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
        Query query = query(in, queryEnd, start);
        in.moveTo(end);
        return new Statement.CreateTableAs(
                name, ifNotExists, temporary, columns, query, withData, options);
    }

    private Query query(TokenCursor in, int end, Token start) {
        if (statements.query(in, end) instanceof Statement.Select select) {
            return select.query();
        }
        throw SyntaxErrors.near(in.source(), start);
    }
}
