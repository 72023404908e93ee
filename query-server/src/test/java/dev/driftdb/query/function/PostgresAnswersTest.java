package dev.driftdb.query.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.query.catalog.SystemRelation;
import dev.driftdb.query.catalog.SystemRelations;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.ScalarFunction.Body;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call of the files in functions/ gives what PostgreSQL 15 gave. */
class PostgresAnswersTest {
    static final SystemRelations NO_RELATIONS =
            new SystemRelations() {
                @Override
                public @Nullable SystemRelation find(String schema, String name) {
                    return null;
                }

                @Override
                public Collection<SystemRelation> all() {
                    return List.of();
                }
            };

    private static final BuiltinFunctions FUNCTIONS = new BuiltinFunctions(NO_RELATIONS);
    private static final EvalContext CONTEXT = new FunctionContext(Catalog.EMPTY);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arithmetic",
                "math",
                "strings",
                "patterns",
                "datetime",
                "json",
                "arrays",
                "system",
                "casts",
                "formatting"
            })
    void functions_answer_as_postgres_does(String chapter) throws IOException {
        List<String> wrong = new ArrayList<>();
        int count = 0;
        try (InputStream in = getClass().getResourceAsStream("/functions/" + chapter + ".txt")) {
            String file =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            for (String line : file.split("\n")) {
                if (!line.startsWith("# ")) {
                    check(line, wrong);
                    count++;
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(count).isPositive();
    }

    private static void check(String line, List<String> wrong) {
        String[] parts = line.split("\t", -1);
        String expected = parts[parts.length - 1];
        List<SqlType> types = new ArrayList<>();
        List<@Nullable Object> values = new ArrayList<>();
        String actual;
        try {
            for (int i = 1; i < parts.length - 2; i += 2) {
                SqlType type = type(parts[i]);
                types.add(type);
                values.add(
                        parts[i + 1].equals("\\N")
                                ? null
                                : TextFormat.parse(
                                        type, unescape(parts[i + 1]), FormatSettings.UTC));
            }
            actual = escape(call(parts[0], types, values));
        } catch (SqlException e) {
            actual = "!" + e.state().code();
            if (!actual.equals(expected)) {
                actual += " " + e.getMessage();
            }
        } catch (RuntimeException e) {
            actual = e.toString();
        }
        if (!actual.equals(expected)) {
            wrong.add(line + "\n     but was: " + actual + "\n");
        }
    }

    private static SqlType type(String name) {
        return Objects.requireNonNull(RegNames.findType(name), name);
    }

    private static @Nullable String call(
            String name, List<SqlType> types, List<@Nullable Object> values) {
        if (name.startsWith("::")) {
            return cast(name.substring(2), types.getFirst(), values.getFirst());
        }
        List<ScalarFunction> candidates = new ArrayList<>(FUNCTIONS.scalars(name));
        for (OperatorDef operator : FUNCTIONS.operators(name)) {
            candidates.add(operator.function());
        }
        ScalarFunction function = choose(name, candidates, types);
        List<@Nullable Object> arguments = new ArrayList<>(values);
        int fixed = function.arguments().size() - 1;
        if (function.variadic() && !function.arguments().getLast().equals(Types.ANY)) {
            SqlType element = function.arguments().getLast().element();
            SqlArray gathered = SqlArray.of(element, values.subList(fixed, values.size()));
            arguments = new ArrayList<>(values.subList(0, fixed));
            arguments.add(gathered);
        }
        if (function.strict() && arguments.contains(null)) {
            return null;
        }
        SqlType resultType = result(function, types);
        @Nullable Object[] array = arguments.toArray();
        Object result =
                switch (function.implementation().specialize(types, resultType)) {
                    case Body.Unary f -> f.apply(Objects.requireNonNull(array[0]));
                    case Body.Binary f ->
                            f.apply(
                                    Objects.requireNonNull(array[0]),
                                    Objects.requireNonNull(array[1]));
                    case Body.Nary f -> f.apply(array, CONTEXT);
                };
        return text(resultType, result);
    }

    private static @Nullable String text(SqlType type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (type.name().startsWith("reg")) {
            CastDef cast = Objects.requireNonNull(FUNCTIONS.cast(type, Types.TEXT));
            return (String) cast.body().apply(value, -1, true, CONTEXT);
        }
        return TextFormat.format(type, value, FormatSettings.UTC);
    }

    private static @Nullable String cast(String target, SqlType from, @Nullable Object value) {
        SqlType to = type(target);
        int typmod = typmod(target, to.isArray() ? to.element() : to);
        CastDef cast = Objects.requireNonNull(FUNCTIONS.cast(from, to), from + " to " + to);
        return value == null ? null : text(to, cast.body().apply(value, typmod, true, CONTEXT));
    }

    private static int typmod(String target, SqlType type) {
        int open = target.indexOf('(');
        if (open < 0) {
            return -1;
        }
        String[] numbers = target.substring(open + 1, target.indexOf(')')).split(",");
        int first = Integer.parseInt(numbers[0].strip());
        return switch (type.name()) {
            case "numeric" ->
                    (first << 16 | (numbers.length > 1 ? Integer.parseInt(numbers[1]) : 0)) + 4;
            case "varchar", "bpchar" -> first + 4;
            case "interval" -> 0x7FFF << 16 | first;
            default -> first;
        };
    }

    private static ScalarFunction choose(
            String name, List<ScalarFunction> candidates, List<SqlType> types) {
        for (boolean exact : new boolean[] {true, false}) {
            for (ScalarFunction function : candidates) {
                if (accepts(function, types, exact)) {
                    return function;
                }
            }
        }
        throw new IllegalStateException("no function " + name + types);
    }

    private static boolean accepts(ScalarFunction function, List<SqlType> types, boolean exact) {
        List<SqlType> declared = function.arguments();
        int max = function.variadic() ? Integer.MAX_VALUE : declared.size();
        if (types.size() < declared.size() - function.defaultCount() || types.size() > max) {
            return false;
        }
        for (int i = 0; i < types.size(); i++) {
            SqlType want = declared.get(Math.min(i, declared.size() - 1));
            if (function.variadic() && i >= declared.size() - 1 && want.isArray()) {
                want = want.element();
            }
            boolean fits =
                    switch (want.name()) {
                        case "any", "anyelement", "anynonarray", "anycompatible" ->
                                !exact
                                        && !(want.name().contains("array")
                                                && types.get(i).isArray());
                        case "anyarray", "anycompatiblearray" -> !exact && types.get(i).isArray();
                        default -> want.equals(types.get(i));
                    };
            if (!fits && !(want.name().equals("anycompatible") && types.get(i).isArray())) {
                return false;
            }
            if (want.name().equals("anycompatible") && types.get(i).isArray()) {
                return false;
            }
        }
        return true;
    }

    private static SqlType result(ScalarFunction function, List<SqlType> types) {
        return switch (function.result().name()) {
            case "anyarray", "anycompatiblearray" -> {
                for (SqlType type : types) {
                    if (type.isArray() && !function.name().equals("array_fill")) {
                        yield type;
                    }
                }
                yield Types.arrayOf(types.getFirst());
            }
            case "anyelement" -> types.getFirst().element();
            default -> function.result();
        };
    }

    private static String unescape(String s) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '\\') {
                char next = s.charAt(++i);
                out.append(next == 'n' ? '\n' : next == 't' ? '\t' : next);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String escape(@Nullable String s) {
        return s == null
                ? "\\N"
                : s.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
    }
}
