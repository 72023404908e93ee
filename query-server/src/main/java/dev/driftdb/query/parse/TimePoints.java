package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TimeClause;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads what a FROM item says of time and of samples; see the time travel manual. */
final class TimePoints {
    /** {@code '-10s'}: a string that starts with a minus is a span back from now. */
    private static final Pattern AGO = Pattern.compile("\\s*-\\s*\\d.*", Pattern.DOTALL);

    private final TokenCursor in;
    private final QueryParser expressions;

    TimePoints(TokenCursor in, QueryParser expressions) {
        this.in = in;
        this.expressions = expressions;
    }

    /** After FOR SYSTEM_TIME: AS OF, BETWEEN, FROM or ALL. */
    TimeClause systemTime() {
        if (in.accept("as", "of")) {
            return new TimeClause.AsOf(point());
        }
        if (in.accept("between")) {
            TimePoint from = point();
            in.expect("and");
            return new TimeClause.Between(from, point(), true);
        }
        if (in.accept("from")) {
            TimePoint from = point();
            in.expect("to");
            return new TimeClause.Between(from, point(), false);
        }
        if (in.accept("all")) {
            return new TimeClause.All();
        }
        if (in.isWord("contained")) {
            throw SqlException.notSupported("CONTAINED IN", in.peek().position());
        }
        throw in.fail();
    }

    TimePoint point() {
        Token token = in.peek();
        if (token.isOperator("@")) {
            in.next();
            in.expect("seq");
            in.expectMark(":");
            return new TimePoint.Offset(operand());
        }
        if (in.accept("offset")) {
            return new TimePoint.Offset(expression());
        }
        if (token.isWord("tag") && in.peek(1).kind() == Token.Kind.STRING) {
            in.next();
            int position = in.peek().position();
            return new TimePoint.Tag(in.string(), position);
        }
        SqlExpr expression = expression();
        return switch (expression) {
            case SqlExpr.NumberLiteral number when isInteger(number.text()) ->
                    new TimePoint.Offset(number);
            case SqlExpr.StringLiteral string when AGO.matcher(string.value()).matches() ->
                    new TimePoint.Ago(string);
            case SqlExpr.Cast cast
                    when cast.type().parts().getLast().equals("interval")
                            && cast.type().arrayDimensions() == 0 ->
                    new TimePoint.Ago(cast);
            default -> new TimePoint.At(expression);
        };
    }

    /** Expressions between parentheses, at least one. */
    List<SqlExpr> arguments() {
        int open = in.index();
        in.expectMark("(");
        int close = in.closing(open);
        List<SqlExpr> arguments = new ArrayList<>();
        int start = in.index();
        int depth = 0;
        for (int i = start; i <= close; i++) {
            Token token = in.tokens().get(i);
            if (token.isMark("(") || token.isMark("[")) {
                depth++;
            }
            if (depth == 0 && (i == close || token.isMark(","))) {
                arguments.add(expressions.expression(in, start, i));
                start = i + 1;
            }
            if (token.isMark(")") || token.isMark("]")) {
                depth--;
            }
        }
        in.moveTo(close + 1);
        return arguments;
    }

    /** One expression between parentheses. */
    SqlExpr argument() {
        int open = in.index();
        in.expectMark("(");
        int close = in.closing(open);
        SqlExpr argument = expressions.expression(in, in.index(), close);
        in.moveTo(close + 1);
        return argument;
    }

    private static boolean isInteger(String number) {
        for (int i = 0; i < number.length(); i++) {
            if (!Lexer.isDigit(number.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private SqlExpr operand() {
        int start = in.index();
        skipOperand();
        return expressions.expression(in, start, in.index());
    }

    /** Operands with operators between them: it ends where an alias or the next clause starts. */
    private SqlExpr expression() {
        int start = in.index();
        skipOperand();
        while (true) {
            if (in.peek().kind() == Token.Kind.OPERATOR) {
                in.next();
                skipOperand();
            } else if (in.accept("at", "time", "zone")) {
                skipOperand();
            } else {
                return expressions.expression(in, start, in.index());
            }
        }
    }

    private void skipOperand() {
        while (in.peek().kind() == Token.Kind.OPERATOR) {
            in.next();
        }
        Token token = in.peek();
        switch (token.kind()) {
            case NUMBER, STRING, PARAMETER -> in.next();
            case MARK -> {
                if (!in.isMark("(")) {
                    throw in.fail();
                }
                in.moveTo(in.closing(in.index()) + 1);
            }
            case WORD, QUOTED -> skipNamed();
            case BIT_STRING, OPERATOR, END -> throw in.fail();
        }
        while (in.acceptMark("::")) {
            TypeNames.parse(in);
        }
    }

    private void skipNamed() {
        int string = TypeNames.typedLiteralAt(in.tokens(), in.index());
        if (string > 0 && !Keywords.isReserved(in.peek().text())) {
            Token first = in.peek();
            TypeName type = TypeNames.parse(in);
            in.moveTo(string + 1);
            TypeNames.withFields(in, type, first);
            return;
        }
        boolean value =
                Keywords.isValueFunction(in.peek().text())
                        || in.isWord("null")
                        || in.isWord("true")
                        || in.isWord("false");
        in.next();
        while (in.acceptMark(".")) {
            in.label();
        }
        if (in.isMark("(")) {
            in.moveTo(in.closing(in.index()) + 1);
        } else if (!value) {
            // A column has no place in a point in time.
            in.moveTo(in.index() - 1);
            throw in.fail();
        }
    }
}
