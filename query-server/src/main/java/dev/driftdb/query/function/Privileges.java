package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks what the functions that ask for privileges are given: PostgreSQL manual, 9.26. */
final class Privileges {
    private static final Map<String, List<String>> KINDS =
            Map.ofEntries(
                    Map.entry(
                            "table",
                            List.of(
                                    "SELECT",
                                    "INSERT",
                                    "UPDATE",
                                    "DELETE",
                                    "TRUNCATE",
                                    "REFERENCES",
                                    "TRIGGER",
                                    "RULE")),
                    Map.entry("any_column", List.of("SELECT", "INSERT", "UPDATE", "REFERENCES")),
                    Map.entry("column", List.of("SELECT", "INSERT", "UPDATE", "REFERENCES")),
                    Map.entry("sequence", List.of("USAGE", "SELECT", "UPDATE")),
                    Map.entry("schema", List.of("CREATE", "USAGE")),
                    Map.entry("database", List.of("CREATE", "TEMPORARY", "TEMP", "CONNECT")),
                    Map.entry("function", List.of("EXECUTE")),
                    Map.entry("type", List.of("USAGE")),
                    Map.entry("language", List.of("USAGE")),
                    Map.entry("server", List.of("USAGE")),
                    Map.entry("tablespace", List.of("CREATE")),
                    Map.entry("role", List.of("USAGE", "MEMBER", "SET")));

    private static final List<String> LANGUAGES = List.of("internal", "c", "sql", "plpgsql");

    private Privileges() {}

    /**
     * @param list privileges with commas between them, each maybe WITH GRANT OPTION
     * @throws SqlException 22023 for one that this kind of object does not have
     */
    static void check(String kind, String list) {
        for (String written : list.split(",", -1)) {
            String name = written.strip().toUpperCase(Locale.ROOT);
            for (String option : List.of(" WITH GRANT OPTION", " WITH ADMIN OPTION")) {
                boolean allowed = option.contains("GRANT") || kind.equals("role");
                if (allowed && name.endsWith(option)) {
                    name = name.substring(0, name.length() - option.length());
                }
            }
            if (!KINDS.getOrDefault(kind, List.of()).contains(name)) {
                throw SqlErrors.invalidParameter(
                        "unrecognized privilege type: \"" + written.strip() + "\"");
            }
        }
    }

    /** Refuses the name of a database, tablespace, language or server that there is not. */
    static void requireObject(String kind, String name, EvalContext context) {
        boolean known =
                switch (kind) {
                    case "database" -> name.equals(context.database());
                    case "tablespace" -> name.equals("pg_default") || name.equals("pg_global");
                    case "language" -> LANGUAGES.contains(name);
                    default -> false;
                };
        if (!known) {
            throw new SqlException(
                    kind.equals("database")
                            ? SqlState.INVALID_CATALOG_NAME
                            : SqlState.UNDEFINED_OBJECT,
                    kind + " \"" + name + "\" does not exist");
        }
    }

    /** 42704 for a role's name that is not known; public is everybody. */
    static void requireRole(@Nullable Object role, EvalContext context) {
        if (role instanceof String name
                && !name.equals("public")
                && context.catalog().findRole(name) == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "role \"" + name + "\" does not exist");
        }
    }
}
