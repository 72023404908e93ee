package dev.driftdb.query.parse;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows PostgreSQL's grammar of queries and data-modifying statements over the tokens and builds
 * nothing. It answers where a part ends, and points at the very token at which PostgreSQL stops,
 * which JSqlParser cannot tell. Not for several threads.
 */
final class QuerySyntax {
    private final TokenCursor in;
    private final ExpressionSyntax expressions;
    private final FromSyntax tables;
    private final ModificationSyntax modifications;

    /** A common table that is a MERGE, which may not stand there. */
    private @Nullable Token mergeInWith;

    /** The tokens that name an item of a select list without AS. */
    private final BitSet labels = new BitSet();

    QuerySyntax(TokenCursor in) {
        this.in = in;
        this.expressions = new ExpressionSyntax(in, this);
        this.tables = new FromSyntax(in, this, expressions);
        this.modifications = new ModificationSyntax(in, this, expressions, tables);
    }

    ExpressionSyntax expressions() {
        return expressions;
    }

    FromSyntax tables() {
        return tables;
    }

    ModificationSyntax modifications() {
        return modifications;
    }

    /** Words that start a query. */
    static boolean startsQuery(Token token) {
        return token.isWord("select")
                || token.isWord("values")
                || token.isWord("with")
                || token.isWord("table");
    }

    /** What may stand in WITH and after PREPARE … AS: a query or a data-modifying statement. */
    void statement() {
        if (in.isMark("(")) {
            query();
            return;
        }
        if (in.isWord("with")) {
            with();
        }
        switch (in.peek().kind() == Token.Kind.WORD ? in.peek().text() : "") {
            case "insert" -> modifications.insert();
            case "update" -> modifications.update();
            case "delete" -> modifications.delete();
            case "merge" -> modifications.merge();
            default -> afterWith();
        }
    }

    // ---- queries ----

    void query() {
        if (in.isWord("with")) {
            with();
        }
        afterWith();
    }

    private void afterWith() {
        term();
        restOfQuery();
    }

    /** Set operations, ORDER BY, LIMIT and locking after the first term of a query. */
    void restOfQuery() {
        while (in.isWord("union") || in.isWord("intersect") || in.isWord("except")) {
            in.next();
            if (!in.accept("all")) {
                in.accept("distinct");
            }
            term();
        }
        if (in.isWord("order")) {
            sort();
        }
        boolean locked = locking();
        if (limits() && !locked) {
            locking();
        }
    }

    /** Whether this token goes on with a query whose first term is complete. */
    static boolean continuesQuery(Token token) {
        return token.kind() == Token.Kind.WORD
                && switch (token.text()) {
                    case "union",
                            "intersect",
                            "except",
                            "order",
                            "limit",
                            "offset",
                            "fetch",
                            "for" ->
                            true;
                    default -> false;
                };
    }

    private boolean limits() {
        boolean count = false;
        boolean offset = false;
        while (true) {
            if (in.isWord("limit") && !count) {
                Token limit = in.next();
                if (!in.accept("all")) {
                    expressions.any();
                }
                if (in.isMark(",")) {
                    throw new SqlException(
                                    SqlState.SYNTAX_ERROR,
                                    "LIMIT #,# syntax is not supported",
                                    limit.position())
                            .withHint("Use separate LIMIT and OFFSET clauses.");
                }
                count = true;
            } else if (in.isWord("fetch") && !count) {
                in.next();
                if (!in.accept("first")) {
                    in.expect("next");
                }
                if (!in.isWord("row") && !in.isWord("rows")) {
                    boolean signed = in.acceptOperator("-") || in.acceptOperator("+");
                    if (signed && in.peek().kind() != Token.Kind.NUMBER) {
                        throw in.fail();
                    }
                    expressions.primary();
                }
                if (!in.accept("row")) {
                    in.expect("rows");
                }
                if (in.accept("with")) {
                    in.expect("ties");
                } else {
                    in.expect("only");
                }
                count = true;
            } else if (in.isWord("offset") && !offset) {
                in.next();
                expressions.any();
                if (!in.accept("row")) {
                    in.accept("rows");
                }
                offset = true;
            } else {
                return count || offset;
            }
        }
    }

    private boolean locking() {
        boolean found = false;
        while (in.isWord("for")) {
            in.next();
            found = true;
            if (in.accept("read")) {
                in.expect("only");
                return true;
            }
            if (in.accept("no")) {
                in.expect("key", "update");
            } else if (in.accept("key")) {
                in.expect("share");
            } else if (!in.accept("update")) {
                in.expect("share");
            }
            if (in.accept("of")) {
                do {
                    tables.name();
                } while (in.acceptMark(","));
            }
            if (!in.accept("nowait") && in.accept("skip")) {
                in.expect("locked");
            }
        }
        return found;
    }

    void sort() {
        in.expect("order", "by");
        do {
            expressions.any();
            if (in.accept("using")) {
                expressions.operatorName();
            } else if (!in.accept("asc")) {
                in.accept("desc");
            }
            if (in.isWord("nulls") && (in.peek(1).isWord("first") || in.peek(1).isWord("last"))) {
                in.next();
                in.next();
            }
        } while (in.acceptMark(","));
    }

    private void term() {
        Token token = in.peek();
        if (token.isMark("(")) {
            parenthesised();
            return;
        }
        if (in.accept("values")) {
            do {
                in.expectMark("(");
                expressions.list();
                in.expectMark(")");
            } while (in.acceptMark(","));
        } else if (in.accept("table")) {
            tables.relation();
        } else {
            in.expect("select");
            select();
        }
    }

    /** (query), with any number of parentheses. */
    void parenthesised() {
        in.expectMark("(");
        query();
        in.expectMark(")");
    }

    private void select() {
        boolean distinct = in.accept("distinct");
        if (distinct && in.accept("on")) {
            in.expectMark("(");
            expressions.list();
            in.expectMark(")");
        }
        if (!distinct) {
            in.accept("all");
        }
        if (distinct || in.peek().isOperator("*") || expressions.mayStart(in.peek())) {
            targets();
        }
        if (in.accept("into")) {
            into();
        }
        if (in.accept("from")) {
            tables.list();
        }
        if (in.accept("where")) {
            expressions.any();
        }
        if (in.isWord("group")) {
            in.next();
            in.expect("by");
            if (!in.accept("all")) {
                in.accept("distinct");
            }
            groups();
        }
        if (in.accept("having")) {
            expressions.any();
        }
        if (in.accept("window")) {
            do {
                in.name();
                in.expect("as");
                expressions.window();
            } while (in.acceptMark(","));
        }
    }

    private void into() {
        if (!in.accept("local")) {
            in.accept("global");
        }
        if (!in.accept("temp") && !in.accept("temporary")) {
            in.accept("unlogged");
        }
        in.accept("table");
        tables.name();
    }

    private void groups() {
        do {
            if (in.isMark("(") && in.peek(1).isMark(")")) {
                in.next();
                in.next();
            } else if ((in.isWord("rollup") || in.isWord("cube")) && in.peek(1).isMark("(")) {
                in.next();
                in.next();
                expressions.list();
                in.expectMark(")");
            } else if (in.isWords("grouping", "sets")) {
                in.next();
                in.next();
                in.expectMark("(");
                groups();
                in.expectMark(")");
            } else {
                expressions.any();
            }
        } while (in.acceptMark(","));
    }

    /** A select list or RETURNING. */
    void targets() {
        do {
            if (in.acceptOperator("*")) {
                continue;
            }
            expressions.target();
            if (in.accept("as")) {
                in.label();
            } else if (Keywords.isBareLabel(in.peek())) {
                labels.set(in.index());
                in.next();
            }
        } while (in.acceptMark(","));
    }

    void with() {
        in.expect("with");
        if (in.isWord("recursive")
                && (in.peek(1).kind() == Token.Kind.QUOTED
                        || (in.peek(1).kind() == Token.Kind.WORD
                                && Keywords.isColumnName(in.peek(1).text())))) {
            in.next();
        }
        do {
            Token name = in.peek();
            in.name();
            if (in.isMark("(")) {
                in.parenthesisedNames();
            }
            in.expect("as");
            if (in.accept("not")) {
                in.expect("materialized");
            } else {
                in.accept("materialized");
            }
            in.expectMark("(");
            if (in.isWord("merge")) {
                mergeInWith = name;
            }
            statement();
            in.expectMark(")");
            if (in.accept("search")) {
                if (!in.accept("depth")) {
                    in.expect("breadth");
                }
                in.expect("first", "by");
                names();
                in.expect("set");
                in.name();
            }
            if (in.accept("cycle")) {
                names();
                in.expect("set");
                in.name();
                if (in.accept("to")) {
                    constant();
                    in.expect("default");
                    constant();
                }
                in.expect("using");
                in.name();
            }
        } while (in.acceptMark(","));
    }

    /** A constant, perhaps with the name of its type in front. */
    void constant() {
        Token first = in.peek();
        if (first.isMark("(") || first.kind() == Token.Kind.PARAMETER) {
            throw in.fail();
        }
        int start = in.index();
        expressions.primary();
        Token last = in.tokens().get(in.index() - 1);
        boolean literal =
                switch (last.kind()) {
                    case STRING, BIT_STRING -> true;
                    case NUMBER -> in.index() == start + 1;
                    case WORD ->
                            first.isWord("interval")
                                    || (in.index() == start + 1
                                            && (last.isWord("null")
                                                    || last.isWord("true")
                                                    || last.isWord("false")));
                    case QUOTED, PARAMETER, OPERATOR, MARK, END -> false;
                };
        if (!literal) {
            throw in.fail();
        }
    }

    private void names() {
        do {
            in.name();
        } while (in.acceptMark(","));
    }

    // ---- entry points ----

    /**
     * The tokens that name an item of a select list without AS; null if this grammar cannot say.
     *
     * @throws SqlException 42601 where PostgreSQL's parser stops, if it does before {@code end}
     */
    static @Nullable BitSet check(TokenCursor tokens, int from, int end, boolean expression) {
        if (findOurs(tokens, from, end) != null) {
            return null;
        }
        TokenCursor in = new TokenCursor(tokens.source(), upTo(tokens.tokens(), end), from);
        QuerySyntax syntax = new QuerySyntax(in);
        try {
            if (expression) {
                syntax.expressions.any();
            } else {
                syntax.statement();
            }
        } catch (ExpressionSyntax.Unknown e) {
            return null;
        }
        if (in.index() != end) {
            throw in.fail();
        }
        Token merge = syntax.mergeInWith;
        if (merge != null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "MERGE not supported in WITH query",
                    merge.position());
        }
        return syntax.labels;
    }

    /** The tokens with something at {@code end} that no grammar goes on with. */
    private static List<Token> upTo(List<Token> tokens, int end) {
        Token last = tokens.get(end);
        if (last.kind() == Token.Kind.END
                || last.isMark(";")
                || last.isMark(")")
                || last.isMark(",")) {
            return tokens;
        }
        List<Token> bounded = new ArrayList<>(tokens.subList(0, end));
        bounded.add(new Token(Token.Kind.MARK, ";", last.start(), last.end(), last.position()));
        return bounded;
    }

    /** The index of the parenthesis that closes the one at the cursor, with a statement between. */
    static int closing(TokenCursor tokens) {
        TokenCursor in = new TokenCursor(tokens.source(), tokens.tokens(), tokens.index() + 1);
        try {
            if (!in.isWord("subscribe")) {
                new QuerySyntax(in).statement();
                in.expectMark(")");
                return in.index() - 1;
            }
        } catch (ExpressionSyntax.Unknown | SqlException e) {
            if (findOurs(tokens, tokens.index(), tokens.endIndex()) != null) {
                return tokens.closing(tokens.index());
            }
            if (e instanceof SqlException error) {
                throw error;
            }
        }
        return tokens.closing(tokens.index());
    }

    /** The first token of a time clause between two indexes; null if there is none. */
    static @Nullable Token findOurs(TokenCursor tokens, int from, int end) {
        for (int i = from; i < end; i++) {
            if (isOurs(tokens.tokens().get(i), tokens.tokens().get(i + 1))) {
                return tokens.tokens().get(i);
            }
        }
        return null;
    }

    /** Time clauses and what else is DriftDB's own. */
    private static boolean isOurs(Token token, Token next) {
        return (token.isWord("as") && next.isWord("of"))
                || (token.isWord("for") && (next.isWord("system_time") || next.isWord("system")));
    }
}
