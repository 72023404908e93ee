package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** pg_input_is_valid and pg_input_error_info: whether a type's input function takes a text. */
final class InputFunctions {
    private static final Pattern MODIFIERS =
            Pattern.compile("\\(\\s*(-?\\d{1,6})\\s*(?:,\\s*(-?\\d{1,6})\\s*)?\\)");

    /** PostgreSQL's header size, added to lengths in a type modifier. */
    private static final int HEADER = 4;

    private InputFunctions() {}

    static void define(Definitions d, RegNames names) {
        d.define("pg_input_is_valid", BOOL, TEXT, TEXT)
                .stable()
                .eval((a, c) -> failure(names, a, c) == null);
        d.table(
                "pg_input_error_info",
                List.of("message", "detail", "hint", "sql_error_code"),
                List.of(TEXT, TEXT, TEXT, TEXT),
                0,
                (a, c) -> rows(failure(names, a, c)),
                TEXT,
                TEXT);
    }

    private static Iterator<@Nullable Object[]> rows(@Nullable SqlException failure) {
        @Nullable Object[] row =
                failure == null
                        ? new Object[4]
                        : new Object[] {
                            failure.getMessage(),
                            failure.detail(),
                            failure.hint(),
                            failure.state().code()
                        };
        return List.<@Nullable Object[]>of(row).iterator();
    }

    private static @Nullable SqlException failure(
            RegNames names, @Nullable Object[] a, EvalContext context) {
        String text = (String) Objects.requireNonNull(a[0]);
        String name = (String) Objects.requireNonNull(a[1]);
        SqlType type = RegNames.findType(name);
        if (type == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "type \"" + name + "\" does not exist");
        }
        try {
            if (RegNames.isReference(type)) {
                names.parse(type, text, context);
            } else {
                Object value = TextFormat.parse(type, text, context.format());
                TypeModifiers.apply(type, value, modifier(type, name), false);
            }
            return null;
        } catch (SqlException e) {
            return e;
        }
    }

    private static int modifier(SqlType type, String name) {
        SqlType element = type.isArray() ? type.element() : type;
        Matcher m = MODIFIERS.matcher(name);
        if (!m.find()) {
            boolean one = element.equals(Types.BPCHAR) && !name.contains("bpchar");
            return one ? 1 + HEADER : -1;
        }
        int first = Integer.parseInt(m.group(1));
        int second = m.group(2) == null ? 0 : Integer.parseInt(m.group(2));
        return switch (element.name()) {
            case "varchar", "bpchar" -> first + HEADER;
            case "numeric" -> (first << 16 | (second & 0x7FF)) + HEADER;
            case "time", "timetz", "timestamp", "timestamptz" -> first;
            default -> -1;
        };
    }
}
