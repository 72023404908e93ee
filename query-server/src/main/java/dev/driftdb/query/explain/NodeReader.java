package dev.driftdb.query.explain;

import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.explain.Explain.Child;
import dev.driftdb.query.explain.Explain.Detail;
import dev.driftdb.query.explain.Explain.Relationship;
import dev.driftdb.query.explain.Explain.Target;
import dev.driftdb.query.explain.ExpressionText.Place;
import dev.driftdb.query.explain.ExpressionText.Style;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.RegNames;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.FormatSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is said of nodes, for all formats: names of relations, texts of expressions, numbers. */
final class NodeReader {

    /**
     * A relation as a node names it.
     *
     * @param key what the structured formats call its name
     * @param schema null for what has none
     */
    record Named(@Nullable String key, String name, @Nullable String schema, String alias) {}

    private final Catalog catalog;
    private final ExplainOptions options;
    private final RelationNames names;
    private final ExpressionText expressions;

    NodeReader(ExplainedQuery query, ExplainOptions options, FormatSettings format) {
        this.catalog = query.catalog();
        this.options = options;
        this.names = new RelationNames(query.root());
        this.expressions = new ExpressionText(names, format);
        numberCommonTables(query.root());
    }

    private void numberCommonTables(Explain node) {
        for (Child child : node.children()) {
            if (child.commonTable() != null) {
                expressions.numberCommonTable(child.node());
            }
            numberCommonTables(child.node());
        }
    }

    @Nullable Named target(Explain node) {
        return switch (node.target()) {
            case null -> null;
            case Target.Written(var table, var alias) ->
                    new Named("Relation Name", table.name(), schema(table), names.of(node));
            case Target.Relation(var plan) ->
                    switch (plan) {
                        case LogicalPlan.Scan scan ->
                                new Named(
                                        "Relation Name",
                                        scan.table().name(),
                                        schema(scan.table()),
                                        names.of(plan));
                        case LogicalPlan.SystemScan scan ->
                                new Named(
                                        "Relation Name",
                                        scan.relation().name(),
                                        scan.relation().schema(),
                                        names.of(plan));
                        case LogicalPlan.FunctionScan scan ->
                                new Named(
                                        "Function Name",
                                        scan.function().name(),
                                        scan.function().schema(),
                                        names.of(plan));
                        case LogicalPlan.CteScan scan ->
                                new Named("CTE Name", scan.name(), null, names.of(plan));
                        default -> new Named(null, names.of(plan), null, names.of(plan));
                    };
        };
    }

    private @Nullable String schema(TableDef table) {
        CatalogObject schema = catalog.find(table.schemaId());
        return schema == null ? null : schema.name();
    }

    /** " on public.t a", empty for a node that names no relation. */
    String title(Explain node) {
        StringBuilder title = new StringBuilder(node.label());
        String index = node.index();
        if (index != null) {
            title.append(" using ").append(RegNames.quoteIdentifier(index));
        }
        Named named = target(node);
        if (named != null) {
            title.append(" on ");
            if (options.verbose() && named.schema() != null) {
                title.append(RegNames.quoteIdentifier(named.schema())).append('.');
            }
            title.append(RegNames.quoteIdentifier(named.name()));
            if (!named.alias().equals(named.name())) {
                title.append(' ').append(RegNames.quoteIdentifier(named.alias()));
            }
        }
        return title.toString();
    }

    /** The children in the order in which they are shown. */
    static List<Child> children(Explain node) {
        List<Child> ordered = new ArrayList<>(node.children());
        ordered.sort(Comparator.comparingInt(NodeReader::place));
        return ordered;
    }

    private static int place(Child child) {
        if (child.commonTable() != null) {
            return 0;
        }
        return switch (child.relationship()) {
            case INIT_PLAN -> 1;
            case OUTER, INNER, MEMBER -> 2;
            case SUB_PLAN -> 3;
        };
    }

    /** The name of a subquery or common table, null for an input. */
    @Nullable String subplanName(Child child) {
        if (child.commonTable() != null) {
            return "CTE " + child.commonTable();
        }
        return child.subquery() == null
                ? null
                : expressions.nameOf(
                        child.relationship() == Relationship.INIT_PLAN, child.subquery());
    }

    /** The place of the expressions of a child. */
    static @Nullable Place inside(Child child, @Nullable Place outer) {
        LogicalPlan around = child.around();
        return around == null ? outer : new Place(around, false, outer, Style.QUALIFIED);
    }

    /** A scan does not name its own relation, other nodes name all. */
    private Style style(Explain node) {
        if (options.verbose()) {
            return Style.QUALIFIED;
        }
        return node.target() instanceof Target.Relation(var scan)
                ? new Style(true, scan)
                : new Style(names.several(), null);
    }

    String condition(Detail.Condition condition, Explain node, @Nullable Place outer) {
        return expressions.condition(
                condition.terms(), new Place(condition.row(), true, outer, style(node)));
    }

    List<String> expressions(Detail.Expressions list, Explain node, @Nullable Place outer) {
        Place place = new Place(list.row(), !list.label().endsWith("Key"), outer, style(node));
        return list.list().stream().map(e -> ExpressionText.cut(expressions.of(e, place))).toList();
    }

    /** A parameter or the seed of a sample. */
    String sampling(Expr value, Detail.Sampling sampling, Explain node, @Nullable Place outer) {
        return expressions.of(value, new Place(sampling.scan(), true, outer, style(node)));
    }

    List<String> keys(Detail.Keys keys, Explain node, @Nullable Place outer) {
        return expressions.keys(keys.list(), new Place(keys.row(), false, outer, style(node)));
    }

    List<String> output(Explain node, @Nullable Place outer) {
        Explain.Output output = node.output();
        List<String> texts = new ArrayList<>();
        if (output != null) {
            Place place = new Place(output.plan(), true, outer, new Style(names.several(), null));
            output.columns().stream()
                    .filter(i -> i < output.plan().columns().size())
                    .forEach(i -> texts.add(ExpressionText.cut(expressions.column(i, place))));
        }
        return texts;
    }

    /** What a hash table did: a Hash node shows that of the join above it. */
    static RunReport.@Nullable Hashed hashed(Explain node, @Nullable Explain parent) {
        NodeMeasure measure = parent == null ? null : parent.measure();
        return node.nodeType().equals("Hash") && measure != null ? measure.report().hashed() : null;
    }

    /** What a hash table of groups did; one group alone needs none. */
    static RunReport.@Nullable Grouped grouped(Explain node, RunReport report) {
        return "Plain".equals(node.first().get("Strategy")) ? null : report.grouped();
    }

    static long kilobytes(long bytes) {
        return (bytes + 1023) / 1024;
    }
}
