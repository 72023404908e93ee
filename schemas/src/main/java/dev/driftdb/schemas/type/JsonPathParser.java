package dev.driftdb.schemas.type;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.JsonPath.MethodName;
import dev.driftdb.schemas.type.JsonPath.Operator;
import dev.driftdb.schemas.type.JsonPath.Path;
import dev.driftdb.schemas.type.JsonPath.Range;
import dev.driftdb.schemas.type.JsonPath.Step;
import dev.driftdb.schemas.type.JsonPathLexer.Kind;
import dev.driftdb.schemas.type.JsonPathLexer.Token;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Reads a jsonpath by recursive descent. */
final class JsonPathParser {
    /** Parentheses, brackets and signs inside of one another. */
    private static final int DEPTH_MAX = 500;

    /** Of like_regex, in the order in which they are shown. */
    private static final String FLAGS = "ismxq";

    private final String text;
    private final List<Token> tokens;
    private int at;
    private int depth;
    private int filters;
    private int subscripts;

    JsonPathParser(String text) {
        this.text = text;
        this.tokens = new JsonPathLexer(text).tokens();
    }

    JsonPath parse() {
        if (peek().kind() == Kind.END) {
            throw new SqlException(
                    SqlState.INVALID_TEXT_REPRESENTATION,
                    "invalid input syntax for type jsonpath: \"" + text + "\"");
        }
        boolean strict = acceptWord("strict");
        if (!strict) {
            acceptWord("lax");
        }
        Path path = or();
        if (peek().kind() != Kind.END) {
            throw fail();
        }
        return new JsonPath(!strict, path);
    }

    private Token peek() {
        return tokens.get(at);
    }

    private SqlException fail() {
        return JsonPathLexer.error("syntax error", peek().text());
    }

    private boolean accept(String symbol) {
        if (peek().is(symbol)) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(String symbol) {
        if (!accept(symbol)) {
            throw fail();
        }
    }

    private boolean acceptWord(String word) {
        if (peek().isWord(word)) {
            at++;
            return true;
        }
        return false;
    }

    private void expectWord(String word) {
        if (!acceptWord(word)) {
            throw fail();
        }
    }

    private void enter() {
        if (++depth > DEPTH_MAX) {
            throw new SqlException(SqlState.STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
        }
    }

    private static boolean isPredicate(Path path) {
        return path.steps().size() == 1
                && switch (path.first()) {
                    case Step.Comparison _,
                            Step.And _,
                            Step.Or _,
                            Step.Not _,
                            Step.IsUnknown _,
                            Step.Exists _,
                            Step.StartsWith _,
                            Step.LikeRegex _ ->
                            true;
                    default -> false;
                };
    }

    private Path predicate(Path path) {
        if (!isPredicate(path)) {
            throw fail();
        }
        return path;
    }

    private Path value(Path path) {
        if (isPredicate(path)) {
            throw fail();
        }
        return path;
    }

    private Path or() {
        enter();
        Path left = and();
        while (peek().is("||")) {
            predicate(left);
            at++;
            left = Path.of(new Step.Or(left, predicate(and())));
        }
        depth--;
        return left;
    }

    private Path and() {
        Path left = comparison();
        while (peek().is("&&")) {
            predicate(left);
            at++;
            left = Path.of(new Step.And(left, predicate(comparison())));
        }
        return left;
    }

    private static @Nullable Operator comparison(Token token) {
        if (token.kind() != Kind.SYMBOL) {
            return null;
        }
        for (Operator operator : Operator.values()) {
            if (operator.compareTo(Operator.GE) <= 0 && token.value().equals(operator.symbol())) {
                return operator;
            }
        }
        return null;
    }

    private Path comparison() {
        if (accept("!")) {
            return Path.of(new Step.Not(delimited()));
        }
        Path left = sum();
        Operator operator = comparison(peek());
        if (operator != null) {
            value(left);
            at++;
            return Path.of(new Step.Comparison(operator, left, value(sum())));
        }
        if (acceptWord("starts")) {
            value(left);
            expectWord("with");
            Token prefix = peek();
            at++;
            return switch (prefix.kind()) {
                case STRING ->
                        Path.of(
                                new Step.StartsWith(
                                        left,
                                        Path.of(new Step.Literal(new Json.Str(prefix.value())))));
                case VARIABLE ->
                        Path.of(
                                new Step.StartsWith(
                                        left, Path.of(new Step.Variable(prefix.value()))));
                default -> {
                    at--;
                    throw fail();
                }
            };
        }
        if (acceptWord("like_regex")) {
            return likeRegex(value(left));
        }
        return left;
    }

    private Path delimited() {
        if (peek().isWord("exists")) {
            return exists();
        }
        expect("(");
        Path inside = predicate(or());
        expect(")");
        return inside;
    }

    private Path exists() {
        expectWord("exists");
        expect("(");
        Path operand = value(or());
        expect(")");
        return Path.of(new Step.Exists(operand));
    }

    private String string() {
        Token token = peek();
        if (token.kind() != Kind.STRING) {
            throw fail();
        }
        at++;
        return token.value();
    }

    private Path likeRegex(Path operand) {
        String pattern = string();
        String given = acceptWord("flag") ? string() : "";
        StringBuilder flags = new StringBuilder();
        for (int i = 0; i < given.length(); i++) {
            char c = given.charAt(i);
            if (FLAGS.indexOf(c) < 0) {
                throw new SqlException(
                                SqlState.SYNTAX_ERROR, "invalid input syntax for type jsonpath")
                        .withDetail(
                                "Unrecognized flag character \""
                                        + c
                                        + "\" in LIKE_REGEX predicate.");
            }
        }
        for (int i = 0; i < FLAGS.length(); i++) {
            if (given.indexOf(FLAGS.charAt(i)) >= 0) {
                flags.append(FLAGS.charAt(i));
            }
        }
        if (given.indexOf('x') >= 0 && given.indexOf('q') < 0) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "XQuery \"x\" flag (expanded regular expressions) is not implemented");
        }
        if (given.indexOf('q') < 0) {
            try {
                Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                String reason =
                        pattern.endsWith("(") || e.getDescription().contains("group")
                                ? "parentheses () not balanced"
                                : e.getDescription().contains("character class")
                                        ? "brackets [] not balanced"
                                        : "quantifier operand invalid";
                throw new SqlException(
                        SqlState.INVALID_REGULAR_EXPRESSION,
                        "invalid regular expression: " + reason);
            }
        }
        return Path.of(new Step.LikeRegex(operand, pattern, flags.toString()));
    }

    private Path sum() {
        Path left = product();
        while (peek().is("+") || peek().is("-")) {
            Operator operator = peek().is("+") ? Operator.ADD : Operator.SUBTRACT;
            value(left);
            at++;
            left = Path.of(new Step.Arithmetic(operator, left, value(product())));
        }
        return left;
    }

    private Path product() {
        Path left = sign();
        while (peek().is("*") || peek().is("/") || peek().is("%")) {
            Operator operator =
                    peek().is("*")
                            ? Operator.MULTIPLY
                            : peek().is("/") ? Operator.DIVIDE : Operator.MODULO;
            value(left);
            at++;
            left = Path.of(new Step.Arithmetic(operator, left, value(sign())));
        }
        return left;
    }

    private Path sign() {
        boolean minus = peek().is("-");
        if (!minus && !peek().is("+")) {
            return accessors();
        }
        at++;
        enter();
        Path operand = value(sign());
        depth--;
        if (operand.steps().size() == 1
                && operand.first() instanceof Step.Literal(Json.Num(BigDecimal n))) {
            return Path.of(new Step.Literal(new Json.Num(minus ? n.negate() : n)));
        }
        return Path.of(new Step.Sign(minus, operand));
    }

    private Path accessors() {
        List<Step> steps = new ArrayList<>();
        boolean bracketed = peek().is("(");
        if (bracketed) {
            at++;
            Path inside = or();
            expect(")");
            if (isPredicate(inside) && peek().isWord("is")) {
                at++;
                expectWord("unknown");
                return Path.of(new Step.IsUnknown(inside));
            }
            if (inside.steps().size() > 1) {
                steps.addAll(inside.steps());
            } else {
                steps.add(inside.first());
            }
        } else if (peek().isWord("exists")) {
            return exists();
        } else {
            steps.add(primary());
        }
        while (true) {
            Step step = accessor();
            if (step == null) {
                return new Path(steps);
            }
            steps.add(step);
        }
    }

    private Step primary() {
        Token token = peek();
        at++;
        switch (token.kind()) {
            case STRING -> {
                return new Step.Literal(new Json.Str(token.value()));
            }
            case INTEGER, NUMERIC -> {
                BigDecimal number = Numeric.of(NumberText.parseDecimal(token.value())).decimal();
                return new Step.Literal(new Json.Num(number));
            }
            case VARIABLE -> {
                return new Step.Variable(token.value());
            }
            case SYMBOL -> {
                if (token.is("$")) {
                    return new Step.Root();
                }
                if (token.is("@")) {
                    if (filters == 0) {
                        throw new SqlException(
                                SqlState.SYNTAX_ERROR, "@ is not allowed in root expressions");
                    }
                    return new Step.Current();
                }
            }
            case WORD -> {
                switch (token.value()) {
                    case "true" -> {
                        return new Step.Literal(new Json.Bool(true));
                    }
                    case "false" -> {
                        return new Step.Literal(new Json.Bool(false));
                    }
                    case "null" -> {
                        return new Step.Literal(new Json.Null());
                    }
                    default -> {}
                }
                if (token.isWord("last")) {
                    if (subscripts == 0) {
                        throw new SqlException(
                                SqlState.SYNTAX_ERROR, "LAST is allowed only in array subscripts");
                    }
                    return new Step.Last();
                }
            }
            case END -> {}
        }
        at--;
        throw fail();
    }

    private @Nullable Step accessor() {
        if (accept("[")) {
            if (accept("*")) {
                expect("]");
                return new Step.AnyItem();
            }
            subscripts++;
            List<Range> ranges = new ArrayList<>();
            do {
                Path from = value(sum());
                ranges.add(new Range(from, acceptWord("to") ? value(sum()) : null));
            } while (accept(","));
            subscripts--;
            expect("]");
            return new Step.Items(ranges);
        }
        if (accept("?")) {
            expect("(");
            filters++;
            Path predicate = predicate(or());
            filters--;
            expect(")");
            return new Step.Filter(predicate);
        }
        return accept(".") ? afterDot() : null;
    }

    private Step afterDot() {
        if (accept("*")) {
            return new Step.AnyKey();
        }
        if (accept("**")) {
            if (!accept("{")) {
                return new Step.AnyLevel(0, JsonPath.LAST_LEVEL);
            }
            long first = level();
            long last = acceptWord("to") ? level() : first;
            expect("}");
            return new Step.AnyLevel(first, last);
        }
        Token token = peek();
        if (token.kind() != Kind.WORD && token.kind() != Kind.STRING) {
            throw fail();
        }
        at++;
        if (token.kind() == Kind.WORD && peek().is("(")) {
            String name = token.value().toLowerCase(Locale.ROOT);
            if (name.equals("datetime")) {
                at++;
                String template = peek().kind() == Kind.STRING ? string() : null;
                expect(")");
                return new Step.Datetime(template);
            }
            for (MethodName method : MethodName.values()) {
                if (method.text().equals(name)) {
                    at++;
                    expect(")");
                    return new Step.Method(method);
                }
            }
        }
        return new Step.Key(token.value());
    }

    private long level() {
        if (acceptWord("last")) {
            return JsonPath.LAST_LEVEL;
        }
        Token token = peek();
        if (token.kind() != Kind.INTEGER || token.value().length() > 9) {
            throw fail();
        }
        at++;
        return Long.parseLong(token.value());
    }
}
