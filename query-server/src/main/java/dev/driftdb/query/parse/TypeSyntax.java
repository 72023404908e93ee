package dev.driftdb.query.parse;

import java.util.Set;

/** PostgreSQL's grammar of type names: see {@link QuerySyntax}. Not for several threads. */
final class TypeSyntax {
    private static final Set<String> PLAIN =
            Set.of("int", "integer", "smallint", "bigint", "real", "boolean");

    private static final Set<String> BUILT_IN =
            Set.of(
                    "int",
                    "integer",
                    "smallint",
                    "bigint",
                    "real",
                    "boolean",
                    "float",
                    "decimal",
                    "dec",
                    "numeric",
                    "bit",
                    "character",
                    "char",
                    "nchar",
                    "varchar",
                    "national",
                    "timestamp",
                    "time",
                    "interval");

    private final TokenCursor in;
    private final ExpressionSyntax expressions;

    TypeSyntax(TokenCursor in, ExpressionSyntax expressions) {
        this.in = in;
        this.expressions = expressions;
    }

    void type() {
        in.accept("setof");
        simple();
        if (in.accept("array")) {
            if (in.acceptMark("[")) {
                number();
                in.expectMark("]");
            }
            return;
        }
        while (in.acceptMark("[")) {
            if (!in.isMark("]")) {
                number();
            }
            in.expectMark("]");
        }
    }

    private void simple() {
        if (builtIn()) {
            boolean interval = in.isWord("interval");
            name();
            if (interval) {
                fields();
            }
            return;
        }
        expressions.functionName();
        modifiers();
    }

    /** Whether a type spelled by the grammar itself stands here. */
    boolean builtIn() {
        Token token = in.peek();
        return token.kind() == Token.Kind.WORD
                && (BUILT_IN.contains(token.text())
                        || (token.text().equals("double") && in.peek(1).isWord("precision")));
    }

    /** A built-in type with its modifiers; the fields of an interval stand behind its literal. */
    void name() {
        String word = in.next().text();
        switch (word) {
            case "double" -> in.expect("precision");
            case "float", "interval" -> length();
            case "decimal", "dec", "numeric" -> modifiers();
            case "bit" -> {
                in.accept("varying");
                modifiers();
            }
            case "character", "char", "nchar" -> {
                in.accept("varying");
                length();
            }
            case "varchar" -> length();
            case "national" -> {
                if (!in.accept("character")) {
                    in.expect("char");
                }
                in.accept("varying");
                length();
            }
            case "timestamp", "time" -> {
                length();
                if (in.isWords("with", "time") || in.isWords("without", "time")) {
                    in.next();
                    in.next();
                    in.expect("zone");
                }
            }
            default -> {
                if (!PLAIN.contains(word)) {
                    throw new IllegalStateException("no spelling of " + word);
                }
            }
        }
    }

    private void length() {
        if (in.acceptMark("(")) {
            number();
            in.expectMark(")");
        }
    }

    private void modifiers() {
        if (in.acceptMark("(")) {
            expressions.list();
            in.expectMark(")");
        }
    }

    private void number() {
        Token token = in.peek();
        if (token.kind() != Token.Kind.NUMBER || !token.text().chars().allMatch(c -> c >= '0')) {
            throw in.fail();
        }
        in.next();
    }

    /** YEAR TO MONTH and its kin. */
    void fields() {
        if (in.accept("year")) {
            if (in.accept("to")) {
                in.expect("month");
            }
        } else if (in.accept("month")) {
            return;
        } else if (in.isWord("day") || in.isWord("hour") || in.isWord("minute")) {
            String from = in.next().text();
            if (in.accept("to")) {
                if ((from.equals("day") && (in.accept("hour") || in.accept("minute")))
                        || (from.equals("hour") && in.accept("minute"))) {
                    return;
                }
                in.expect("second");
                length();
            }
        } else if (in.accept("second")) {
            length();
        }
    }
}
