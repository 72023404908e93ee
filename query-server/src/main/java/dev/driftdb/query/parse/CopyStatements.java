package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.schemas.error.SqlException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** COPY in today's syntax and in the one before PostgreSQL 9.0, which psql's \copy still sends. */
final class CopyStatements {
    private final UtilityParser statements;

    CopyStatements(UtilityParser statements) {
        this.statements = statements;
    }

    Statement parse(TokenCursor in) {
        in.expect("copy");
        QualifiedName table = null;
        List<String> columns = List.of();
        Statement query = null;
        Map<String, String> options = new LinkedHashMap<>();
        if (in.isMark("(")) {
            int close = QuerySyntax.closing(in);
            in.next();
            if (in.isWord("subscribe")) {
                throw SqlException.notSupported("COPY (SUBSCRIBE …)", in.peek().position());
            }
            query = statements.query(in, close);
            in.moveTo(close + 1);
        } else {
            if (in.accept("binary")) {
                options.put("format", "binary");
            }
            table = in.qualifiedName();
            if (in.isMark("(")) {
                columns = in.parenthesisedNames();
            }
        }
        boolean from = query == null && in.accept("from");
        if (!from) {
            in.expect("to");
        }
        place(in, from);
        if (in.accept("using")) {
            in.expect("delimiters");
            options.put("delimiter", in.string());
        }
        in.accept("with");
        if (in.acceptMark("(")) {
            do {
                option(in, options);
            } while (in.acceptMark(","));
            in.expectMark(")");
        } else {
            oldOptions(in, options);
        }
        if (in.isWord("where")) {
            throw SqlException.notSupported("COPY FROM … WHERE", in.peek().position());
        }
        return new Statement.Copy(table, columns, query, from, options);
    }

    private static void place(TokenCursor in, boolean from) {
        Token place = in.peek();
        if (in.accept("program")) {
            throw SqlException.notSupported("COPY with a program", place.position());
        }
        if (place.kind() == Token.Kind.STRING) {
            throw SqlException.notSupported("COPY with a file of the server", place.position())
                    .withHint("Use COPY … FROM STDIN or TO STDOUT; psql's \\copy does.");
        }
        // PostgreSQL takes either word for either direction.
        if (!in.accept(from ? "stdin" : "stdout")) {
            in.expect(from ? "stdout" : "stdin");
        }
    }

    private static void option(TokenCursor in, Map<String, String> options) {
        Token token = in.peek();
        String name = in.label();
        String value;
        if (in.isMark(",") || in.isMark(")")) {
            value = "true";
        } else if (in.isMark("(")) {
            value = String.join(",", in.parenthesisedNames());
        } else if (in.acceptOperator("*")) {
            value = "*";
        } else {
            Token given = in.next();
            value =
                    switch (given.kind()) {
                        case STRING, NUMBER, WORD, QUOTED -> given.text();
                        case BIT_STRING, PARAMETER, OPERATOR, MARK, END ->
                                throw SyntaxErrors.near(in.source(), given);
                    };
        }
        put(in, options, name, value, token);
    }

    private static void put(
            TokenCursor in,
            Map<String, String> options,
            String name,
            String value,
            @Nullable Token token) {
        if (options.putIfAbsent(name, value) != null) {
            throw SyntaxErrors.near(
                    "conflicting or redundant options",
                    in.source(),
                    token == null ? in.peek() : token);
        }
    }

    private static void oldOptions(TokenCursor in, Map<String, String> options) {
        while (!in.atEnd() && !in.isWord("where")) {
            Token token = in.peek();
            if (in.accept("binary") || in.accept("csv")) {
                put(in, options, "format", token.text(), token);
            } else if (in.accept("freeze") || in.accept("header") || in.accept("oids")) {
                put(in, options, token.text(), "true", token);
            } else if (in.accept("delimiter")
                    || in.accept("null")
                    || in.accept("quote")
                    || in.accept("escape")
                    || in.accept("encoding")) {
                in.accept("as");
                put(in, options, token.text(), in.string(), token);
            } else if (in.accept("force", "quote")) {
                put(in, options, "force_quote", force(in), token);
            } else if (in.accept("force", "not", "null")) {
                put(in, options, "force_not_null", force(in), token);
            } else if (in.accept("force", "null")) {
                put(in, options, "force_null", force(in), token);
            } else {
                throw in.fail();
            }
        }
    }

    private static String force(TokenCursor in) {
        if (in.acceptOperator("*")) {
            return "*";
        }
        StringBuilder columns = new StringBuilder(in.name());
        while (in.acceptMark(",")) {
            columns.append(',').append(in.name());
        }
        return columns.toString();
    }
}
