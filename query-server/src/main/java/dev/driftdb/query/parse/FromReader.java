package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TableExpr.JoinKind;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.LateralSubSelect;
import net.sf.jsqlparser.statement.select.ParenthesedFromItem;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.TableFunction;
import org.jspecify.annotations.Nullable;

/** Reads JSqlParser's FROM items and joins. */
final class FromReader {
    private final Skeleton skeleton;
    private final ExpressionReader expressions;
    private final QueryReader queries;

    FromReader(Skeleton skeleton, ExpressionReader expressions, QueryReader queries) {
        this.skeleton = skeleton;
        this.expressions = expressions;
        this.queries = queries;
    }

    /** The items between commas. */
    List<TableExpr> items(@Nullable FromItem first, @Nullable List<Join> joins) {
        List<TableExpr> items = new ArrayList<>();
        if (first == null) {
            if (joins != null && !joins.isEmpty()) {
                throw SyntaxErrors.near(skeleton.source, skeleton.end());
            }
            return items;
        }
        JoinStack stack = new JoinStack(item(first));
        if (joins != null) {
            for (Join join : joins) {
                if (join.isSimple()) {
                    if (!join.getOnExpressions().isEmpty() || join.isOuter()) {
                        throw expressions.unread(join);
                    }
                    items.add(stack.only());
                    stack = new JoinStack(item(join.getFromItem()));
                } else {
                    join(stack, join);
                }
            }
        }
        items.add(stack.only());
        return items;
    }

    private void join(JoinStack stack, Join join) {
        if (join.isApply()
                || join.isAsOf()
                || join.isSemi()
                || join.isStraight()
                || join.isGlobal()
                || join.isAny()
                || join.isAll()
                || join.isArray()
                || join.isFetch()
                || join.isWindowJoin()
                || join.getJoinHint() != null
                || (join.getUsingColumns() != null && !join.getUsingColumns().isEmpty())) {
            throw expressions.unread(join);
        }
        TableExpr right = item(join.getFromItem());
        int position = expressions.positionOf(join);
        if (join.isCross() || join.isNatural()) {
            if (!join.getOnExpressions().isEmpty()) {
                throw SyntaxErrors.near(skeleton.source, skeleton.end());
            }
            stack.joined(kind(join), right, join.isNatural(), position);
            return;
        }
        stack.push(kind(join), right, position);
        for (Expression on : join.getOnExpressions()) {
            Slot using = on instanceof Column column ? expressions.peek(column) : null;
            if (using != null && using.kind == Slot.Kind.USING) {
                using.taken++;
                stack.reduce(null, using.names, using.base, using.token, skeleton.source);
            } else {
                SqlExpr condition = expressions.value(on);
                stack.reduce(condition, List.of(), null, skeleton.end(), skeleton.source);
            }
        }
    }

    private static JoinKind kind(Join join) {
        return join.isLeft()
                ? JoinKind.LEFT
                : join.isRight()
                        ? JoinKind.RIGHT
                        : join.isFull()
                                ? JoinKind.FULL
                                : join.isCross() ? JoinKind.CROSS : JoinKind.INNER;
    }

    private TableExpr item(FromItem item) {
        if (item.getPivot() != null
                || item.getUnPivot() != null
                || item.getSampleClause() != null) {
            throw expressions.unread(item);
        }
        Alias alias = item.getAlias();
        return switch (item) {
            case Table table -> table(table, alias);
            case LateralSubSelect lateral -> derived(lateral.getSelect(), alias, true, lateral);
            case ParenthesedSelect select -> derived(select, alias, false, select);
            case TableFunction function -> function(function, alias);
            case ParenthesedFromItem nested -> {
                List<TableExpr> items = items(nested.getFromItem(), nested.getJoins());
                if (items.size() != 1) {
                    throw expressions.unread(nested);
                }
                yield alias == null ? items.getFirst() : aliased(items.getFirst(), alias, nested);
            }
            default -> throw expressions.unread(item);
        };
    }

    /** (a JOIN b …) alias is a table of all its columns. */
    private TableExpr aliased(TableExpr join, Alias alias, FromItem item) {
        int position = expressions.positionOf(item);
        // What stands in the parentheses may be LATERAL itself.
        return new TableExpr.Derived(
                Query.allOf(join, position), alias(alias), columns(alias), true, position);
    }

    TableExpr.Named table(Table table, @Nullable Alias alias) {
        if (table.getIndexHint() != null
                || table.getSqlServerHints() != null
                || table.getTimeTravel() != null
                || table.getTimeTravelStrAfterAlias() != null) {
            throw expressions.unread(table);
        }
        List<Slot> slots = expressions.names(table.getFullyQualifiedName());
        List<String> parts = new ArrayList<>();
        for (Slot slot : slots) {
            if (slot.kind != Slot.Kind.NAME) {
                throw SyntaxErrors.near(skeleton.source, slot.token);
            }
            parts.add(slot.text);
        }
        if (parts.size() == 1 && !slots.getFirst().names.isEmpty()) {
            parts = slots.getFirst().names;
        }
        if (parts.size() > TokenCursor.NAME_PARTS_MAX - 1) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "improper qualified name (too many dotted names): " + String.join(".", parts),
                    slots.getFirst().position());
        }
        int position = slots.getFirst().position();
        return new TableExpr.Named(
                new QualifiedName(parts, position),
                alias(alias),
                columns(alias),
                slots.getLast().time,
                slots.getLast().sample,
                position);
    }

    private TableExpr derived(
            Select select, @Nullable Alias alias, boolean lateral, FromItem item) {
        return new TableExpr.Derived(
                queries.query(select),
                alias(alias),
                columns(alias),
                lateral,
                expressions.positionOf(item));
    }

    private TableExpr function(TableFunction function, @Nullable Alias alias) {
        String with = function.getWithClause();
        String prefix = function.getPrefix();
        if (function.isRowsFrom()
                || (with != null && !with.equalsIgnoreCase("ORDINALITY"))
                || (prefix != null && !prefix.equalsIgnoreCase("LATERAL"))) {
            throw expressions.unread(function);
        }
        SqlExpr call = expressions.value(function.getFunction());
        List<TypeName> types = columnTypes(alias);
        String name = alias(alias);
        return new TableExpr.Function(
                call,
                with != null,
                name == null || name.isEmpty() ? null : name,
                columns(alias),
                types,
                types.isEmpty() ? 0 : definitionPosition(alias),
                prefix != null,
                call.position());
    }

    private int definitionPosition(@Nullable Alias alias) {
        Slot slot =
                alias == null
                        ? null
                        : expressions.peek(new Column(alias.getAliasColumns().getFirst().name));
        return slot == null ? 0 : slot.position();
    }

    /** The types of a column definition list; looks at the slots and takes none. */
    private List<TypeName> columnTypes(@Nullable Alias alias) {
        if (alias == null || alias.getAliasColumns() == null) {
            return List.of();
        }
        List<TypeName> types = new ArrayList<>();
        for (Alias.AliasColumn column : alias.getAliasColumns()) {
            Slot slot = expressions.peek(new Column(column.name));
            if (slot != null && slot.type != null) {
                types.add(slot.type);
            }
        }
        return types;
    }

    @Nullable String alias(@Nullable Alias alias) {
        return alias == null || alias.getName() == null || alias.getName().isBlank()
                ? null
                : expressions.name(alias.getName()).text;
    }

    List<String> columns(@Nullable Alias alias) {
        if (alias == null || alias.getAliasColumns() == null) {
            return List.of();
        }
        List<String> columns = new ArrayList<>();
        for (Alias.AliasColumn column : alias.getAliasColumns()) {
            Slot slot = expressions.name(column.name);
            if (column.colDataType != null) {
                throw SyntaxErrors.near(skeleton.source, slot.token);
            }
            columns.add(slot.text);
        }
        return columns;
    }
}
