package dev.driftdb.query.define;

import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.query.parse.SqlParser;
import dev.driftdb.query.plan.IndexTerms;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The texts of index expressions and predicates: what they are bound over, how they are shown. */
public final class IndexTexts {
    public static final String EXPRESSIONS = "index expressions";
    public static final String PREDICATES = "index predicates";

    private IndexTexts() {}

    /** One column per number, so that a stored row is what the expression reads. */
    static List<OutputColumn> columnsByNumber(TableDef table) {
        List<OutputColumn> columns = new ArrayList<>();
        for (ColumnDef column : table.columns()) {
            columns.add(
                    new OutputColumn(
                            column.name(),
                            column.type(),
                            column.typmod(),
                            table.id(),
                            column.number()));
        }
        return columns;
    }

    /** What an index computes, bound over the visible columns of its table. */
    public static IndexTerms terms(DefinitionScope scope, IndexDef index) {
        TableDef table = scope.catalog().findTable(index.tableId());
        if (table == null) {
            throw new IllegalStateException("index " + index.name() + " has no table");
        }
        List<OutputColumn> over = TableDefinitions.columnsOf(table);
        List<@Nullable Expr> columns = new ArrayList<>();
        for (IndexDef.IndexColumn column : index.columns()) {
            IndexDef.IndexExpression expression = column.expression();
            columns.add(
                    expression == null
                            ? null
                            : scope.bind(scope.parse(expression.sql()), over, EXPRESSIONS));
        }
        String where = index.predicate();
        return new IndexTerms(
                columns,
                where == null
                        ? List.of()
                        : ExprTraits.conjuncts(
                                scope.bind(scope.parse(where), over, Types.BOOL, -1, PREDICATES)));
    }

    /** Whether a plain column of the index is this one. */
    static boolean mentions(IndexDef index, int columnNumber) {
        return index.columns().stream().anyMatch(c -> c.number() == columnNumber);
    }

    /** The numbers of all columns that an index is made from. */
    static Set<Integer> columns(DefinitionScope scope, TableDef table, IndexDef index) {
        Set<Integer> numbers = new HashSet<>(index.include());
        for (IndexDef.IndexColumn column : index.columns()) {
            IndexDef.IndexExpression expression = column.expression();
            if (expression == null) {
                numbers.add(column.number());
            } else {
                uses(scope, table, expression.sql()).forEach(u -> numbers.add(u.columnNumber()));
            }
        }
        if (index.predicate() != null) {
            uses(scope, table, index.predicate()).forEach(u -> numbers.add(u.columnNumber()));
        }
        return numbers;
    }

    private static List<Binder.ColumnUse> uses(DefinitionScope scope, TableDef table, String sql) {
        return scope.columnUses(scope.parse(sql), columnsByNumber(table), EXPRESSIONS);
    }

    /** The index for a table whose columns have other names than when its texts were written. */
    static IndexDef renamed(
            DefinitionScope scope, TableDef before, TableDef after, IndexDef index) {
        UnaryOperator<String> change = sql -> renamed(scope, before, after, sql);
        return index.withTexts(change, change);
    }

    /** The text of an expression over a table with the names of its columns and nothing before. */
    static String renamed(DefinitionScope scope, TableDef before, TableDef after, String sql) {
        Map<Integer, String> names = new HashMap<>();
        for (Binder.ColumnUse use : uses(scope, before, sql)) {
            names.put(use.position(), quoted(after.column(use.columnNumber()).name()));
        }
        return SqlParser.renamed(sql, names);
    }

    /** A name as SQL writes it. */
    static String quoted(String name) {
        return SqlParser.isPlainName(name) ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
