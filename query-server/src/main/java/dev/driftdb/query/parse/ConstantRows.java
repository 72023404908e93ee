package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TypeName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads constants of VALUES and IN lists straight from the tokens, because JSqlParser needs 20 ms
 * for a thousand rows. Gives up (null) at anything else, which then goes the general way.
 */
final class ConstantRows {
    private final TokenCursor in;

    ConstantRows(TokenCursor in) {
        this.in = in;
    }

    /** An item of VALUES if it is a constant; the cursor stands after it, or where it was. */
    @Nullable SqlExpr item() {
        int start = in.index();
        SqlExpr value = constant(true);
        if (value != null && (in.isMark(",") || in.isMark(")"))) {
            return value;
        }
        in.moveTo(start);
        return null;
    }

    /** A parenthesised list of constants; the cursor stands after it, or where it was. */
    @Nullable List<SqlExpr> list(boolean defaults) {
        int start = in.index();
        if (in.acceptMark("(")) {
            List<SqlExpr> values = new ArrayList<>();
            while (true) {
                SqlExpr value = constant(defaults);
                if (value == null) {
                    break;
                }
                values.add(value);
                if (in.acceptMark(")")) {
                    return values;
                }
                if (!in.acceptMark(",")) {
                    break;
                }
            }
        }
        in.moveTo(start);
        return null;
    }

    private @Nullable SqlExpr constant(boolean defaults) {
        Token token = in.peek();
        SqlExpr value;
        switch (token.kind()) {
            case OPERATOR -> {
                if (!token.text().equals("-") || in.peek(1).kind() != Token.Kind.NUMBER) {
                    return null;
                }
                Token number = in.peek(1);
                in.moveTo(in.index() + 2);
                // A minus binds weaker than a cast: -1::text is not (-1)::text.
                return in.isMark("::")
                        ? null
                        : new SqlExpr.Unary(
                                "-",
                                new SqlExpr.NumberLiteral(number.text(), number.position()),
                                token.position());
            }
            case NUMBER, STRING, PARAMETER -> {
                value = literal(in.source(), token);
                in.next();
            }
            case WORD -> {
                switch (token.text()) {
                    case "null" -> value = new SqlExpr.NullLiteral(token.position());
                    case "true" -> value = new SqlExpr.BooleanLiteral(true, token.position());
                    case "false" -> value = new SqlExpr.BooleanLiteral(false, token.position());
                    case "default" -> {
                        if (!defaults) {
                            return null;
                        }
                        value = new SqlExpr.Default(token.position());
                    }
                    case "current_timestamp", "current_date", "localtimestamp" -> {
                        if (in.peek(1).isMark("(")) {
                            return null;
                        }
                        value = SqlExpr.FunctionCall.of(token.text(), List.of(), token.position());
                    }
                    default -> {
                        int string = TypeNames.typedLiteralAt(in.tokens(), in.index());
                        if (string < 0 || Keywords.isReserved(token.text())) {
                            return null;
                        }
                        TypeName type = TypeNames.parse(in);
                        if (in.index() != string) {
                            return null;
                        }
                        SqlExpr text = literal(in.source(), in.next());
                        value =
                                new SqlExpr.Cast(
                                        text,
                                        TypeNames.withFields(in, type, token),
                                        token.position());
                        return in.isMark("::") ? null : value;
                    }
                }
                in.next();
            }
            default -> {
                return null;
            }
        }
        while (in.acceptMark("::")) {
            value = new SqlExpr.Cast(value, TypeNames.parse(in), token.position());
        }
        return value;
    }

    /** A number, string or parameter token as an expression. */
    static SqlExpr literal(String source, Token token) {
        return switch (token.kind()) {
            case NUMBER -> new SqlExpr.NumberLiteral(token.text(), token.position());
            case STRING -> new SqlExpr.StringLiteral(token.text(), token.position());
            case PARAMETER -> new SqlExpr.Parameter(parameter(source, token), token.position());
            case WORD, QUOTED, BIT_STRING, OPERATOR, MARK, END ->
                    throw SyntaxErrors.near(source, token);
        };
    }

    static int parameter(String source, Token token) {
        if (token.text().length() > SqlParser.PARAMETER_DIGITS_MAX) {
            throw SyntaxErrors.near("parameter number too large", source, token);
        }
        return Integer.parseInt(token.text());
    }
}
