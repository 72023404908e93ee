package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import net.sf.jsqlparser.expression.CaseExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.WhenClause;
import net.sf.jsqlparser.expression.operators.arithmetic.Concat;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.parser.ASTNodeAccess;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.SelectItem;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSqlParser's expressions through a white list of classes: columns (placeholders), calls,
 * CASE, parentheses, subqueries and {@code ||} chains. Anything else is a syntax error.
 */
final class ExpressionReader implements OperatorChain.Operands<Expression> {
    private static final Set<String> NORMAL_FORMS = Set.of("nfc", "nfd", "nfkc", "nfkd");

    private final Skeleton skeleton;
    private final QueryReader queries;

    ExpressionReader(Skeleton skeleton, QueryReader queries) {
        this.skeleton = skeleton;
        this.queries = queries;
    }

    @Override
    public SqlExpr expression(Expression tree) {
        return switch (tree) {
            case Concat concat -> chain(concat);
            case Column column -> column(column);
            case Function function -> call(function);
            case CaseExpression cases -> cases(cases);
            case ParenthesedExpressionList<?> list -> parentheses(list);
            case ParenthesedSelect select ->
                    new SqlExpr.ScalarQuery(queries.query(select), positionOf(select));
            case AllTableColumns all -> star(all);
            case AllColumns all -> new SqlExpr.Star(List.of(), positionOf(all));
            default -> throw unread(tree);
        };
    }

    SqlException unread(Object tree) {
        Token origin = tree instanceof ASTNodeAccess node ? originOf(node) : null;
        return origin == null
                ? new SqlException(SqlState.SYNTAX_ERROR, "syntax error")
                : SyntaxErrors.near(skeleton.source, origin);
    }

    private @Nullable Token originOf(ASTNodeAccess node) {
        if (node.getASTNode() == null || node.getASTNode().jjtGetFirstToken() == null) {
            return null;
        }
        return skeleton.originOf(node.getASTNode().jjtGetFirstToken().absoluteBegin - 1);
    }

    int positionOf(ASTNodeAccess node) {
        Token origin = originOf(node);
        return origin == null ? 0 : origin.position();
    }

    /** The slots of a dotted name of placeholders. */
    List<Slot> names(String dotted) {
        List<Slot> slots = new ArrayList<>(2);
        int start = 0;
        while (true) {
            int dot = dotted.indexOf('.', start);
            String part = dot < 0 ? dotted.substring(start) : dotted.substring(start, dot);
            if (part.length() < 2 || part.charAt(0) != 's' || !Lexer.isDigit(part.charAt(1))) {
                throw new SqlException(SqlState.SYNTAX_ERROR, "syntax error");
            }
            slots.add(skeleton.take(part));
            if (dot < 0) {
                return slots;
            }
            start = dot + 1;
        }
    }

    Slot name(String placeholder) {
        List<Slot> slots = names(placeholder);
        Slot slot = slots.getFirst();
        if (slots.size() != 1 || slot.kind != Slot.Kind.NAME) {
            throw SyntaxErrors.near(skeleton.source, slot.token);
        }
        return slot;
    }

    private static List<String> texts(List<Slot> slots) {
        return slots.stream().map(slot -> slot.text).toList();
    }

    private SqlExpr column(Column column) {
        return column(names(column.getFullyQualifiedName()));
    }

    private SqlExpr column(List<Slot> slots) {
        Slot first = slots.getFirst();
        return switch (first.kind) {
            case NAME -> {
                for (Slot slot : slots) {
                    if (slot.kind != Slot.Kind.NAME) {
                        throw SyntaxErrors.near(skeleton.source, slot.token);
                    }
                }
                yield new SqlExpr.ColumnRef(texts(slots), first.position());
            }
            case CONSTANT, CALL -> {
                if (first.expression == null) {
                    throw SyntaxErrors.near(skeleton.source, first.token);
                }
                yield first.expression;
            }
            case OPERATOR, ROWS, USING, LIST, EMPTY, WINDOW, DELETE, QUERY ->
                    throw SyntaxErrors.near(skeleton.source, first.token);
        };
    }

    private SqlExpr star(AllTableColumns all) {
        List<Slot> slots = names(all.getTable().getFullyQualifiedName());
        return new SqlExpr.Star(texts(slots), slots.getFirst().position());
    }

    private SqlExpr parentheses(ParenthesedExpressionList<?> list) {
        List<@Nullable SqlExpr> members = members(list);
        SqlExpr only = members.size() == 1 ? members.getFirst() : null;
        if (only != null) {
            return only;
        }
        int position = 0;
        List<SqlExpr> fields = new ArrayList<>();
        for (SqlExpr member : members) {
            if (member == null) {
                throw unread(list);
            }
            position = position == 0 ? member.position() : position;
            fields.add(member);
        }
        if (fields.isEmpty()) {
            throw unread(list);
        }
        return new SqlExpr.Row(fields, position);
    }

    // ---- chains ----

    private SqlExpr chain(Expression tree) {
        return OperatorChain.read(elements(tree), this, skeleton.source);
    }

    private List<OperatorChain.Element<Expression>> elements(Expression tree) {
        List<Expression> parts = new ArrayList<>();
        Expression rest = tree;
        while (rest instanceof Concat concat) {
            parts.add(concat.getRightExpression());
            rest = concat.getLeftExpression();
        }
        parts.add(rest);
        Collections.reverse(parts);
        List<OperatorChain.Element<Expression>> elements = new ArrayList<>(parts.size());
        for (Expression part : parts) {
            if (part instanceof Column column) {
                Slot slot = peek(column);
                if (slot != null && slot.kind == Slot.Kind.OPERATOR) {
                    slot.taken++;
                    elements.add(new OperatorChain.Element<>(slot, null, null));
                    continue;
                }
                if (slot != null && slot.kind == Slot.Kind.LIST) {
                    slot.taken++;
                    elements.add(new OperatorChain.Element<>(null, null, slot));
                    continue;
                }
            }
            elements.add(new OperatorChain.Element<>(null, part, null));
        }
        return elements;
    }

    /** The slot of a column of one part, not yet taken. */
    @Nullable Slot peek(Column column) {
        String name = column.getFullyQualifiedName();
        if (name.indexOf('.') >= 0 || name.length() < 2 || !Lexer.isDigit(name.charAt(1))) {
            return null;
        }
        return skeleton.slots.get(Integer.parseInt(name, 1, name.length(), 10));
    }

    private boolean isKind(Expression tree, Slot.Kind kind) {
        if (!(tree instanceof Column column)) {
            return false;
        }
        Slot slot = peek(column);
        return slot != null && slot.kind == kind;
    }

    @Override
    public @Nullable Query query(Expression tree) {
        if (tree instanceof ParenthesedSelect select) {
            return queries.query(select);
        }
        if (tree instanceof ParenthesedExpressionList<?> list && list.size() == 1) {
            return query(list.getFirst());
        }
        return null;
    }

    @Override
    public List<@Nullable SqlExpr> members(Expression tree) {
        List<@Nullable SqlExpr> members = new ArrayList<>();
        if (tree instanceof ParenthesedSelect) {
            members.add(expression(tree));
            return members;
        }
        if (!(tree instanceof ParenthesedExpressionList<?> list)) {
            throw unread(tree);
        }
        for (Expression member : list) {
            if (isKind(member, Slot.Kind.EMPTY)) {
                names(((Column) member).getFullyQualifiedName());
                members.add(null);
            } else {
                members.add(value(member));
            }
        }
        return members;
    }

    /** An expression where no star may stand. */
    SqlExpr value(Expression tree) {
        SqlExpr value = expression(tree);
        if (value instanceof SqlExpr.Star) {
            throw SyntaxErrors.at("syntax error", "*", value.position());
        }
        return value;
    }

    // ---- calls ----

    private SqlExpr call(Function function) {
        if (function.isEscaped()
                || function.isUnique()
                || function.isIgnoreNulls()
                || function.getNamedParameters() != null
                || function.getChainedParameters() != null
                || function.getKeep() != null
                || function.getAttribute() != null
                || function.getLimit() != null
                || function.getHavingClause() != null
                || function.getExtraKeyword() != null
                || function.getOnOverflowTruncate() != null) {
            throw unread(function);
        }
        List<Slot> slots = names(function.getName());
        Slot first = slots.getFirst();
        for (Slot slot : slots) {
            if (slot.kind != Slot.Kind.NAME) {
                throw SyntaxErrors.near(skeleton.source, slot.token);
            }
        }
        if (slots.size() > TokenCursor.NAME_PARTS_MAX - 1) {
            throw SyntaxErrors.near(skeleton.source, first.token);
        }
        boolean star = false;
        boolean variadic = false;
        List<SqlExpr> arguments = new ArrayList<>();
        ExpressionList<?> parameters = function.getParameters();
        if (parameters != null) {
            // f((a, b)) has one argument, a row.
            List<? extends Expression> given =
                    parameters instanceof ParenthesedExpressionList<?> row
                            ? List.of(row)
                            : parameters;
            for (Expression parameter : given) {
                if (variadic) {
                    throw SyntaxErrors.near(skeleton.source, first.token);
                }
                if (parameter instanceof AllColumns && !(parameter instanceof AllTableColumns)) {
                    star = true;
                    if (parameters.size() != 1 || function.isDistinct()) {
                        throw unread(parameter);
                    }
                    continue;
                }
                List<OperatorChain.Element<Expression>> elements =
                        parameter instanceof Concat ? elements(parameter) : List.of();
                if (elements.isEmpty()) {
                    arguments.add(value(parameter));
                    continue;
                }
                Slot operator = elements.getFirst().operator();
                if (operator != null && operator.text.equals("variadic")) {
                    variadic = true;
                    elements = elements.subList(1, elements.size());
                }
                Slot front = elements.getFirst().operator();
                if (front != null && front.text.equals("named")) {
                    arguments.add(
                            new SqlExpr.NamedArgument(
                                    front.names.getFirst(),
                                    OperatorChain.read(
                                            elements.subList(1, elements.size()),
                                            this,
                                            skeleton.source),
                                    front.position()));
                    continue;
                }
                arguments.add(OperatorChain.read(elements, this, skeleton.source));
            }
        }
        if (first.swapped) {
            Collections.reverse(arguments);
        }
        if (slots.size() == 1 && first.text.equals("normalize") && arguments.size() > 1) {
            arguments.set(1, normalForm(arguments.get(1), parameters));
        }
        return new SqlExpr.FunctionCall(
                new QualifiedName(texts(slots), first.position()),
                arguments,
                star,
                function.isDistinct(),
                variadic,
                order(function.getOrderByElements()),
                null,
                List.of(),
                null,
                first.position());
    }

    /** The keyword NFC, NFD, NFKC or NFKD. */
    private SqlExpr normalForm(SqlExpr written, @Nullable ExpressionList<?> parameters) {
        if (written instanceof SqlExpr.ColumnRef(List<String> parts, int position)
                && parts.size() == 1
                && NORMAL_FORMS.contains(parts.getFirst())) {
            return new SqlExpr.StringLiteral(parts.getFirst(), position);
        }
        throw unread(parameters == null ? written : parameters.get(1));
    }

    private SqlExpr cases(CaseExpression cases) {
        Expression operand = cases.getSwitchExpression();
        Expression otherwise = cases.getElseExpression();
        List<SqlExpr.When> whens = new ArrayList<>();
        SqlExpr subject = operand == null ? null : value(operand);
        for (WhenClause when : cases.getWhenClauses()) {
            whens.add(
                    new SqlExpr.When(
                            value(when.getWhenExpression()), value(when.getThenExpression())));
        }
        return new SqlExpr.Case(
                subject, whens, otherwise == null ? null : value(otherwise), positionOf(cases));
    }

    // ---- ORDER BY and windows ----

    List<SqlExpr.OrderItem> order(@Nullable List<OrderByElement> elements) {
        if (elements == null) {
            return List.of();
        }
        List<SqlExpr.OrderItem> items = new ArrayList<>(elements.size());
        for (OrderByElement element : elements) {
            if (element.isMysqlWithRollup() || element.getWithFill() != null) {
                throw unread(element.getExpression());
            }
            OrderByElement.NullOrdering nulls = element.getNullOrdering();
            items.add(
                    new SqlExpr.OrderItem(
                            value(element.getExpression()),
                            !element.isAsc(),
                            nulls == null
                                    ? null
                                    : Boolean.valueOf(
                                            nulls == OrderByElement.NullOrdering.NULLS_FIRST)));
        }
        return items;
    }

    /** A window definition written as a SELECT of its PARTITION BY. */
    @Override
    public SqlExpr.Window window(Expression tree) {
        if (!(tree instanceof ParenthesedSelect parenthesed)
                || !(parenthesed.getSelect() instanceof PlainSelect select)) {
            throw unread(tree);
        }
        List<SelectItem<?>> items = select.getSelectItems();
        Slot slot = names(items.getFirst().getExpression().toString()).getFirst();
        if (slot.kind != Slot.Kind.WINDOW || select.getFromItem() != null) {
            throw SyntaxErrors.near(skeleton.source, slot.token);
        }
        List<SqlExpr> partition = new ArrayList<>();
        for (SelectItem<?> item : items.subList(1, items.size())) {
            if (item.getAlias() != null) {
                throw unread(item);
            }
            partition.add(value(item.getExpression()));
        }
        return new SqlExpr.Window(
                slot.base,
                false,
                partition,
                order(select.getOrderByElements()),
                slot.frame,
                slot.position());
    }
}
