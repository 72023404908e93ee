package dev.driftdb.query.explain;

import dev.driftdb.schemas.type.Json;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tree of named values in the formats JSON, YAML and XML, laid out as PostgreSQL does. Values are
 * String, {@link Plain} (numbers and booleans), List of String, List of Map, or Map.
 */
final class Structure {
    /** A value that is written without quotes. */
    record Plain(String text) {
        static Plain of(long value) {
            return new Plain(Long.toString(value));
        }

        static Plain of(boolean value) {
            return new Plain(Boolean.toString(value));
        }

        static Plain of(double value, int digits) {
            return new Plain(String.format(java.util.Locale.ROOT, "%." + digits + "f", value));
        }
    }

    /** Keys whose lists hold groups, or strings in lines of their own. */
    private static final Set<String> GROUPS = Set.of("Plans", "Triggers", "Grouping Sets");

    private final StringBuilder out = new StringBuilder();

    private Structure() {}

    // ---- JSON ----

    static String json(Map<String, Object> query) {
        Structure structure = new Structure();
        structure.out.append("[\n  ");
        structure.jsonGroup(query, 1);
        return structure.out.append("\n]").toString();
    }

    private void jsonGroup(Map<String, Object> group, int depth) {
        out.append("{");
        String separator = "\n";
        for (Map.Entry<String, Object> entry : group.entrySet()) {
            out.append(separator).append("  ".repeat(depth + 1));
            separator = ",\n";
            Json.quote(entry.getKey(), out);
            out.append(": ");
            jsonValue(entry.getKey(), entry.getValue(), depth + 1);
        }
        out.append("\n").append("  ".repeat(depth)).append("}");
    }

    @SuppressWarnings("unchecked") // the shapes of the class comment
    private void jsonValue(String key, Object value, int depth) {
        switch (value) {
            case Plain plain -> out.append(plain.text());
            case Map<?, ?> group -> jsonGroup((Map<String, Object>) group, depth);
            case List<?> list when GROUPS.contains(key) -> {
                out.append("[");
                String separator = "\n";
                for (Object item : list) {
                    out.append(separator).append("  ".repeat(depth + 1));
                    separator = ",\n";
                    jsonGroup((Map<String, Object>) item, depth + 1);
                }
                out.append("\n").append("  ".repeat(depth)).append("]");
            }
            case List<?> list -> {
                out.append("[");
                String separator = "";
                for (Object item : list) {
                    out.append(separator);
                    separator = ", ";
                    jsonItem(item);
                }
                out.append("]");
            }
            default -> Json.quote(value.toString(), out);
        }
    }

    private void jsonItem(Object item) {
        if (item instanceof List<?> inner) {
            jsonValue("", inner, 0);
        } else {
            Json.quote(item.toString(), out);
        }
    }

    // ---- YAML ----

    static String yaml(Map<String, Object> query) {
        Structure structure = new Structure();
        structure.yamlGroup(query, 0);
        return structure.out.toString();
    }

    /** A group that is an item of a list: a dash before its first key. */
    private void yamlGroup(Map<String, Object> group, int depth) {
        boolean first = true;
        for (Map.Entry<String, Object> entry : group.entrySet()) {
            if (!out.isEmpty()) {
                out.append("\n");
            }
            out.append("  ".repeat(depth)).append(first ? "- " : "  ");
            first = false;
            yamlEntry(entry.getKey(), entry.getValue(), depth + 1);
        }
    }

    @SuppressWarnings("unchecked") // the shapes of the class comment
    private void yamlEntry(String key, Object value, int depth) {
        out.append(key).append(": ");
        switch (value) {
            case Plain plain -> out.append(plain.text());
            case Map<?, ?> group -> {
                for (Map.Entry<String, Object> entry : ((Map<String, Object>) group).entrySet()) {
                    out.append("\n").append("  ".repeat(depth + 1));
                    yamlEntry(entry.getKey(), entry.getValue(), depth + 1);
                }
            }
            case List<?> list when GROUPS.contains(key) ->
                    list.forEach(item -> yamlGroup((Map<String, Object>) item, depth + 1));
            case List<?> list -> {
                for (Object item : list) {
                    out.append("\n").append("  ".repeat(depth + 1)).append("- ");
                    jsonItem(item);
                }
            }
            default -> Json.quote(value.toString(), out);
        }
    }

    // ---- XML ----

    static String xml(Map<String, Object> query) {
        Structure structure = new Structure();
        structure.out.append("<explain xmlns=\"http://www.postgresql.org/2009/explain\">");
        structure.xmlEntry("Query", query, 1);
        return structure.out.append("\n</explain>").toString();
    }

    @SuppressWarnings("unchecked") // the shapes of the class comment
    private void xmlEntry(String key, Object value, int depth) {
        String tag = tag(key);
        String indent = "\n" + "  ".repeat(depth);
        out.append(indent).append('<').append(tag).append('>');
        switch (value) {
            case Plain plain -> out.append(plain.text());
            case Map<?, ?> group -> {
                ((Map<String, Object>) group).forEach((k, v) -> xmlEntry(k, v, depth + 1));
                out.append(indent);
            }
            case List<?> list -> {
                String item =
                        switch (key) {
                            case "Plans" -> "Plan";
                            case "Grouping Sets" -> "Grouping Set";
                            case "Hash Keys" -> "Hash Key";
                            default -> "Item";
                        };
                list.forEach(each -> xmlEntry(item, each, depth + 1));
                out.append(indent);
            }
            default -> out.append(xmlText(value.toString()));
        }
        out.append("</").append(tag).append('>');
    }

    private static String tag(String key) {
        StringBuilder tag = new StringBuilder();
        key.chars()
                .forEach(c ->
                        tag.append(
                                Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.'
                                        ? (char) c
                                        : '-'));
        return tag.toString();
    }

    private static String xmlText(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\r", "&#x0d;");
    }
}
