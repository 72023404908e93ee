package dev.driftdb.query.parse;

import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.IntervalText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads type names: words of several parts, modifiers, array bounds. */
final class TypeNames {
    /** Fields from large to small, each with its bit at the same place of the next list. */
    private static final List<String> INTERVAL_FIELDS =
            List.of("year", "month", "day", "hour", "minute", "second");

    private static final List<Integer> FIELD_BITS =
            List.of(
                    IntervalText.YEAR,
                    IntervalText.MONTH,
                    IntervalText.DAY,
                    IntervalText.HOUR,
                    IntervalText.MINUTE,
                    IntervalText.SECOND);

    private static final int SECOND_FIELD = FIELD_BITS.size() - 1;

    private TypeNames() {}

    static TypeName parse(TokenCursor in) {
        int position = in.peek().position();
        if (in.isWord("setof")) {
            throw SqlException.notSupported("SETOF", position);
        }
        List<Integer> modifiers = new ArrayList<>(2);
        List<String> parts = parts(in, modifiers);
        int dimensions = 0;
        if (in.accept("array")) {
            dimensions = 1;
            if (in.acceptMark("[")) {
                in.signedLong();
                in.expectMark("]");
            }
        } else {
            while (in.isMark("[")
                    && (in.peek(1).isMark("]")
                            || (in.peek(1).kind() == Token.Kind.NUMBER
                                    && in.peek(2).isMark("]")))) {
                in.moveTo(in.index() + (in.peek(1).isMark("]") ? 2 : 3));
                dimensions++;
            }
        }
        return new TypeName(parts, modifiers, dimensions, position);
    }

    private static List<String> parts(TokenCursor in, List<Integer> modifiers) {
        Token first = in.peek();
        if (first.kind() == Token.Kind.WORD && !in.peek(1).isMark(".")) {
            String spelled = builtIn(in, first.text(), modifiers);
            if (spelled != null) {
                return List.of(spelled);
            }
            if (!Keywords.isFunctionName(first.text())) {
                throw in.fail();
            }
        }
        List<String> parts = new ArrayList<>(2);
        parts.add(in.label());
        while (in.acceptMark(".")) {
            parts.add(in.label());
        }
        if (parts.size() > 3) {
            throw SqlException.notSupported(
                    "the type name " + String.join(".", parts), first.position());
        }
        modifiers(in, modifiers);
        return parts;
    }

    private static @Nullable String builtIn(TokenCursor in, String word, List<Integer> modifiers) {
        return switch (word) {
            case "double" -> {
                if (!in.accept("double", "precision")) {
                    yield null;
                }
                yield "double precision";
            }
            case "national", "character", "char", "nchar" -> {
                in.next();
                if (word.equals("national") && !in.accept("character") && !in.accept("char")) {
                    throw in.fail();
                }
                boolean varying = in.accept("varying");
                modifiers(in, modifiers);
                if (!varying && modifiers.isEmpty()) {
                    modifiers.add(1);
                }
                yield varying ? "character varying" : "bpchar";
            }
            case "bit" -> throw SqlException.notSupported("type bit", in.peek().position());
            case "timestamp", "time" -> {
                in.next();
                modifiers(in, modifiers);
                if (in.accept("with", "time", "zone")) {
                    yield word + " with time zone";
                }
                if (in.accept("without", "time", "zone")) {
                    yield word + " without time zone";
                }
                yield word;
            }
            case "interval" -> {
                in.next();
                if (in.isMark("(")) {
                    modifiers.add(IntervalText.FULL_RANGE);
                    precision(in, modifiers);
                } else {
                    intervalFields(in, modifiers);
                }
                yield word;
            }
            case "dec" -> {
                in.next();
                modifiers(in, modifiers);
                yield "decimal";
            }
            case "float" -> {
                in.next();
                modifiers(in, modifiers);
                boolean small = !modifiers.isEmpty() && modifiers.getFirst() <= 24;
                modifiers.clear();
                yield small ? "float4" : "float8";
            }
            default -> null;
        };
    }

    /**
     * The type of a literal whose string has just been read: INTERVAL has its fields behind it.
     *
     * @param first the first token of the type
     */
    static TypeName withFields(TokenCursor in, TypeName type, Token first) {
        if (first.kind() != Token.Kind.WORD
                || !first.text().equals("interval")
                || !isIntervalField(in.peek())) {
            return type;
        }
        if (!type.modifiers().isEmpty()) {
            throw in.fail();
        }
        List<Integer> modifiers = new ArrayList<>(2);
        intervalFields(in, modifiers);
        return new TypeName(type.parts(), modifiers, type.arrayDimensions(), type.position());
    }

    private static boolean isIntervalField(Token token) {
        return token.kind() == Token.Kind.WORD && INTERVAL_FIELDS.contains(token.text());
    }

    /** DAY, DAY TO HOUR, SECOND(2) and so on, or nothing. */
    private static void intervalFields(TokenCursor in, List<Integer> modifiers) {
        if (!isIntervalField(in.peek())) {
            return;
        }
        int first = INTERVAL_FIELDS.indexOf(in.next().text());
        int last = first;
        boolean lowest = first == INTERVAL_FIELDS.indexOf("month") || first == SECOND_FIELD;
        if (!lowest && in.accept("to")) {
            boolean months = first <= INTERVAL_FIELDS.indexOf("month");
            last = isIntervalField(in.peek()) ? INTERVAL_FIELDS.indexOf(in.peek().text()) : -1;
            if (last <= first || (months && last > INTERVAL_FIELDS.indexOf("month"))) {
                throw in.fail();
            }
            in.next();
        }
        int range = 0;
        for (int i = first; i <= last; i++) {
            range |= FIELD_BITS.get(i);
        }
        modifiers.add(range);
        if (last == SECOND_FIELD) {
            precision(in, modifiers);
        }
        if (in.isMark("(") || in.isWord("to")) {
            throw in.fail();
        }
    }

    /** One number without a sign in parentheses, or nothing. */
    private static void precision(TokenCursor in, List<Integer> modifiers) {
        if (!in.isMark("(")) {
            return;
        }
        in.next();
        if (in.peek().kind() != Token.Kind.NUMBER) {
            throw in.fail();
        }
        long value = in.signedLong();
        if (value != (int) value) {
            throw in.fail();
        }
        modifiers.add((int) value);
        in.expectMark(")");
    }

    private static void modifiers(TokenCursor in, List<Integer> modifiers) {
        if (!in.isMark("(")) {
            return;
        }
        in.next();
        do {
            long value = in.signedLong();
            if (value != (int) value) {
                throw in.fail();
            }
            modifiers.add((int) value);
        } while (in.acceptMark(","));
        in.expectMark(")");
    }

    /**
     * The index of the string in {@code type 'string'} if such a literal starts here, else -1. Only
     * looks; {@link #parse} then reads the type.
     */
    static int typedLiteralAt(List<Token> tokens, int start) {
        int i = start;
        if (!tokens.get(i).isName()) {
            return -1;
        }
        i++;
        boolean spelled = true;
        while (spelled) {
            Token token = tokens.get(i);
            switch (token.kind()) {
                case STRING -> {
                    return i;
                }
                case MARK -> {
                    if (token.text().equals(".") && tokens.get(i + 1).isName()) {
                        i += 2;
                    } else if (token.text().equals("(")) {
                        i = afterModifiers(tokens, i);
                        spelled = i > 0;
                    } else {
                        return -1;
                    }
                }
                case WORD -> {
                    switch (token.text()) {
                        case "precision",
                                "varying",
                                "with",
                                "without",
                                "time",
                                "zone",
                                "character",
                                "char" ->
                                i++;
                        default -> {
                            return -1;
                        }
                    }
                }
                default -> {
                    return -1;
                }
            }
        }
        return -1;
    }

    private static int afterModifiers(List<Token> tokens, int open) {
        int i = open + 1;
        while (tokens.get(i).kind() == Token.Kind.NUMBER) {
            if (tokens.get(i + 1).isMark(")")) {
                return i + 2;
            }
            if (!tokens.get(i + 1).isMark(",")) {
                return -1;
            }
            i += 2;
        }
        return -1;
    }
}
