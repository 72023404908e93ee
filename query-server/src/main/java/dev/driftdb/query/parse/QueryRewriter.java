package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.parse.Frame.Clause;
import dev.driftdb.query.parse.Skeleton.State;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.BitSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a query, a data-modifying statement or an expression down for JSqlParser, token by token:
 * clause words stay, every name, constant and operator becomes a {@link Slot}, time clauses and
 * lists of constants are cut out and kept in their slots. This class finds what a token starts; the
 * other rewriters know the clauses and what stands in expressions. Not for several threads.
 */
final class QueryRewriter {
    /** What goes on with a query whose first part stands in parentheses. */
    private static final Set<String> AFTER_QUERY =
            Set.of("union", "intersect", "except", "order", "limit", "offset", "fetch", "for");

    private final RewriteState state;

    /** The tokens known to name an item of a select list. */
    private final @Nullable BitSet labels;

    private final TokenCursor in;
    private final Skeleton out;
    private final QueryParser parser;
    private final NameRewriter names;
    private final WindowRewriter windows;
    private final ExpressionRewriter expressions;
    private final FromRewriter tables;
    private final SelectRewriter selects;
    private final ModificationRewriter modifications;
    private final SearchClauses searches;

    QueryRewriter(TokenCursor in, QueryParser parser, @Nullable BitSet labels) {
        this.state = new RewriteState(in);
        this.labels = labels;
        this.in = in;
        this.out = state.out;
        this.parser = parser;
        this.names = new NameRewriter(state);
        this.windows = new WindowRewriter(state, names, parser);
        this.expressions = new ExpressionRewriter(state, names, windows);
        this.tables = new FromRewriter(state, new TimePoints(in, parser), expressions);
        this.selects = new SelectRewriter(state, this);
        this.modifications = new ModificationRewriter(state, expressions, this);
        this.searches = new SearchClauses(in, parser);
    }

    /** Rewrites the tokens up to {@code end}. */
    Skeleton rewrite(int end) {
        while (in.index() < end) {
            step();
        }
        if (state.frames.size() > 1) {
            throw SyntaxErrors.near(in.source(), in.tokens().get(end));
        }
        state.expectComplete(in.tokens().get(end));
        modifications.finishDelete(in.peek());
        out.finish(in.tokens().get(end));
        return out;
    }

    /** Rewrites an expression as the only item of a SELECT. */
    Skeleton rewriteExpression(int end) {
        out.keyword("SELECT", in.peek());
        if (in.index() >= end) {
            throw in.fail();
        }
        state.top().statementMayStart = false;
        return rewrite(end);
    }

    /** Rewrites a WITH list, followed by an empty SELECT. */
    Skeleton rewriteWith(int end) {
        while (in.index() < end) {
            step();
        }
        emptySelect();
        out.finish(in.tokens().get(end));
        return out;
    }

    /** Rewrites an item of FROM, behind an empty SELECT. */
    Skeleton rewriteFrom(int end) {
        emptySelect();
        state.top().statementMayStart = false;
        state.top().clause = Clause.FROM;
        out.keyword("FROM", in.peek());
        return rewrite(end);
    }

    /** Rewrites the items of SET as an UPDATE of a table named by their first token. */
    Skeleton rewriteAssignments(int end) {
        Token token = in.peek();
        state.top().statementMayStart = false;
        state.top().clause = Clause.SET;
        out.keyword("UPDATE", token);
        out.operand(new Slot(Slot.Kind.NAME, "set", token));
        out.keyword("SET", token);
        modifications.assignmentTarget();
        return rewrite(end);
    }

    private void emptySelect() {
        out.keyword("SELECT", in.peek());
        out.operand(new Slot(Slot.Kind.EMPTY, "", in.peek()));
    }

    /** Rewrites what the next token starts. */
    void step() {
        Token token = in.peek();
        if (labels != null && labels.get(in.index())) {
            in.next();
            out.operand(new Slot(Slot.Kind.NAME, token.text(), token));
            return;
        }
        switch (token.kind()) {
            case STRING, NUMBER, PARAMETER, QUOTED, BIT_STRING -> expressions.token(token);
            case OPERATOR -> operator(token);
            case MARK -> mark(token);
            case WORD -> word(token);
            case END -> throw in.fail();
        }
    }

    private void operator(Token token) {
        Frame frame = state.top();
        if (token.text().equals("*") && out.state == State.AFTER_OPERAND) {
            if (frame.clause == Clause.FROM
                    || frame.clause == Clause.UPDATE
                    || frame.clause == Clause.DELETE) {
                in.next();
                return;
            }
        }
        expressions.operator(token);
    }

    private void mark(Token token) {
        switch (token.text()) {
            case "(" -> open(token);
            case ")" -> close(token);
            case "," -> comma(token);
            default -> expressions.mark(token);
        }
    }

    private void open(Token token) {
        Frame frame = state.top();
        // f((SELECT 1)) has an argument in parentheses.
        boolean call = out.state == State.AFTER_OPERAND && in.peek(1).isMark("(");
        if (!call && holdsQuery(in.index())) {
            query(token);
            return;
        }
        in.next();
        boolean item = out.state == State.START;
        boolean empty = in.isMark(")") && out.state != State.AFTER_OPERAND;
        out.operandStart();
        out.keyword("(", token);
        Frame inner =
                new Frame(
                        Frame.Kind.PARENTHESIS,
                        token,
                        item && frame.clause == Clause.FROM ? Clause.FROM : Clause.NONE,
                        null);
        inner.statementMayStart = frame.clause == Clause.WITH && item;
        state.frames.push(inner);
        if (empty) {
            out.operand(new Slot(Slot.Kind.EMPTY, "", token));
        }
    }

    /**
     * A query in parentheses is parsed by itself: JSqlParser gives up on large ones in nested
     * parentheses, and looks ahead through each of them more than once.
     */
    private void query(Token open) {
        int end = in.closing(in.index());
        in.next();
        Slot slot = new Slot(Slot.Kind.QUERY, "", in.peek());
        slot.query = parser.query(in, end, out, labels);
        out.operandStart();
        out.keyword("(", open);
        out.keyword("SELECT", slot.token);
        out.write(slot);
        out.raw(")", in.next());
        out.state = State.AFTER_OPERAND;
        Frame outer = state.top();
        if (outer.clause == Clause.WITH) {
            outer.statementMayStart = true;
        } else if (outer.clause == Clause.FROM) {
            outer.lastTable = slot;
        }
    }

    /** Whether the parenthesis at this index has a query in it, and nothing else. */
    private boolean holdsQuery(int open) {
        Token first = in.tokens().get(open + 1);
        if (first.isMark("(")) {
            if (!holdsQuery(open + 1)) {
                return false;
            }
            Token after = in.tokens().get(in.closing(open + 1) + 1);
            return after.isMark(")")
                    || (after.kind() == Token.Kind.WORD && AFTER_QUERY.contains(after.text()));
        }
        return first.isWord("select")
                || first.isWord("with")
                || first.isWord("table")
                || (first.isWord("values") && in.tokens().get(open + 2).isMark("("));
    }

    private void close(Token token) {
        Frame frame = state.top();
        switch (frame.kind) {
            case STATEMENT, SUBSCRIPT, ARRAY, CASE, ROW ->
                    throw SyntaxErrors.near(in.source(), token);
            case PARENTHESIS, KEYWORD_CALL, CAST, WINDOW, NAMED_WINDOW -> {}
        }
        if (!in.tokens().get(in.index() - 1).isMark("(")) {
            state.expectComplete(token);
        }
        in.next();
        modifications.finishDelete(token);
        if (frame.kind == Frame.Kind.CAST && (frame.slot == null || frame.slot.type == null)) {
            throw SyntaxErrors.near(in.source(), token);
        }
        state.frames.pop();
        out.raw(")", token);
        out.state = State.AFTER_OPERAND;
        Frame outer = state.top();
        if (outer.clause == Clause.WITH) {
            outer.statementMayStart = true;
        }
    }

    private void comma(Token token) {
        Frame frame = state.top();
        if (frame.kind == Frame.Kind.SUBSCRIPT || frame.kind == Frame.Kind.CASE) {
            throw SyntaxErrors.near(in.source(), token);
        }
        state.expectComplete(token);
        in.next();
        frame.lastTable = null;
        if (frame.clause == Clause.LIMIT) {
            throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "LIMIT #,# syntax is not supported",
                            token.position())
                    .withHint("Use separate LIMIT and OFFSET clauses.");
        }
        out.keyword(",", token);
        if (frame.clause == Clause.ON) {
            frame.clause = Clause.FROM;
        } else if (frame.clause == Clause.SET) {
            modifications.assignmentTarget();
        }
    }

    private void word(Token token) {
        Frame frame = state.top();
        if (frame.kind == Frame.Kind.ROW) {
            expressions.token(token);
            return;
        }
        switch (token.text()) {
            case "select" -> selects.select(token);
            case "from" -> from(token);
            case "where" -> {
                filterAllowed(token);
                state.expectComplete(token);
                modifications.finishDelete(token);
                state.clause(token, Clause.WHERE, "WHERE");
            }
            case "having" -> {
                filterAllowed(token);
                state.clause(token, Clause.WHERE, "HAVING");
            }
            case "group" -> {
                filterAllowed(token);
                selects.group(token);
            }
            case "order" -> {
                if (frame.kind != Frame.Kind.NAMED_WINDOW) {
                    state.expectComplete(token);
                }
                in.expect("order", "by");
                out.keyword("ORDER BY", token);
                frame.clause = frame.kind == Frame.Kind.WINDOW ? frame.clause : Clause.ORDER;
            }
            case "limit" -> selects.limit(token);
            case "offset" -> {
                if (frame.clause == Clause.OFFSET) {
                    throw SyntaxErrors.near(in.source(), token);
                }
                state.clause(token, Clause.OFFSET, "OFFSET");
            }
            case "row", "rows" -> {
                if (tables.isRowsFrom()) {
                    tables.rowsFrom();
                } else if (frame.clause == Clause.OFFSET && out.state == State.AFTER_OPERAND) {
                    in.next();
                } else {
                    expressions.token(token);
                }
            }
            case "fetch" -> selects.fetch(token);
            case "for" -> forClause(token);
            case "union", "intersect", "except" -> selects.setOperation(token);
            case "with" -> selects.with(token);
            case "as" -> as(token);
            case "on" -> on(token);
            case "join", "natural", "inner", "cross", "left", "right", "full" -> tables.join(token);
            case "using" -> using(token);
            case "lateral" -> {
                in.next();
                frame.clause = Clause.FROM;
                out.keyword("LATERAL", token);
            }
            case "only" -> {
                if (out.state != State.START) {
                    throw in.fail();
                }
                in.next();
            }
            case "tablesample" -> tables.sample();
            case "window" -> {
                filterAllowed(token);
                state.clause(token, Clause.WINDOW, "WINDOW");
            }
            case "table" -> {
                in.next();
                out.keyword("SELECT * FROM", token);
                frame.clause = Clause.FROM;
            }
            case "into" -> {
                if (frame.clause == Clause.SELECT) {
                    throw SqlException.notSupported("SELECT INTO", token.position());
                }
                throw in.fail();
            }
            case "values" -> values(token);
            case "default" -> {
                if (frame.clause == Clause.INSERT && in.peek(1).isWord("values")) {
                    in.expect("default", "values");
                    out.keyword("DEFAULT VALUES", token);
                    out.state = State.AFTER_OPERAND;
                } else {
                    expressions.token(token);
                }
            }
            case "insert", "update", "delete" -> {
                if (frame.statementMayStart && out.state != State.AFTER_OPERATOR) {
                    modifications.modification(token);
                } else {
                    expressions.token(token);
                }
            }
            case "overriding" -> modifications.overriding(token);
            case "set" -> {
                if (frame.clause == Clause.UPDATE) {
                    state.clause(token, Clause.SET, "SET");
                    modifications.assignmentTarget();
                } else {
                    expressions.token(token);
                }
            }
            case "returning" -> {
                state.expectComplete(token);
                modifications.finishDelete(token);
                out.state = State.AFTER_OPERAND;
                state.clause(token, Clause.RETURNING, "RETURNING");
            }
            case "asc", "desc" -> {
                in.next();
                out.raw(token.text().equals("asc") ? "ASC" : "DESC", token);
                out.state = State.AFTER_OPERAND;
            }
            case "nulls" -> {
                if (in.peek(1).isWord("first") || in.peek(1).isWord("last")) {
                    in.next();
                    out.raw(in.next().text().equals("first") ? "NULLS FIRST" : "NULLS LAST", token);
                    out.state = State.AFTER_OPERAND;
                } else {
                    expressions.token(token);
                }
            }
            case "distinct" -> {
                in.next();
                if (out.state != State.START) {
                    throw SyntaxErrors.near(in.source(), token);
                }
                out.keyword("DISTINCT", token);
            }
            case "current" -> {
                if (frame.clause == Clause.WHERE && in.peek(1).isWord("of")) {
                    in.expect("current", "of");
                    state.constant(new SqlExpr.CurrentOf(in.name(), token.position()), token);
                } else {
                    expressions.token(token);
                }
            }
            case "search", "cycle" -> {
                Slot table = frame.commonTable;
                if (frame.clause == Clause.WITH
                        && out.state == State.AFTER_OPERAND
                        && table != null) {
                    if (token.text().equals("search")) {
                        table.search = searches.search();
                    } else {
                        table.cycle = searches.cycle();
                    }
                } else {
                    expressions.token(token);
                }
            }
            default -> expressions.token(token);
        }
    }

    /**
     * WHERE, GROUP BY, HAVING and WINDOW belong to a SELECT, not to VALUES or what follows LIMIT.
     */
    private void filterAllowed(Token token) {
        if (state.top().clause == Clause.NONE) {
            throw SyntaxErrors.near(in.source(), token);
        }
    }

    private void from(Token token) {
        if (state.top().kind == Frame.Kind.KEYWORD_CALL) {
            names.separator(token);
            return;
        }
        if (state.top().clause == Clause.NONE) {
            throw in.fail();
        }
        state.clause(token, Clause.FROM, "FROM");
    }

    private void forClause(Token token) {
        if (state.top().kind == Frame.Kind.KEYWORD_CALL) {
            names.separator(token);
        } else if (in.peek(1).isWord("system_time")
                || (in.peek(1).isWord("system") && in.peek(2).isWord("time"))) {
            tables.systemTime(token);
        } else {
            selects.locking(token);
        }
    }

    private void on(Token token) {
        if (in.peek(1).isWord("conflict")) {
            state.expectComplete(token);
            modifications.conflict(token);
        } else {
            tables.on(token);
        }
    }

    private void using(Token token) {
        switch (state.top().clause) {
            case DELETE -> {
                modifications.finishDelete(token);
                state.clause(token, Clause.FROM, "FROM");
            }
            case ORDER -> {
                in.next();
                Token operator = in.next();
                if (!operator.isOperator("<") && !operator.isOperator(">")) {
                    throw SqlException.notSupported("ORDER BY USING", token.position());
                }
                out.raw(operator.text().equals("<") ? "ASC" : "DESC", token);
            }
            case FROM, ON -> tables.using();
            default -> throw SyntaxErrors.near(in.source(), token);
        }
    }

    private void as(Token token) {
        Frame frame = state.top();
        if (frame.kind == Frame.Kind.CAST) {
            names.castType();
            return;
        }
        if (in.peek(1).isWord("of") && tables.asOf()) {
            return;
        }
        in.next();
        out.keyword("AS", token);
        if (frame.clause == Clause.WITH) {
            frame.commonTable = commonTable();
            if (in.isWords("not", "materialized")) {
                in.expect("not", "materialized");
                out.keyword("NOT MATERIALIZED", token);
            } else if (in.accept("materialized")) {
                out.keyword("MATERIALIZED", token);
            }
        } else if (!in.isMark("(")) {
            Token alias = in.peek();
            out.operand(new Slot(Slot.Kind.NAME, in.label(), alias));
            if (frame.clause == Clause.SELECT && in.isMark(".")) {
                throw in.fail();
            }
            names.columnDefinitions();
        } else if (frame.clause == Clause.WINDOW) {
            windows.namedWindow();
        } else if (frame.clause == Clause.FROM) {
            // A function's columns without an alias.
            out.operand(new Slot(Slot.Kind.NAME, "", token));
            names.columnDefinitions();
        }
    }

    /** The slot of the common table that AS, just read, stands behind. */
    private @Nullable Slot commonTable() {
        int at = in.index() - 2;
        if (in.tokens().get(at).isMark(")")) {
            while (!in.tokens().get(at).isMark("(")) {
                at--;
            }
            at--;
        }
        int start = in.tokens().get(at).start();
        for (Slot slot : out.slots.reversed()) {
            if (slot.token.start() == start) {
                return slot;
            }
        }
        return null;
    }

    private void values(Token token) {
        if (in.peek(1).isMark("(")) {
            selects.values();
        } else {
            expressions.token(token);
        }
    }
}
