package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Parses query strings. Safe for any thread. */
public final class SqlParser {
    /** Longest query string, in bytes of UTF-8. */
    public static final int STATEMENT_BYTES_MAX = 16 << 20;

    /** Open parentheses, brackets and CASEs at one place of a statement. */
    public static final int NESTING_MAX = 200;

    /** Digits of the number of a parameter; the protocol counts them in 16 bits. */
    static final int PARAMETER_DIGITS_MAX = 5;

    /** Statements nested deeper than this are parsed on a thread with a large stack. */
    private static final int NESTING_ON_CALLER_MAX = 24;

    /** Operators and terms in one statement that are parsed on the caller's stack. */
    private static final int TOKENS_ON_CALLER_MAX = 20_000;

    private static final long STACK_BYTES = 256L << 20;

    private final UtilityParser statements = new UtilityParser(new QueryParser());

    public SqlParser() {}

    /**
     * All statements of a query string, split at semicolons; empty ones are left out.
     *
     * @throws SqlException 42601 with position; 0A000 for statements that are PostgreSQL's but not
     *     ours; 54001 for too deep nesting; 54000 for too long a text
     */
    public List<ParsedStatement> parse(String sql) {
        List<Token> tokens = lex(sql);
        return guarded(tokens, () -> parse(sql, tokens));
    }

    /** One expression, such as a DEFAULT or CHECK text from the catalog. */
    public SqlExpr parseExpression(String sql) {
        List<Token> tokens = lex(sql);
        return guarded(
                tokens,
                () -> {
                    TokenCursor in = new TokenCursor(sql, tokens, 0);
                    int end = in.endIndex();
                    SqlExpr expression = new QueryParser().expression(in, 0, end);
                    if (tokens.get(end).kind() != Token.Kind.END) {
                        throw in.fail();
                    }
                    return expression;
                });
    }

    /** The last part of the name at a position. */
    public static String lastName(String sql, int position) {
        List<Token> tokens = lex(sql);
        int i = 0;
        while (tokens.get(i).position() != position) {
            i++;
        }
        while (tokens.get(i + 1).isMark(".") && tokens.get(i + 2).isName()) {
            i += 2;
        }
        return tokens.get(i).text();
    }

    /** Whether a name begins at a position. */
    public static boolean isName(String sql, int position) {
        return lex(sql).stream().anyMatch(t -> t.position() == position && t.isName());
    }

    /** Whether an alias follows the name (with its qualifiers) at a position. */
    public static boolean isAliased(String sql, int position) {
        List<Token> tokens = lex(sql);
        int i = 0;
        while (tokens.get(i).position() != position) {
            i++;
        }
        i++;
        while (tokens.get(i).isMark(".") && tokens.get(i + 1).isName()) {
            i += 2;
        }
        Token next = tokens.get(i);
        return next.isWord("as")
                || next.kind() == Token.Kind.QUOTED
                || (next.kind() == Token.Kind.WORD && Keywords.isColumnName(next.text()));
    }

    /** Whether a name needs no quotes wherever a name may stand. */
    public static boolean isPlainName(String name) {
        return name.matches("[a-z_][a-z0-9_$]*") && Keywords.isPlain(name);
    }

    /**
     * A text with other names in it, or other typed strings.
     *
     * @param names by the position where a name with its qualifiers begins; all of that is replaced
     */
    public static String renamed(String sql, Map<Integer, String> names) {
        List<Token> tokens = lex(sql);
        StringBuilder result = new StringBuilder();
        int end = 0;
        for (int i = 0; i < tokens.size(); i++) {
            String name = names.get(tokens.get(i).position());
            boolean string = tokens.get(i).kind() == Token.Kind.STRING;
            if (name == null || !(string || tokens.get(i).isName())) {
                continue;
            }
            result.append(sql, end, tokens.get(i).start()).append(name);
            if (string && tokens.get(i + 1).isMark("::")) {
                i += 2;
            }
            while (tokens.get(i + 1).isMark(".") && tokens.get(i + 2).isName()) {
                i += 2;
            }
            end = tokens.get(i).end();
        }
        return result.append(sql, end, sql.length()).toString();
    }

    /**
     * The shape of a single SELECT, INSERT, UPDATE or DELETE with its plain constants lifted to
     * parameters; empty where that could change its meaning, or for any other text.
     */
    public static Optional<TokenShape> shapeOf(String sql) {
        return TokenShape.of(sql);
    }

    /** The statement of a shape: its constants are parameters $1 and on. */
    public ParsedStatement parseShape(TokenShape shape) {
        List<ParsedStatement> parsed = parse(shape.text());
        if (parsed.size() != 1) {
            throw new IllegalStateException("a shape is one statement");
        }
        return parsed.getFirst();
    }

    /** Parses a few statements so that the first client does not wait for class loading. */
    public void warmUp() {
        for (String sql :
                List.of(
                        "SELECT a, count(*) FROM t x JOIN u ON x.a = u.b WHERE a = $1 AND b IN"
                                + " (SELECT 1) GROUP BY a ORDER BY a DESC LIMIT 1",
                        "INSERT INTO t (a, b) VALUES ($1, a + 1) ON CONFLICT (a) DO UPDATE SET b ="
                                + " 1 RETURNING *",
                        "UPDATE t SET a = a + 1 WHERE b = 1",
                        "DELETE FROM t WHERE a = 'x'",
                        "BEGIN; COMMIT; CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x')")) {
            parse(sql);
        }
    }

    private List<ParsedStatement> parse(String sql, List<Token> tokens) {
        TokenCursor in = new TokenCursor(sql, tokens, 0);
        List<ParsedStatement> parsed = new ArrayList<>(1);
        while (true) {
            while (in.acceptMark(";")) {}
            if (in.atEnd()) {
                return parsed;
            }
            int start = in.index();
            int end = in.endIndex();
            Statement statement = statements.statement(in);
            in.expectEnd();
            parsed.add(
                    new ParsedStatement(
                            statement, in.text(start, end), parameters(sql, tokens, start, end)));
        }
    }

    private static int parameters(String sql, List<Token> tokens, int start, int end) {
        int highest = 0;
        for (int i = start; i < end; i++) {
            if (tokens.get(i).kind() == Token.Kind.PARAMETER) {
                highest = Math.max(highest, ConstantRows.parameter(sql, tokens.get(i)));
            }
        }
        return highest;
    }

    static List<Token> lex(String sql) {
        if (sql.length() > STATEMENT_BYTES_MAX
                || (sql.length() > STATEMENT_BYTES_MAX / 3
                        && sql.getBytes(StandardCharsets.UTF_8).length > STATEMENT_BYTES_MAX)) {
            throw new SqlException(
                            SqlState.PROGRAM_LIMIT_EXCEEDED,
                            "statement is too long: more than " + STATEMENT_BYTES_MAX + " bytes")
                    .withHint("Send the data in several statements or with COPY.");
        }
        return new Lexer(sql).tokens();
    }

    /** Runs a parse where there is stack enough for it. */
    private static <T> T guarded(List<Token> tokens, Supplier<T> parse) {
        int depth = depth(tokens);
        if (depth > NESTING_MAX) {
            throw SyntaxErrors.tooDeep();
        }
        if (depth <= NESTING_ON_CALLER_MAX && tokens.size() <= TOKENS_ON_CALLER_MAX) {
            try {
                return parse.get();
            } catch (StackOverflowError e) {
                return onLargeStack(parse);
            }
        }
        return onLargeStack(parse);
    }

    private static int depth(List<Token> tokens) {
        int depth = 0;
        int deepest = 0;
        int cases = 0;
        for (Token token : tokens) {
            switch (token.kind()) {
                case MARK -> {
                    switch (token.text()) {
                        case "(", "[" -> depth++;
                        case ")", "]" -> depth--;
                        case ";" -> {
                            depth = 0;
                            cases = 0;
                        }
                        default -> {}
                    }
                }
                case WORD -> {
                    if (token.text().equals("case")) {
                        cases++;
                    } else if (cases > 0 && token.text().equals("end")) {
                        cases--;
                    }
                }
                case QUOTED, STRING, BIT_STRING, NUMBER, PARAMETER, OPERATOR, END -> {}
            }
            deepest = Math.max(deepest, depth + cases);
        }
        return deepest;
    }

    private static <T> T onLargeStack(Supplier<T> parse) {
        AtomicReference<T> result = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread =
                new Thread(
                        null,
                        () -> {
                            try {
                                result.set(parse.get());
                            } catch (StackOverflowError e) {
                                failure.set(SyntaxErrors.tooDeep());
                            } catch (RuntimeException | Error e) {
                                failure.set(e);
                            }
                        },
                        "sql-parser",
                        STACK_BYTES);
        thread.start();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Throwable thrown = failure.get();
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
        return Objects.requireNonNull(result.get(), "a parse ends with a result or a failure");
    }
}
