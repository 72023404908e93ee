package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import org.jspecify.annotations.Nullable;

/** The name of an output column without AS: PostgreSQL's FigureColname. */
final class OutputNames {
    static final String NONE = "?column?";

    /** A weak name gives way to the type's name of a cast around it. */
    private record Name(String text, boolean strong) {}

    private OutputNames() {}

    static String of(SqlExpr expression) {
        Name name = find(expression);
        return name == null ? NONE : name.text();
    }

    private static @Nullable Name find(SqlExpr expression) {
        return switch (expression) {
            case SqlExpr.ColumnRef column -> new Name(column.parts().getLast(), true);
            case SqlExpr.FieldAccess access -> new Name(access.field(), true);
            case SqlExpr.FunctionCall call -> new Name(call.name().last(), true);
            case SqlExpr.Subscript subscript -> find(subscript.array());
            case SqlExpr.NamedArgument named -> find(named.value());
            case SqlExpr.Cast cast -> {
                Name inner = find(cast.operand());
                yield inner != null && inner.strong() ? inner : new Name(type(cast.type()), false);
            }
            case SqlExpr.Collate collate -> find(collate.operand());
            case SqlExpr.Case choice -> {
                SqlExpr otherwise = choice.otherwise();
                Name inner = otherwise == null ? null : find(otherwise);
                yield inner != null && inner.strong() ? inner : new Name("case", false);
            }
            case SqlExpr.ArrayConstructor _, SqlExpr.ArrayQuery _ -> new Name("array", true);
            case SqlExpr.Row _ -> new Name("row", true);
            case SqlExpr.Exists _ -> new Name("exists", true);
            case SqlExpr.ScalarQuery query -> first(query.query());
            case SqlExpr.NullLiteral _,
                    SqlExpr.BooleanLiteral _,
                    SqlExpr.NumberLiteral _,
                    SqlExpr.StringLiteral _,
                    SqlExpr.Parameter _,
                    SqlExpr.Star _,
                    SqlExpr.Unary _,
                    SqlExpr.Binary _,
                    SqlExpr.And _,
                    SqlExpr.Or _,
                    SqlExpr.Not _,
                    SqlExpr.IsNull _,
                    SqlExpr.IsBoolean _,
                    SqlExpr.IsDistinct _,
                    SqlExpr.Between _,
                    SqlExpr.Like _,
                    SqlExpr.InList _,
                    SqlExpr.InQuery _,
                    SqlExpr.QuantifiedQuery _,
                    SqlExpr.QuantifiedArray _,
                    SqlExpr.CurrentOf _,
                    SqlExpr.Default _ ->
                    null;
        };
    }

    private static String type(TypeName name) {
        String last = name.parts().getLast();
        SqlType type = Types.findByName(last);
        return type == null ? last : type.name();
    }

    private static @Nullable Name first(Query query) {
        return switch (query.body()) {
            case Query.Select select -> {
                Query.SelectItem item = select.items().isEmpty() ? null : select.items().getFirst();
                if (item == null) {
                    yield null;
                }
                String alias = item.alias();
                yield alias != null ? new Name(alias, true) : find(item.expression());
            }
            case Query.SetOperation operation -> first(operation.left());
            case Query.Values _ -> new Name("column1", true);
        };
    }
}
