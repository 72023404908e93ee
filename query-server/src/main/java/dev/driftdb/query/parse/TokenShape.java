package dev.driftdb.query.parse;

import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One statement with its plain constants lifted to parameters: a key for caching what was planned
 * for it, and the constants of this text.
 *
 * @param key the text with the kinds of the lifted constants in it; equal keys mean that the
 *     statements differ in those constants only
 * @param text the statement with {@code $1, $2, …} for the constants
 */
public record TokenShape(String key, String text, List<Literal> literals) {
    /** Texts longer than this are not worth keeping, in characters. */
    static final int TEXT_LENGTH_MAX = 4096;

    /** Words that give a constant another meaning, or make its value part of the plan. */
    private static final Set<String> REFUSED =
            Set.of(
                    "order",
                    "group",
                    "distinct",
                    "limit",
                    "offset",
                    "fetch",
                    "interval",
                    "over",
                    "window",
                    "system_time",
                    "cast",
                    "tablesample",
                    "escape",
                    "collate",
                    "within",
                    "filter",
                    "time",
                    "extract",
                    "grouping",
                    "rollup",
                    "cube",
                    "array",
                    "row",
                    "uescape",
                    "union",
                    "intersect",
                    "except",
                    "similar",
                    "case");

    public TokenShape {
        literals = List.copyOf(literals);
    }

    /** A lifted constant: a number as written or a decoded string. */
    public record Literal(Kind kind, String value) {}

    public enum Kind {
        INT4,
        INT8,
        NUMERIC,
        STRING
    }

    static Optional<TokenShape> of(String sql) {
        if (sql.length() > TEXT_LENGTH_MAX) {
            return Optional.empty();
        }
        try {
            return read(sql);
        } catch (SqlException e) {
            // The parser proper reports it, with its position.
            return Optional.empty();
        }
    }

    private static Optional<TokenShape> read(String sql) {
        Lexer lexer = new Lexer(sql);
        StringBuilder key = new StringBuilder(sql.length() + 16);
        StringBuilder text = new StringBuilder(sql.length() + 16);
        List<Literal> literals = new ArrayList<>(4);
        Token before = null;
        Token token = lexer.next();
        if (token.kind() != Token.Kind.WORD) {
            return Optional.empty();
        }
        boolean cast = false;
        boolean conflictTarget = false;
        switch (token.text()) {
            case "select", "update", "delete", "insert" -> {}
            default -> {
                return Optional.empty();
            }
        }
        boolean selectList = token.text().equals("select");
        while (token.kind() != Token.Kind.END) {
            Token next = lexer.next();
            if (token.isMark("::") || (token.isMark(".") && cast)) {
                cast = true;
            } else if (token.isMark("(")) {
                // A type's length, a precision: digits that are no constants.
                if (cast || (before != null && Keywords.isValueFunction(before.text()))) {
                    return Optional.empty();
                }
            } else if (!token.isName()) {
                cast = false;
            }
            switch (token.kind()) {
                case PARAMETER, BIT_STRING -> {
                    return Optional.empty();
                }
                case WORD -> {
                    if (REFUSED.contains(token.text())
                            || (token.text().equals("as") && next.isWord("of"))) {
                        return Optional.empty();
                    }
                    if (token.text().equals("conflict")) {
                        conflictTarget = true;
                    } else if (token.text().equals("do")) {
                        conflictTarget = false;
                    } else if (conflictTarget && token.text().equals("where")) {
                        // The predicate finds a partial index: its constants matter.
                        return Optional.empty();
                    }
                    if (token.text().equals("from")
                            || token.text().equals("where")
                            || token.text().equals("values")) {
                        selectList = false;
                    } else if (token.text().equals("select") || token.text().equals("returning")) {
                        selectList = true;
                    }
                    keep(key, text, token.text());
                }
                case MARK -> {
                    if (token.text().equals(";")) {
                        if (next.kind() != Token.Kind.END) {
                            return Optional.empty();
                        }
                    } else {
                        keep(key, text, token.text());
                    }
                }
                case QUOTED, OPERATOR -> keep(key, text, sql, token);
                case NUMBER, STRING -> {
                    if (conflictTarget) {
                        // The expression finds an index: its constants matter.
                        return Optional.empty();
                    }
                    if (token.kind() == Token.Kind.STRING
                            && before != null
                            && (before.isMark(")")
                                    || (before.isName() && !isBeforeOperand(before.text())))) {
                        // type 'literal': the string is part of the type's spelling.
                        return Optional.empty();
                    }
                    boolean lift =
                            !selectList && !next.isMark("::") && isOperandPlace(before, next);
                    if (lift) {
                        lift(key, text, token, literals);
                    } else {
                        keep(key, text, sql, token);
                    }
                }
                case END -> {}
            }
            before = token;
            token = next;
        }
        return Optional.of(new TokenShape(key.toString(), text.toString(), literals));
    }

    private static boolean isBeforeOperand(String word) {
        return switch (word) {
            case "and",
                    "or",
                    "not",
                    "in",
                    "like",
                    "ilike",
                    "between",
                    "where",
                    "on",
                    "from",
                    "values",
                    "set" ->
                    true;
            default -> false;
        };
    }

    /** Between an operator, comma or parenthesis and one of them: not a type's length. */
    private static boolean isOperandPlace(@Nullable Token before, Token next) {
        if (before == null) {
            return false;
        }
        boolean left =
                switch (before.kind()) {
                    case OPERATOR -> true;
                    case MARK -> before.text().equals("(") || before.text().equals(",");
                    case WORD -> isBeforeOperand(before.text());
                    case QUOTED, STRING, BIT_STRING, NUMBER, PARAMETER, END -> false;
                };
        boolean right =
                switch (next.kind()) {
                    case OPERATOR, END, WORD -> true;
                    case MARK ->
                            next.text().equals(")")
                                    || next.text().equals(",")
                                    || next.text().equals(";");
                    case QUOTED, STRING, BIT_STRING, NUMBER, PARAMETER -> false;
                };
        return left && right;
    }

    private static void keep(StringBuilder key, StringBuilder text, String token) {
        key.append(token).append(' ');
        text.append(token).append(' ');
    }

    private static void keep(StringBuilder key, StringBuilder text, String sql, Token token) {
        key.append(sql, token.start(), token.end()).append(' ');
        text.append(sql, token.start(), token.end()).append(' ');
    }

    private static void lift(
            StringBuilder key, StringBuilder text, Token token, List<Literal> literals) {
        Kind kind = token.kind() == Token.Kind.STRING ? Kind.STRING : numberKind(token.text());
        literals.add(new Literal(kind, token.text()));
        text.append('$').append(literals.size()).append(' ');
        // No token starts with a dollar and a letter but a string, which is never kept unquoted.
        key.append('$')
                .append(
                        switch (kind) {
                            case INT4 -> 'i';
                            case INT8 -> 'l';
                            case NUMERIC -> 'n';
                            case STRING -> 's';
                        })
                .append(' ');
    }

    private static Kind numberKind(String number) {
        for (int i = 0; i < number.length(); i++) {
            if (!Lexer.isDigit(number.charAt(i))) {
                return Kind.NUMERIC;
            }
        }
        if (number.length() < 10) {
            return Kind.INT4;
        }
        try {
            long value = Long.parseLong(number);
            return value <= Integer.MAX_VALUE ? Kind.INT4 : Kind.INT8;
        } catch (NumberFormatException e) {
            return Kind.NUMERIC;
        }
    }
}
