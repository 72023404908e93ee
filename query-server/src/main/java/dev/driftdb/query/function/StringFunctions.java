package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.ANY;
import static dev.driftdb.schemas.type.Types.ANYNONARRAY;
import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.BPCHAR;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.NAME;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TEXT_ARRAY;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** PostgreSQL manual, 9.4 String Functions and Operators. Positions count characters from 1. */
final class StringFunctions {
    /** Longer results are refused, as PostgreSQL refuses values above 1 GB. */
    static final int LENGTH_MAX = 1 << 29;

    private StringFunctions() {}

    static void define(Definitions d) {
        lengths(d);
        cases(d);
        parts(d);
        trims(d);
        pads(d);
        quotes(d);
        concatenation(d);
        splits(d);
    }

    static int length(String s) {
        return s.codePointCount(0, s.length());
    }

    private static void lengths(Definitions d) {
        for (String name : List.of("length", "char_length", "character_length")) {
            d.fn(name, TEXT, INT4, (String s) -> (long) length(s));
            d.fn(name, BPCHAR, INT4, (String s) -> (long) length(ValueOrder.stripBlanks(s)));
        }
        d.fn("octet_length", TEXT, INT4, (String s) -> (long) utf8(s).length);
        d.fn("octet_length", BPCHAR, INT4, (String s) -> (long) utf8(s).length);
        d.fn("bit_length", TEXT, INT4, (String s) -> utf8(s).length * 8L);
    }

    static byte[] utf8(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static void cases(Definitions d) {
        d.fn("lower", TEXT, TEXT, (String s) -> map(s, Character::toLowerCase));
        d.fn("upper", TEXT, TEXT, (String s) -> map(s, Character::toUpperCase));
        d.fn("initcap", TEXT, TEXT, StringFunctions::initcap);
        d.fn("reverse", TEXT, TEXT, (String s) -> new StringBuilder(s).reverse().toString());
        d.fn("ascii", TEXT, INT4, (String s) -> s.isEmpty() ? 0L : (long) s.codePointAt(0));
        d.fn("chr", INT4, TEXT, StringFunctions::chr);
        d.fn("to_hex", INT4, TEXT, (Long n) -> Integer.toHexString((int) (long) n));
        d.fn("to_hex", INT8, TEXT, (Long n) -> Long.toHexString(n));
    }

    /** Character by character: the length in characters stays, so that ß has no upper case. */
    private static String map(String s, IntUnaryOperator mapping) {
        StringBuilder out = new StringBuilder(s.length());
        for (int i = 0; i < s.length(); ) {
            int c = s.codePointAt(i);
            out.appendCodePoint(mapping.applyAsInt(c));
            i += Character.charCount(c);
        }
        return out.toString();
    }

    private static String initcap(String s) {
        StringBuilder out = new StringBuilder(s.length());
        boolean inWord = false;
        for (int c : s.codePoints().toArray()) {
            out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
            inWord = Character.isLetterOrDigit(c);
        }
        return out.toString();
    }

    private static String chr(Long code) {
        if (code == 0) {
            throw new SqlException(SqlState.PROGRAM_LIMIT_EXCEEDED, "null character not permitted");
        }
        if (code < 0) {
            throw SqlErrors.invalidParameter("character number must be positive");
        }
        boolean surrogate = code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
        if (code > Character.MAX_CODE_POINT || surrogate) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "requested character "
                            + (surrogate ? "not valid" : "too large")
                            + " for encoding: "
                            + code);
        }
        return Character.toString((int) (long) code);
    }

    private static void parts(Definitions d) {
        for (String name : List.of("substr", "substring")) {
            d.fn(name, TEXT, INT4, TEXT, (String s, Long from) -> substring(s, from, null));
            d.fn(name, TEXT, INT4, INT4, TEXT, StringFunctions::substring);
        }
        for (String name : List.of("position", "strpos")) {
            d.fn(name, TEXT, TEXT, INT4, (String s, String part) -> position(s, part));
        }
        d.fn(
                "left",
                TEXT,
                INT4,
                TEXT,
                (String s, Long n) -> {
                    long count = n >= 0 ? n : Math.max(0, length(s) + n);
                    return substring(s, 1L, count);
                });
        d.fn(
                "right",
                TEXT,
                INT4,
                TEXT,
                (String s, Long n) -> {
                    long count = length(s);
                    // As PostgreSQL negates it: the least integer stays negative.
                    long skipped = n >= 0 ? Math.max(0, count - n) : (int) -n;
                    return substring(s, skipped + 1, null);
                });
        d.fn(
                "overlay",
                TEXT,
                TEXT,
                INT4,
                TEXT,
                (String s, String with, Long from) -> overlay(s, with, from, length(with)));
        d.define("overlay", TEXT, TEXT, TEXT, INT4, INT4)
                .eval((a, _) -> overlay(text(a, 0), text(a, 1), number(a, 2), number(a, 3)));
        d.fn("starts_with", TEXT, TEXT, BOOL, (String s, String p) -> s.startsWith(p));
        d.op("^@", TEXT, TEXT, BOOL, (String s, String p) -> s.startsWith(p));
        d.fn(
                "replace",
                TEXT,
                TEXT,
                TEXT,
                TEXT,
                (String s, String from, String to) -> from.isEmpty() ? s : s.replace(from, to));
        d.fn("translate", TEXT, TEXT, TEXT, TEXT, StringFunctions::translate);
    }

    private static String text(@Nullable Object[] arguments, int index) {
        return (String) Objects.requireNonNull(arguments[index]);
    }

    private static long number(@Nullable Object[] arguments, int index) {
        return (Long) Objects.requireNonNull(arguments[index]);
    }

    static String substring(String s, Long from, @Nullable Long count) {
        if (count != null && count < 0) {
            throw new SqlException(
                    SqlState.SUBSTRING_ERROR, "negative substring length not allowed");
        }
        int length = length(s);
        // A start before the text uses up the count.
        long start = Math.max(from - 1, 0);
        long end = count == null ? length : Math.min(from - 1 + count, length);
        if (start >= end) {
            return "";
        }
        int first = s.offsetByCodePoints(0, (int) start);
        return s.substring(first, s.offsetByCodePoints(first, (int) (end - start)));
    }

    private static Long position(String s, String part) {
        int at = s.indexOf(part);
        return at < 0 ? 0L : s.codePointCount(0, at) + 1L;
    }

    private static String overlay(String s, String with, long from, long count) {
        if (from <= 0) {
            throw new SqlException(
                    SqlState.SUBSTRING_ERROR, "negative substring length not allowed");
        }
        return substring(s, 1L, from - 1) + with + substring(s, from + count, null);
    }

    private static String translate(String s, String from, String to) {
        int[] source = from.codePoints().toArray();
        int[] target = to.codePoints().toArray();
        Map<Integer, Integer> map = new HashMap<>();
        for (int i = 0; i < source.length; i++) {
            map.putIfAbsent(source[i], i < target.length ? target[i] : -1);
        }
        StringBuilder out = new StringBuilder(s.length());
        s.codePoints()
                .forEach(c -> {
                    int mapped = map.getOrDefault(c, c);
                    if (mapped >= 0) {
                        out.appendCodePoint(mapped);
                    }
                });
        return out.toString();
    }

    private static void trims(Definitions d) {
        d.fn("btrim", TEXT, TEXT, (String s) -> trim(s, " ", true, true));
        d.fn("ltrim", TEXT, TEXT, (String s) -> trim(s, " ", true, false));
        d.fn("rtrim", TEXT, TEXT, (String s) -> trim(s, " ", false, true));
        d.fn("btrim", TEXT, TEXT, TEXT, (String s, String set) -> trim(s, set, true, true));
        d.fn("ltrim", TEXT, TEXT, TEXT, (String s, String set) -> trim(s, set, true, false));
        d.fn("rtrim", TEXT, TEXT, TEXT, (String s, String set) -> trim(s, set, false, true));
    }

    private static String trim(String s, String set, boolean start, boolean end) {
        int from = 0;
        int to = s.length();
        while (start && from < to && set.indexOf(s.codePointAt(from)) >= 0) {
            from += Character.charCount(s.codePointAt(from));
        }
        while (end && to > from && set.indexOf(s.codePointBefore(to)) >= 0) {
            to -= Character.charCount(s.codePointBefore(to));
        }
        return s.substring(from, to);
    }

    private static void pads(Definitions d) {
        d.fn("lpad", TEXT, INT4, TEXT, (String s, Long n) -> pad(s, n, " ", true));
        d.fn("rpad", TEXT, INT4, TEXT, (String s, Long n) -> pad(s, n, " ", false));
        d.fn(
                "lpad",
                TEXT,
                INT4,
                TEXT,
                TEXT,
                (String s, Long n, String fill) -> pad(s, n, fill, true));
        d.fn(
                "rpad",
                TEXT,
                INT4,
                TEXT,
                TEXT,
                (String s, Long n, String fill) -> pad(s, n, fill, false));
        d.fn(
                "repeat",
                TEXT,
                INT4,
                TEXT,
                (String s, Long n) -> {
                    checkLength(s.length() * Math.max(n, 0));
                    return s.repeat((int) Math.max(n, 0));
                });
    }

    private static void checkLength(long length) {
        if (length > LENGTH_MAX) {
            throw new SqlException(SqlState.PROGRAM_LIMIT_EXCEEDED, "requested length too large");
        }
    }

    private static String pad(String s, Long n, String fill, boolean left) {
        checkLength(n);
        int length = length(s);
        if (n <= length || fill.isEmpty()) {
            return substring(s, 1L, (long) Math.clamp(n, 0, length));
        }
        int[] chars = fill.codePoints().toArray();
        StringBuilder padding = new StringBuilder();
        for (int i = 0; i < n - length; i++) {
            padding.appendCodePoint(chars[i % chars.length]);
        }
        return left ? padding + s : s + padding;
    }

    private static void quotes(Definitions d) {
        d.fn("quote_ident", TEXT, TEXT, RegNames::quoteIdentifier);
        d.fn("quote_literal", TEXT, TEXT, StringFunctions::quoteLiteral);
        d.define("quote_literal", TEXT, Types.ANYELEMENT)
                .stable()
                .specialize((types, _) ->
                        (Body.Nary)
                                (a, c) -> quoteLiteral(toText(types.getFirst(), a[0], c.format())));
        d.define("quote_nullable", TEXT, TEXT)
                .nullable()
                .eval((a, _) -> a[0] == null ? "NULL" : quoteLiteral(text(a, 0)));
        d.define("quote_nullable", TEXT, Types.ANYELEMENT)
                .nullable()
                .stable()
                .specialize((types, _) ->
                        (Body.Nary)
                                (a, c) ->
                                        a[0] == null
                                                ? "NULL"
                                                : quoteLiteral(
                                                        toText(
                                                                types.getFirst(),
                                                                a[0],
                                                                c.format())));
    }

    static String quoteLiteral(String s) {
        String quoted = "'" + s.replace("'", "''").replace("\\", "\\\\") + "'";
        return s.indexOf('\\') >= 0 ? "E" + quoted : quoted;
    }

    /** What the output function of the type says; a SQL boolean is t or f here. */
    static String output(SqlType type, @Nullable Object value, EvalContext context) {
        return TextFormat.format(type, Objects.requireNonNull(value), context.format());
    }

    private static void concatenation(Definitions d) {
        d.op(
                "||",
                TEXT,
                TEXT,
                TEXT,
                (String a, String b) -> {
                    checkLength((long) a.length() + b.length());
                    return a.concat(b);
                });
        for (SqlType type : List.of(TEXT, BPCHAR)) {
            bytewise(d, type, "~<~", order -> order < 0);
            bytewise(d, type, "~<=~", order -> order <= 0);
            bytewise(d, type, "~>=~", order -> order >= 0);
            bytewise(d, type, "~>~", order -> order > 0);
        }
        concatWithAny(d, true);
        concatWithAny(d, false);
        d.define("concat", TEXT, ANY)
                .variadic()
                .nullable()
                .stable()
                .specialize((types, _) -> (Body.Nary) (a, c) -> concat("", a, 0, types, c));
        d.define("concat_ws", TEXT, TEXT, ANY)
                .variadic()
                .nullable()
                .stable()
                .specialize((types, _) ->
                        (Body.Nary)
                                (a, c) -> a[0] == null ? null : concat(text(a, 0), a, 1, types, c));
        d.define("format", TEXT, TEXT, ANY)
                .variadic()
                .defaults(1)
                .nullable()
                .stable()
                .specialize((types, _) ->
                        (Body.Nary) (a, c) -> a[0] == null ? null : FormatText.format(a, types, c));
    }

    /** Comparison by bytes, whatever the collation. */
    private static void bytewise(Definitions d, SqlType type, String symbol, IntPredicate test) {
        d.op(
                symbol,
                type,
                type,
                BOOL,
                (String a, String b) ->
                        test.test(
                                type.equals(BPCHAR)
                                        ? ValueOrder.compareText(
                                                ValueOrder.stripBlanks(a),
                                                ValueOrder.stripBlanks(b))
                                        : ValueOrder.compareText(a, b)));
    }

    private static void concatWithAny(Definitions d, boolean textFirst) {
        SqlType left = textFirst ? TEXT : ANYNONARRAY;
        SqlType right = textFirst ? ANYNONARRAY : TEXT;
        d.define(textFirst ? "textanycat" : "anytextcat", TEXT, left, right)
                .stable()
                .specialize((types, _) ->
                        (Body.Nary)
                                (a, c) ->
                                        toText(types.get(0), a[0], c.format())
                                                + toText(types.get(1), a[1], c.format()));
        d.operator("||", left, right, d.scalars.getLast());
    }

    /** As a cast to text does it: true and false in words. */
    static String toText(SqlType type, @Nullable Object value, FormatSettings settings) {
        if (value instanceof Boolean b) {
            return b ? "true" : "false";
        }
        String text = TextFormat.format(type, Objects.requireNonNull(value), settings);
        return type.equals(BPCHAR) ? ValueOrder.stripBlanks(text) : text;
    }

    private static String concat(
            String separator,
            @Nullable Object[] arguments,
            int from,
            List<SqlType> types,
            EvalContext context) {
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Argument argument : spread(arguments, from, types)) {
            if (argument.value() == null) {
                continue;
            }
            if (!first) {
                out.append(separator);
            }
            first = false;
            out.append(output(argument.type(), argument.value(), context));
        }
        return out.toString();
    }

    /** One argument of a function that takes any number of any type. */
    record Argument(SqlType type, @Nullable Object value) {}

    /** The arguments from a position on with their types. */
    static List<Argument> spread(@Nullable Object[] arguments, int from, List<SqlType> types) {
        List<Argument> result = new ArrayList<>();
        for (int i = from; i < arguments.length; i++) {
            result.add(new Argument(types.get(Math.min(i, types.size() - 1)), arguments[i]));
        }
        return result;
    }

    private static void splits(Definitions d) {
        d.fn("split_part", TEXT, TEXT, INT4, TEXT, StringFunctions::splitPart);
        d.define("string_to_array", TEXT_ARRAY, TEXT, TEXT)
                .nullable()
                .eval((a, _) ->
                        a[0] == null ? null : splitToArray(text(a, 0), (String) a[1], null));
        d.define("string_to_array", TEXT_ARRAY, TEXT, TEXT, TEXT)
                .nullable()
                .eval((a, _) ->
                        a[0] == null
                                ? null
                                : splitToArray(text(a, 0), (String) a[1], (String) a[2]));
        d.tables.add(
                new TableFunction(
                        d.oid(),
                        "pg_catalog",
                        "string_to_table",
                        List.of(TEXT, TEXT, TEXT),
                        false,
                        1,
                        List.of("string_to_table"),
                        List.of(TEXT),
                        false,
                        (a, _) -> {
                            List<@Nullable Object[]> rows = new ArrayList<>();
                            if (a[0] != null) {
                                String nullText = a.length > 2 ? (String) a[2] : null;
                                SqlArray parts = splitToArray(text(a, 0), (String) a[1], nullText);
                                parts.values().forEach(part -> rows.add(new Object[] {part}));
                            }
                            return rows.iterator();
                        }));
        d.fn("name", TEXT, NAME, TextFormat::truncateName);
    }

    private static String splitPart(String s, String delimiter, Long n) {
        if (n == 0) {
            throw SqlErrors.invalidParameter("field position must not be zero");
        }
        List<String> parts = delimiter.isEmpty() ? List.of(s) : pieces(s, delimiter);
        long index = n > 0 ? n - 1 : parts.size() + n;
        return index < 0 || index >= parts.size() ? "" : parts.get((int) index);
    }

    private static List<String> pieces(String s, String delimiter) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = s.indexOf(delimiter); at >= 0; at = s.indexOf(delimiter, from)) {
            parts.add(s.substring(from, at));
            from = at + delimiter.length();
        }
        parts.add(s.substring(from));
        return parts;
    }

    /** No delimiter: character by character; an empty one: the whole text. */
    private static SqlArray splitToArray(
            String s, @Nullable String delimiter, @Nullable String nullText) {
        List<String> parts;
        if (s.isEmpty()) {
            parts = List.of();
        } else if (delimiter == null) {
            parts = s.codePoints().mapToObj(Character::toString).toList();
        } else {
            parts = delimiter.isEmpty() ? List.of(s) : pieces(s, delimiter);
        }
        List<@Nullable Object> values = new ArrayList<>(parts.size());
        for (String part : parts) {
            values.add(part.equals(nullText) ? null : part);
        }
        return SqlArray.of(TEXT, values);
    }
}
