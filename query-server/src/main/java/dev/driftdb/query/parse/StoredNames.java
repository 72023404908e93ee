package dev.driftdb.query.parse;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How the texts of the catalog (defaults, conditions, what indexes compute) name types and
 * relations: by id, so that they mean the same under any search path and whatever those are called.
 * A relation is {@code '16400'::regclass}, a type {@code pg_type_id."16401"}. No schema can have
 * that name. Texts of older formats name by name.
 */
public final class StoredNames {
    private static final String TYPES = "pg_type_id";
    private static final int DIGITS_MAX = 10;

    private StoredNames() {}

    public static String type(int id) {
        return TYPES + ".\"" + id + "\"";
    }

    public static String relation(long id) {
        return "'" + id + "'::regclass";
    }

    /** The id that a type is named by; 0 if it is named by name. */
    public static int typeId(List<String> parts) {
        return parts.size() == 2 && parts.getFirst().equals(TYPES) ? id(parts.getLast()) : 0;
    }

    public static boolean namesType(@Nullable String sql, int id) {
        if (sql == null || !sql.contains(TYPES)) {
            return false;
        }
        List<Token> tokens = SqlParser.lex(sql);
        for (int i = 0; i < tokens.size(); i++) {
            if (typeAt(tokens, i) == id) {
                return true;
            }
        }
        return false;
    }

    public static boolean namesRelation(@Nullable String sql, int id) {
        if (sql == null || !sql.contains("::regclass")) {
            return false;
        }
        List<Token> tokens = SqlParser.lex(sql);
        for (int i = 0; i < tokens.size(); i++) {
            if (relationAt(tokens, i) == id) {
                return true;
            }
        }
        return false;
    }

    /**
     * The text with names for ids.
     *
     * @param types the name of a type, with its schema's where it needs that
     * @param elements the same of the type that an array is over
     * @param relations the name of a relation; null leaves the id
     */
    public static String shown(
            String sql,
            IntFunction<String> types,
            IntFunction<String> elements,
            IntFunction<@Nullable String> relations) {
        if (!sql.contains(TYPES) && !sql.contains("::regclass")) {
            return sql;
        }
        List<Token> tokens = SqlParser.lex(sql);
        Map<Integer, String> names = new HashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            int type = typeAt(tokens, i);
            int relation = relationAt(tokens, i);
            if (type != 0) {
                Token next = tokens.get(i + 3);
                boolean array = next.isMark("[") || next.isWord("array");
                names.put(
                        tokens.get(i).position(), array ? elements.apply(type) : types.apply(type));
            } else if (relation != 0) {
                String name = relations.apply(relation);
                if (name != null) {
                    names.put(
                            tokens.get(i).position(),
                            "'" + name.replace("'", "''") + "'::regclass");
                }
            }
        }
        return names.isEmpty() ? sql : SqlParser.renamed(sql, names);
    }

    /**
     * The text with other strings in it.
     *
     * @param strings the new values by the position of the old ones
     */
    public static String withStrings(String sql, Map<Integer, String> strings) {
        StringBuilder result = new StringBuilder();
        int end = 0;
        for (Token token : SqlParser.lex(sql)) {
            String value = strings.get(token.position());
            if (value != null && token.kind() == Token.Kind.STRING) {
                boolean escapes = value.indexOf('\\') >= 0;
                String quoted = value.replace("'", "''");
                result.append(sql, end, token.start())
                        .append(escapes ? "E'" + quoted.replace("\\", "\\\\") : "'" + quoted)
                        .append('\'');
                end = token.end();
            }
        }
        return result.append(sql, end, sql.length()).toString();
    }

    private static int typeAt(List<Token> tokens, int i) {
        return tokens.get(i).isWord(TYPES)
                        && tokens.get(i + 1).isMark(".")
                        && tokens.get(i + 2).kind() == Token.Kind.QUOTED
                ? id(tokens.get(i + 2).text())
                : 0;
    }

    private static int relationAt(List<Token> tokens, int i) {
        return tokens.get(i).kind() == Token.Kind.STRING
                        && tokens.get(i + 1).isMark("::")
                        && tokens.get(i + 2).isWord("regclass")
                ? id(tokens.get(i).text())
                : 0;
    }

    private static int id(String text) {
        if (text.isEmpty()
                || text.length() > DIGITS_MAX
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return 0;
        }
        long id = Long.parseLong(text);
        return id > Integer.MAX_VALUE ? 0 : (int) id;
    }
}
