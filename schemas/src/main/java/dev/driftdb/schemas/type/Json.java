package dev.driftdb.schemas.type;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.driftdb.schemas.error.SqlException;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A JSON value as a tree, with jsonb's order and canonical text. Immutable.
 *
 * <p>Objects keep their keys in jsonb's order (by length in bytes, then by bytes), the last of
 * duplicate keys wins. Numbers keep their scale.
 */
public sealed interface Json extends Comparable<Json> {
    /** Nesting deeper than this is refused (PostgreSQL's own bound is its stack). */
    int DEPTH_MAX = 1000;

    Comparator<String> KEY_ORDER = Json::compareKeys;

    JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX)
                                    .maxNumberLength(200_000)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    record Null() implements Json {}

    record Str(String value) implements Json {}

    record Num(BigDecimal value) implements Json {}

    record Bool(boolean value) implements Json {}

    record Arr(List<Json> items) implements Json {
        public Arr {
            items = List.copyOf(items);
        }
    }

    /** Members in key order. */
    record Obj(SortedMap<String, Json> members) implements Json {
        public Obj {
            members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
        }

        public static Obj of(Map<String, Json> members) {
            TreeMap<String, Json> sorted = new TreeMap<>(KEY_ORDER);
            sorted.putAll(members);
            return new Obj(sorted);
        }
    }

    /**
     * @param typeName for the message: json
     * @throws SqlException 22P02 for text that is not JSON, 22P05 for {@code \\u0000}, 54001 for
     *     too deep nesting
     */
    static Json parse(String text, String typeName) {
        return new JsonReader(typeName, text, true).read();
    }

    static Json parse(Jsonb value) {
        return parse(value.text(), "json");
    }

    /**
     * Whether text is JSON, as input of type json: escapes of strings may stand for anything.
     *
     * @throws SqlException 22P02, 54001
     */
    static void check(String text) {
        new JsonReader("json", text, false).read();
    }

    default Jsonb toJsonb() {
        return new Jsonb(text());
    }

    /** jsonb's canonical text. */
    default String text() {
        StringBuilder out = new StringBuilder();
        write(this, out);
        return out.toString();
    }

    private static void write(Json value, StringBuilder out) {
        switch (value) {
            case Null _ -> out.append("null");
            case Bool(boolean b) -> out.append(b);
            case Num(BigDecimal n) -> out.append(n.toPlainString());
            case Str(String s) -> quote(s, out);
            case Arr(List<Json> items) -> {
                out.append('[');
                for (int i = 0; i < items.size(); i++) {
                    out.append(i > 0 ? ", " : "");
                    write(items.get(i), out);
                }
                out.append(']');
            }
            case Obj(SortedMap<String, Json> members) -> {
                out.append('{');
                String separator = "";
                for (Map.Entry<String, Json> member : members.entrySet()) {
                    out.append(separator);
                    quote(member.getKey(), out);
                    write(member.getValue(), out.append(": "));
                    separator = ", ";
                }
                out.append('}');
            }
        }
    }

    /** Appends a JSON string literal, escaped as PostgreSQL does. */
    static void quote(String s, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static int compareKeys(String a, String b) {
        byte[] x = a.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] y = b.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return x.length != y.length
                ? Integer.compare(x.length, y.length)
                : Arrays.compareUnsigned(x, y);
    }

    private int rank() {
        return switch (this) {
            case Null _ -> 0;
            case Str _ -> 1;
            case Num _ -> 2;
            case Bool _ -> 3;
            case Arr _ -> 4;
            case Obj _ -> 5;
        };
    }

    private boolean isScalar() {
        return !(this instanceof Arr) && !(this instanceof Obj);
    }

    /**
     * The order of whole values: the empty array lies below all scalars, an oddity of PostgreSQL.
     */
    static int compareWhole(Json a, Json b) {
        boolean aEmpty = a instanceof Arr(List<Json> items) && items.isEmpty();
        boolean bEmpty = b instanceof Arr(List<Json> items) && items.isEmpty();
        if (aEmpty && b.isScalar()) {
            return -1;
        }
        return bEmpty && a.isScalar() ? 1 : a.compareTo(b);
    }

    /** jsonb's order: object, array, boolean, number, string, null; more members above fewer. */
    @Override
    default int compareTo(Json other) {
        return switch (this) {
            case Str(String a) when other instanceof Str(String b) -> ValueOrder.compareText(a, b);
            case Num(BigDecimal a) when other instanceof Num(BigDecimal b) -> a.compareTo(b);
            case Bool(boolean a) when other instanceof Bool(boolean b) -> Boolean.compare(a, b);
            case Arr(List<Json> a) when other instanceof Arr(List<Json> b) -> compareItems(a, b);
            case Obj(SortedMap<String, Json> a)
                    when other instanceof Obj(SortedMap<String, Json> b) ->
                    compareMembers(a, b);
            default -> Integer.compare(rank(), other.rank());
        };
    }

    private static int compareItems(List<Json> a, List<Json> b) {
        int result = Integer.compare(a.size(), b.size());
        for (int i = 0; result == 0 && i < a.size(); i++) {
            result = a.get(i).compareTo(b.get(i));
        }
        return result;
    }

    private static int compareMembers(SortedMap<String, Json> a, SortedMap<String, Json> b) {
        int result = Integer.compare(a.size(), b.size());
        Iterator<Map.Entry<String, Json>> x = a.entrySet().iterator();
        Iterator<Map.Entry<String, Json>> y = b.entrySet().iterator();
        while (result == 0 && x.hasNext()) {
            Map.Entry<String, Json> left = x.next();
            Map.Entry<String, Json> right = y.next();
            result = ValueOrder.compareText(left.getKey(), right.getKey());
            if (result == 0) {
                result = left.getValue().compareTo(right.getValue());
            }
        }
        return result;
    }

    /** A hash that is equal where the order says equal. */
    default int orderHash() {
        return switch (this) {
            case Null _ -> 1;
            case Bool(boolean b) -> Boolean.hashCode(b);
            case Num(BigDecimal n) -> n.stripTrailingZeros().hashCode();
            case Str(String s) -> s.hashCode();
            case Arr(List<Json> items) -> {
                int hash = 7;
                for (Json item : items) {
                    hash = hash * 31 + item.orderHash();
                }
                yield hash;
            }
            case Obj(SortedMap<String, Json> members) -> {
                int hash = 17;
                for (Map.Entry<String, Json> member : members.entrySet()) {
                    hash = hash * 31 + member.getKey().hashCode();
                    hash = hash * 31 + member.getValue().orderHash();
                }
                yield hash;
            }
        };
    }
}
