package dev.driftdb.query.parse;

import dev.driftdb.schemas.error.SqlException;
import java.util.concurrent.ArrayBlockingQueue;
import net.sf.jsqlparser.parser.AbstractJSqlParser;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.CCJSqlParserTokenManager;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.SimpleCharStream;
import net.sf.jsqlparser.parser.StringProvider;
import net.sf.jsqlparser.parser.TokenMgrException;
import net.sf.jsqlparser.statement.Statement;
import org.jspecify.annotations.Nullable;

/** Calls JSqlParser: on this thread, once, to the end of the text. */
final class JsqlTree {
    /** Parsers kept for the next statement; each has tables of 80 KB that are slow to make. */
    private static final int IDLE_MAX = 16;

    /**
     * A kept parser holds on to the tokens of its last text: not of a longer one, in characters.
     */
    private static final int KEPT_TEXT_MAX = 1 << 16;

    private static final ArrayBlockingQueue<JsqlTree> IDLE = new ArrayBlockingQueue<>(IDLE_MAX);

    private final Parser parser;
    private final CCJSqlParserTokenManager tokens;
    private final Chars chars;

    private JsqlTree() {
        this.parser = new Parser();
        parser.withDialect(AbstractJSqlParser.Dialect.POSTGRESQL).withAllowComplexParsing(true);
        this.chars = new Chars();
        this.tokens = new CCJSqlParserTokenManager(chars);
        tokens.configuration = parser.getConfiguration();
    }

    /** JSqlParser's ReInit() keeps the nodes of all former trees. */
    private static final class Parser extends CCJSqlParser {
        Parser() {
            super(new StringProvider(""));
        }

        void start(CCJSqlParserTokenManager tokens) {
            ReInit(tokens);
            jjtree.reset();
        }

        int nodesHeld() {
            return jjtree.nodeArity();
        }
    }

    /** Characters that count from 0 again with every text; JSqlParser's own count on. */
    private static final class Chars extends SimpleCharStream {
        Chars() {
            super(new StringProvider(""), 1, 1);
        }

        void start(String text) {
            ReInit(new StringProvider(text), 1, 1);
            totalCharsRead = 0;
            absoluteTokenBegin = 0;
        }
    }

    /**
     * @throws SqlException 42601 at the token of the original text that JSqlParser stumbled over
     */
    static Statement parse(Skeleton skeleton) {
        JsqlTree idle = IDLE.poll();
        JsqlTree tree = idle == null ? new JsqlTree() : idle;
        Statement statement = tree.statement(skeleton);
        // Only one that came to the end is used again: the state of the others is not known.
        if (skeleton.text().length() <= KEPT_TEXT_MAX) {
            IDLE.offer(tree);
        }
        return statement;
    }

    /** How many nodes the idle parsers hold on to. */
    static int nodesHeld() {
        return IDLE.stream().mapToInt(tree -> tree.parser.nodesHeld()).sum();
    }

    private Statement statement(Skeleton skeleton) {
        chars.start(skeleton.text());
        tokens.ReInit(chars);
        parser.start(tokens);
        try {
            Statement statement = parser.Statement();
            net.sf.jsqlparser.parser.Token next = parser.getNextToken();
            if (next.kind != 0) {
                throw at(skeleton, next);
            }
            return statement;
        } catch (ParseException e) {
            net.sf.jsqlparser.parser.Token last = e.currentToken;
            throw at(skeleton, last == null ? null : culprit(last));
        } catch (TokenMgrException e) {
            throw atEnd(skeleton);
        }
    }

    /**
     * The token after the last one taken, unless JSqlParser looked further ahead before giving up:
     * then the last but one that it saw. So it is PostgreSQL's place three times in four.
     */
    private static net.sf.jsqlparser.parser.@Nullable Token culprit(
            net.sf.jsqlparser.parser.Token last) {
        net.sf.jsqlparser.parser.Token next = last.next;
        if (next == null || next.next == null || next.next.next == null) {
            return next;
        }
        net.sf.jsqlparser.parser.Token before = next;
        while (before.next != null && before.next.next != null) {
            before = before.next;
        }
        return before;
    }

    private static SqlException at(
            Skeleton skeleton, net.sf.jsqlparser.parser.@Nullable Token token) {
        Token origin =
                token == null || token.kind == 0
                        ? null
                        : skeleton.originOf(token.absoluteBegin - 1);
        return origin == null ? atEnd(skeleton) : SyntaxErrors.near(skeleton.source, origin);
    }

    private static SqlException atEnd(Skeleton skeleton) {
        return SyntaxErrors.near(skeleton.source, skeleton.end());
    }
}
