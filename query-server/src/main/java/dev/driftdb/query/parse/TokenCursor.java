package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;

/** Reads the tokens of one statement forwards; a semicolon is its end. Not for several threads. */
final class TokenCursor {
    /** Parts of a dotted name: database, schema, table, column. */
    static final int NAME_PARTS_MAX = 4;

    private final String source;
    private final List<Token> tokens;
    private int index;

    TokenCursor(String source, List<Token> tokens, int index) {
        this.source = source;
        this.tokens = tokens;
        this.index = index;
    }

    String source() {
        return source;
    }

    List<Token> tokens() {
        return tokens;
    }

    int index() {
        return index;
    }

    void moveTo(int newIndex) {
        index = newIndex;
    }

    Token peek() {
        return tokens.get(index);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(index + ahead, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(index);
        if (token.kind() == Token.Kind.END) {
            throw fail();
        }
        index++;
        return token;
    }

    boolean atEnd() {
        Token token = peek();
        return token.kind() == Token.Kind.END || token.isMark(";");
    }

    void expectEnd() {
        if (!atEnd()) {
            throw fail();
        }
    }

    SqlException fail() {
        return SyntaxErrors.near(source, peek());
    }

    boolean isWord(String word) {
        return peek().isWord(word);
    }

    boolean isWords(String first, String second) {
        return peek().isWord(first) && peek(1).isWord(second);
    }

    boolean isMark(String mark) {
        return peek().isMark(mark);
    }

    /** Takes these words if all of them come next. */
    boolean accept(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (!peek(i).isWord(words[i])) {
                return false;
            }
        }
        index += words.length;
        return true;
    }

    void expect(String... words) {
        for (String word : words) {
            if (!peek().isWord(word)) {
                throw fail();
            }
            index++;
        }
    }

    boolean acceptMark(String mark) {
        if (peek().isMark(mark)) {
            index++;
            return true;
        }
        return false;
    }

    void expectMark(String mark) {
        if (!acceptMark(mark)) {
            throw fail();
        }
    }

    boolean acceptOperator(String symbol) {
        if (peek().isOperator(symbol)) {
            index++;
            return true;
        }
        return false;
    }

    /** A name as a column, table or alias may be named (ColId). */
    String name() {
        Token token = peek();
        if (token.kind() == Token.Kind.QUOTED
                || (token.kind() == Token.Kind.WORD && Keywords.isColumnName(token.text()))) {
            index++;
            return token.text();
        }
        throw fail();
    }

    /** Any word at all, as after a dot or AS (ColLabel). */
    String label() {
        if (!peek().isName()) {
            throw fail();
        }
        return next().text();
    }

    QualifiedName qualifiedName() {
        Token first = peek();
        List<String> parts = new ArrayList<>(2);
        parts.add(name());
        while (acceptMark(".")) {
            parts.add(label());
        }
        if (parts.size() > NAME_PARTS_MAX - 1) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "improper qualified name (too many dotted names): " + String.join(".", parts),
                    first.position());
        }
        return new QualifiedName(parts, first.position());
    }

    List<QualifiedName> qualifiedNames() {
        List<QualifiedName> names = new ArrayList<>();
        do {
            names.add(qualifiedName());
        } while (acceptMark(","));
        return names;
    }

    /** (a, b, c). */
    List<String> parenthesisedNames() {
        expectMark("(");
        List<String> names = new ArrayList<>();
        do {
            names.add(name());
        } while (acceptMark(","));
        expectMark(")");
        return names;
    }

    String string() {
        if (peek().kind() != Token.Kind.STRING) {
            throw fail();
        }
        return next().text();
    }

    /** A whole number, perhaps signed. */
    long signedLong() {
        boolean negative = acceptOperator("-");
        if (!negative) {
            acceptOperator("+");
        }
        Token token = peek();
        if (token.kind() != Token.Kind.NUMBER) {
            throw fail();
        }
        try {
            long value = Long.parseLong(negative ? "-" + token.text() : token.text());
            index++;
            return value;
        } catch (NumberFormatException e) {
            throw fail();
        }
    }

    /** The index of the token that closes the parenthesis or bracket at {@code open}. */
    int closing(int open) {
        int depth = 0;
        for (int i = open; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.kind() == Token.Kind.MARK) {
                switch (token.text()) {
                    case "(", "[" -> depth++;
                    case ")", "]" -> {
                        depth--;
                        if (depth == 0) {
                            return i;
                        }
                    }
                    case ";" -> throw SyntaxErrors.near(source, token);
                    default -> {}
                }
            }
        }
        throw SyntaxErrors.near(source, tokens.getLast());
    }

    /** The index of the token that ends this statement. */
    int endIndex() {
        int i = index;
        while (tokens.get(i).kind() != Token.Kind.END && !tokens.get(i).isMark(";")) {
            i++;
        }
        return i;
    }

    /** The source from one token to before another. */
    String text(int fromIndex, int toIndex) {
        return toIndex <= fromIndex
                ? ""
                : source.substring(tokens.get(fromIndex).start(), tokens.get(toIndex - 1).end());
    }
}
