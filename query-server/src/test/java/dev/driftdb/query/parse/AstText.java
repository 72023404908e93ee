package dev.driftdb.query.parse;

import dev.driftdb.query.ast.ColumnTarget;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TypeName;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prints a statement on one line, record by record: {@code Delete(table=t, where=(a = 1))}.
 * Positions, and what is null, empty, zero or false, are left out.
 */
final class AstText {
    private AstText() {}

    static String of(@Nullable Object node) {
        return switch (node) {
            case null -> "null";
            case QualifiedName name -> name.toString();
            case TypeName type -> withParts(type, String.join(".", type.parts()));
            case ColumnTarget target when target.parts().isEmpty() -> target.column();
            case SqlExpr expression -> ExpressionText.of(expression);
            case Query query when isPlain(query) -> of(query.body());
            case DataStatement.Select select -> of(select.query());
            case Enum<?> word -> word.name().toLowerCase(Locale.ROOT);
            case Optional<?> value -> of(value.orElse(null));
            case Collection<?> list ->
                    list.stream().map(AstText::of).collect(Collectors.joining(", ", "[", "]"));
            case Record any -> record(any);
            default -> node.toString();
        };
    }

    private static boolean isPlain(Query query) {
        return query.equals(Query.of(query.body(), query.position()));
    }

    /** The components of a type name but its parts: modifiers, array. */
    private static String withParts(TypeName type, String name) {
        String rest = components(type, List.of("parts"));
        return rest.isEmpty() ? name : name + "{" + rest + "}";
    }

    static String record(Record node) {
        String name = node.getClass().getSimpleName();
        String components = components(node, List.of());
        return components.isEmpty() ? name : name + "(" + components + ")";
    }

    private static String components(Record node, List<String> without) {
        StringBuilder text = new StringBuilder();
        for (RecordComponent component : node.getClass().getRecordComponents()) {
            Object value = value(node, component);
            if (component.getName().equals("position")
                    || without.contains(component.getName())
                    || isDefault(component, value)) {
                continue;
            }
            text.append(text.isEmpty() ? "" : ", ").append(component.getName());
            if (component.getType() != boolean.class) {
                text.append('=').append(of(value));
            }
        }
        return text.toString();
    }

    private static boolean isDefault(RecordComponent component, @Nullable Object value) {
        return value == null
                || (component.getType() == boolean.class && value.equals(false))
                || (component.getType() == int.class && value.equals(0))
                || (value instanceof Map<?, ?> map && map.isEmpty())
                || (value instanceof Collection<?> list && list.isEmpty());
    }

    private static @Nullable Object value(Record node, RecordComponent component) {
        try {
            return component.getAccessor().invoke(node);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
