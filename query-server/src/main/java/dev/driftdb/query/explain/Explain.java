package dev.driftdb.query.explain;

import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One node of a plan as EXPLAIN shows it. The planner makes it with the operator, its methods add
 * to it and answer it itself. Texts of expressions are made when they are shown.
 */
public final class Explain {
    /** What a node is to the node above it (PostgreSQL's "Parent Relationship"). */
    public enum Relationship {
        OUTER("Outer"),
        INNER("Inner"),
        MEMBER("Member"),
        INIT_PLAN("InitPlan"),
        SUB_PLAN("SubPlan");

        private final String text;

        Relationship(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /**
     * A node below.
     *
     * @param around the plan whose row the node below reads as {@link Expr.Outer}, null for none
     * @param subquery the plan in an expression that it is made of, null for an input
     * @param commonTable its name, null if it makes none
     */
    record Child(
            Relationship relationship,
            Explain node,
            @Nullable LogicalPlan around,
            @Nullable LogicalPlan subquery,
            @Nullable String commonTable) {}

    /** What a node reads or writes. */
    sealed interface Target {
        record Relation(LogicalPlan scan) implements Target {}

        record Written(TableDef table, String alias) implements Target {}
    }

    /** One line of a node. */
    sealed interface Detail {
        String label();

        record Text(String label, String value) implements Detail {}

        record Names(String label, List<String> list) implements Detail {}

        record Whole(String label, long value) implements Detail {}

        /** All of these, over a row of a plan. */
        record Condition(String label, List<Expr> terms, LogicalPlan row) implements Detail {}

        record Expressions(String label, List<Expr> list, LogicalPlan row) implements Detail {}

        record Keys(String label, List<SortKey> list, LogicalPlan row) implements Detail {}

        /** How rows are chosen by chance; the expressions read no row of the scan. */
        record Sampling(String method, List<Expr> parameters, @Nullable Expr seed, LogicalPlan scan)
                implements Detail {
            @Override
            public String label() {
                return "Sampling";
            }
        }

        /** How many rows a condition refused; only where runs are measured. */
        record Refused(String label, LongAdder count) implements Detail {}
    }

    /**
     * What the planner believes.
     *
     * @param startup cost until the first row, in PostgreSQL's units
     * @param width bytes of a row
     */
    public record Estimate(double startup, double total, double rows, int width) {}

    /** The columns of a plan that a node answers. */
    record Output(LogicalPlan plan, BitSet columns) {}

    /** The label of a condition that no row has a part in. */
    public static final String ONE_TIME_FILTER = "One-Time Filter";

    private final String nodeType;
    private String label;
    private @Nullable Target target;
    private @Nullable String index;
    private final Map<String, Object> first = new LinkedHashMap<>();
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private final List<Detail> details = new ArrayList<>();
    private final List<Child> children = new ArrayList<>();
    private @Nullable Estimate estimate;
    private @Nullable NodeMeasure measure;
    private @Nullable Output output;

    private Explain(String nodeType) {
        this.nodeType = nodeType;
        this.label = nodeType;
    }

    /** A node with its inputs; the first is the outer one. */
    public static Explain of(String nodeType, Explain... inputs) {
        Explain node = new Explain(nodeType);
        for (int i = 0; i < inputs.length; i++) {
            node.input(i == 0 ? Relationship.OUTER : Relationship.INNER, inputs[i], null);
        }
        return node;
    }

    /**
     * @param around the plan whose row it reads from outside, null for none
     */
    public Explain input(Relationship relationship, Explain node, @Nullable LogicalPlan around) {
        children.add(new Child(relationship, node, around, null, null));
        return this;
    }

    /** A subquery in an expression over a row of {@code row}. */
    @SuppressWarnings("ReferenceEquality") // equal subqueries are run each for itself
    public Explain subquery(
            boolean once, LogicalPlan plan, Explain node, @Nullable LogicalPlan row) {
        boolean known = children.stream().anyMatch(c -> plan == c.subquery());
        if (!known) {
            children.add(
                    new Child(
                            once ? Relationship.INIT_PLAN : Relationship.SUB_PLAN,
                            node,
                            row,
                            plan,
                            null));
        }
        return this;
    }

    public Explain commonTable(String name, Explain node) {
        children.add(new Child(Relationship.INIT_PLAN, node, null, null, name));
        return this;
    }

    /** The name in the text format, where it is another than the node's type. */
    public Explain label(String text) {
        label = text;
        return this;
    }

    /** The relation that it reads. */
    public Explain on(LogicalPlan scan) {
        target = new Target.Relation(scan);
        return this;
    }

    /** The table that it changes. */
    public Explain on(TableDef table, String alias) {
        target = new Target.Written(table, alias);
        return this;
    }

    public Explain using(String indexName) {
        index = indexName;
        return this;
    }

    /** Something that only the structured formats say, right behind the type. */
    public Explain kind(String key, String value) {
        first.put(key, value);
        return this;
    }

    /** Something that only the structured formats say. */
    public Explain attribute(String key, Object value) {
        attributes.put(key, value);
        return this;
    }

    public Explain detail(String name, String value) {
        details.add(new Detail.Text(name, value));
        return this;
    }

    public Explain detail(String name, long value) {
        details.add(new Detail.Whole(name, value));
        return this;
    }

    public Explain names(String name, List<String> list) {
        details.add(new Detail.Names(name, List.copyOf(list)));
        return this;
    }

    /** Conditions over a row of a plan; none: no line. */
    public Explain condition(String name, List<? extends Expr> terms, LogicalPlan row) {
        if (!terms.isEmpty()) {
            details.add(new Detail.Condition(name, List.copyOf(terms), row));
        }
        return this;
    }

    public Explain expressions(String name, List<Expr> list, LogicalPlan row) {
        details.add(new Detail.Expressions(name, List.copyOf(list), row));
        return this;
    }

    public Explain keys(String name, List<SortKey> list, LogicalPlan row) {
        details.add(new Detail.Keys(name, List.copyOf(list), row));
        return this;
    }

    /**
     * @param seed null if it is not repeatable
     */
    public Explain sampling(
            String method, List<Expr> parameters, @Nullable Expr seed, LogicalPlan scan) {
        details.add(new Detail.Sampling(method, List.copyOf(parameters), seed, scan));
        return this;
    }

    /**
     * @param count null where nothing is measured
     */
    public Explain refused(String name, @Nullable LongAdder count) {
        if (count != null) {
            details.add(new Detail.Refused(name, count));
        }
        return this;
    }

    public void estimate(Estimate estimated) {
        estimate = estimated;
    }

    public void output(LogicalPlan plan, BitSet columns) {
        output = new Output(plan, columns);
    }

    public void measure(NodeMeasure measured) {
        measure = measured;
    }

    /** Whether it is known to answer no row. */
    public boolean refusesAll() {
        return details.contains(new Detail.Text(ONE_TIME_FILTER, "false"));
    }

    public String nodeType() {
        return nodeType;
    }

    String label() {
        return label;
    }

    @Nullable Target target() {
        return target;
    }

    @Nullable String index() {
        return index;
    }

    Map<String, Object> first() {
        return first;
    }

    Map<String, Object> attributes() {
        return attributes;
    }

    List<Detail> details() {
        return details;
    }

    List<Child> children() {
        return children;
    }

    public @Nullable Estimate estimate() {
        return estimate;
    }

    public @Nullable NodeMeasure measure() {
        return measure;
    }

    @Nullable Output output() {
        return output;
    }

    /** The estimates of the inputs, those of subqueries in expressions excepted. */
    public List<Estimate> inputs() {
        List<Estimate> list = new ArrayList<>();
        for (Child child : children) {
            Estimate below = child.node().estimate();
            if (below != null && child.subquery() == null && child.commonTable() == null) {
                list.add(below);
            }
        }
        return list;
    }
}
