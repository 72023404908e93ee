package dev.driftdb.query.parse;

import dev.driftdb.query.ast.Query.Grouping;
import dev.driftdb.query.ast.Query.GroupingKind;
import dev.driftdb.query.ast.SqlExpr;
import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.PlainSelect;
import org.jspecify.annotations.Nullable;

/** Reads GROUP BY: expressions, (a, b), and GROUPING SETS, ROLLUP and CUBE written as calls. */
final class GroupingReader {
    /** The elements of one GROUP BY [DISTINCT]. */
    record Groups(List<Grouping> elements, boolean distinct) {}

    private final Skeleton skeleton;
    private final ExpressionReader expressions;

    GroupingReader(Skeleton skeleton, ExpressionReader expressions) {
        this.skeleton = skeleton;
        this.expressions = expressions;
    }

    /** Null without GROUP BY. */
    @Nullable Groups read(PlainSelect select) {
        if (select.getGroupBy() == null) {
            return null;
        }
        if (select.getGroupBy().isMysqlWithRollup()
                || !select.getGroupBy().getGroupingSets().isEmpty()) {
            throw expressions.unread(select);
        }
        List<Grouping> elements = new ArrayList<>();
        boolean distinct = false;
        for (Expression tree : elements(select.getGroupBy().getGroupByExpressionList())) {
            if (elements.isEmpty() && !distinct && isDistinct(tree)) {
                expressions.names(((Column) tree).getFullyQualifiedName());
                distinct = true;
            } else {
                elements.add(element(tree));
            }
        }
        return new Groups(elements, distinct);
    }

    /** A list in parentheses of its own is one element: GROUP BY (a, b), ROLLUP ((a, b)). */
    private static List<Expression> elements(ExpressionList<?> list) {
        return list instanceof ParenthesedExpressionList<?> ? List.of(list) : List.copyOf(list);
    }

    private boolean isDistinct(Expression tree) {
        Slot slot = tree instanceof Column column ? expressions.peek(column) : null;
        return slot != null && slot.kind == Slot.Kind.EMPTY && slot.text.equals("distinct");
    }

    private Grouping element(Expression tree) {
        if (tree instanceof Function function && function.getName().indexOf('.') < 0) {
            Slot slot =
                    skeleton.slots.get(
                            Integer.parseInt(
                                    function.getName(), 1, function.getName().length(), 10));
            GroupingKind kind = kind(slot);
            if (kind != null) {
                slot.taken++;
                return new Grouping.Sets(kind, members(kind, function), slot.position());
            }
        }
        if (tree instanceof ParenthesedExpressionList<?> list) {
            if (list.size() == 1 && list.getFirst() instanceof ParenthesedExpressionList<?> inner) {
                return element(inner);
            }
            int position = expressions.positionOf(list);
            List<SqlExpr> members = new ArrayList<>();
            for (SqlExpr member : expressions.members(list)) {
                if (member != null) {
                    members.add(member);
                }
            }
            return members.size() == 1
                    ? new Grouping.Expression(members.getFirst())
                    : new Grouping.Composite(members, position);
        }
        return new Grouping.Expression(expressions.value(tree));
    }

    private static @Nullable GroupingKind kind(Slot slot) {
        if (slot.token.kind() != Token.Kind.WORD) {
            return null;
        }
        return switch (slot.text) {
            case "rollup" -> GroupingKind.ROLLUP;
            case "cube" -> GroupingKind.CUBE;
            case "grouping sets" -> GroupingKind.GROUPING_SETS;
            default -> null;
        };
    }

    private List<Grouping> members(GroupingKind kind, Function function) {
        if (function.getParameters() == null) {
            throw expressions.unread(function);
        }
        List<Grouping> members = new ArrayList<>();
        for (Expression tree : elements(function.getParameters())) {
            // Only GROUPING SETS nest; in ROLLUP and CUBE these words are functions' names.
            members.add(
                    kind == GroupingKind.GROUPING_SETS || !(tree instanceof Function)
                            ? element(tree)
                            : new Grouping.Expression(expressions.value(tree)));
        }
        return members;
    }
}
