package dev.driftdb.query.explain;

import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.execute.Resources;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.explain.Explain.Child;
import dev.driftdb.query.explain.Explain.Detail;
import dev.driftdb.query.explain.ExpressionText.Place;
import dev.driftdb.query.explain.Structure.Plain;
import dev.driftdb.query.expr.Expr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Nodes with the keys of PostgreSQL's JSON, YAML and XML formats. */
final class NodeStructure {
    private static final int COST_DIGITS = 2;
    private static final int TIME_DIGITS = 3;

    private final NodeReader reader;
    private final ExplainOptions options;

    NodeStructure(NodeReader reader, ExplainOptions options) {
        this.reader = reader;
        this.options = options;
    }

    Map<String, Object> of(Explain root) {
        return of(root, null, null, null);
    }

    private Map<String, Object> of(
            Explain node, @Nullable Child as, @Nullable Place outer, @Nullable Explain parent) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("Node Type", node.nodeType());
        map.putAll(node.first());
        if (as != null) {
            map.put("Parent Relationship", as.relationship().text());
            String name = reader.subplanName(as);
            if (name != null) {
                map.put("Subplan Name", name);
            }
        }
        map.put("Parallel Aware", Plain.of(false));
        map.put("Async Capable", Plain.of(false));
        String index = node.index();
        if (index != null) {
            put(map, "Scan Direction", node.attributes().get("Scan Direction"));
            map.put("Index Name", index);
        }
        target(map, node);
        node.attributes()
                .forEach((key, value) -> {
                    if (!key.equals("Inner Unique")) {
                        put(map, key, value);
                    }
                });
        estimate(map, node);
        actual(map, node);
        if (options.verbose()) {
            List<String> output = reader.output(node, outer);
            if (!output.isEmpty()) {
                map.put("Output", output);
            }
        }
        put(map, "Inner Unique", node.attributes().get("Inner Unique"));
        for (Detail detail : node.details()) {
            detail(map, detail, node, outer);
        }
        measured(map, node, parent);
        List<Map<String, Object>> plans = new ArrayList<>();
        for (Child child : NodeReader.children(node)) {
            plans.add(of(child.node(), child, NodeReader.inside(child, outer), node));
        }
        if (!plans.isEmpty()) {
            map.put("Plans", plans);
        }
        return map;
    }

    private static void put(Map<String, Object> map, String key, @Nullable Object value) {
        if (value instanceof Boolean truth) {
            map.put(key, Plain.of(truth));
        } else if (value instanceof Number number) {
            map.put(key, Plain.of(number.longValue()));
        } else if (value != null) {
            map.put(key, value);
        }
    }

    private void target(Map<String, Object> map, Explain node) {
        NodeReader.Named named = reader.target(node);
        if (named == null) {
            return;
        }
        if (named.key() != null) {
            map.put(named.key(), named.name());
        }
        if (options.verbose() && named.schema() != null) {
            map.put("Schema", named.schema());
        }
        map.put("Alias", named.alias());
    }

    private void estimate(Map<String, Object> map, Explain node) {
        Explain.Estimate estimate = node.estimate();
        if (options.costs() && estimate != null) {
            map.put("Startup Cost", Plain.of(estimate.startup(), COST_DIGITS));
            map.put("Total Cost", Plain.of(estimate.total(), COST_DIGITS));
            map.put("Plan Rows", Plain.of(estimate.rows(), 0));
            map.put("Plan Width", Plain.of(estimate.width()));
        }
    }

    private static void actual(Map<String, Object> map, Explain node) {
        NodeMeasure measure = node.measure();
        if (measure == null) {
            return;
        }
        double loops = Math.max(1, measure.loops());
        if (measure.timed()) {
            boolean whole = node.nodeType().equals("Hash");
            double startup = whole ? measure.totalNanos() : measure.startupNanos();
            map.put("Actual Startup Time", Plain.of(startup / loops / 1e6, TIME_DIGITS));
            map.put("Actual Total Time", Plain.of(measure.totalNanos() / loops / 1e6, TIME_DIGITS));
        }
        map.put("Actual Rows", Plain.of(measure.rows() / loops, 0));
        map.put("Actual Loops", Plain.of(measure.loops()));
    }

    private void detail(
            Map<String, Object> map, Detail detail, Explain node, @Nullable Place outer) {
        switch (detail) {
            case Detail.Text text -> map.put(text.label(), text.value());
            case Detail.Whole whole -> map.put(whole.label(), Plain.of(whole.value()));
            case Detail.Names names -> map.put(names.label(), names.list());
            case Detail.Condition condition ->
                    map.put(condition.label(), reader.condition(condition, node, outer));
            case Detail.Expressions list when list.label().equals("Hash Key") ->
                    groupingSet(map, reader.expressions(list, node, outer));
            case Detail.Expressions list -> {
                List<String> texts = reader.expressions(list, node, outer);
                map.put(
                        list.label(),
                        list.label().equals("Function Call") ? String.join(", ", texts) : texts);
            }
            case Detail.Keys keys -> map.put(keys.label(), reader.keys(keys, node, outer));
            case Detail.Sampling sampling -> {
                map.put("Sampling Method", sampling.method());
                map.put(
                        "Sampling Parameters",
                        sampling.parameters().stream()
                                .map(p -> reader.sampling(p, sampling, node, outer))
                                .toList());
                Expr seed = sampling.seed();
                if (seed != null) {
                    map.put("Repeatable Seed", reader.sampling(seed, sampling, node, outer));
                }
            }
            case Detail.Refused(var label, var count) -> {
                NodeMeasure measure = node.measure();
                double loops = measure == null ? 1 : Math.max(1, measure.loops());
                map.put(label, Plain.of(count.sum() / loops, 0));
            }
        }
    }

    @SuppressWarnings("unchecked") // what was put there
    private static void groupingSet(Map<String, Object> map, List<String> keys) {
        List<Map<String, Object>> sets =
                (List<Map<String, Object>>)
                        map.computeIfAbsent("Grouping Sets", key -> new ArrayList<>());
        Map<String, Object> set = new LinkedHashMap<>();
        set.put("Hash Keys", List.of(keys));
        sets.add(set);
    }

    private void measured(Map<String, Object> map, Explain node, @Nullable Explain parent) {
        NodeMeasure measure = node.measure();
        if (measure == null) {
            return;
        }
        RunReport report = measure.report();
        RunReport.Sorted sorted = report.sorted();
        if (sorted != null) {
            map.put("Sort Method", sorted.method());
            map.put("Sort Space Used", Plain.of(NodeReader.kilobytes(sorted.bytes())));
            map.put("Sort Space Type", sorted.onDisk() ? "Disk" : "Memory");
        }
        RunReport.Hashed hashed = NodeReader.hashed(node, parent);
        if (hashed != null) {
            map.put("Hash Buckets", Plain.of(hashed.buckets()));
            map.put("Original Hash Buckets", Plain.of(hashed.buckets()));
            map.put("Hash Batches", Plain.of(hashed.batches()));
            map.put("Original Hash Batches", Plain.of(1));
            map.put("Peak Memory Usage", Plain.of(NodeReader.kilobytes(hashed.bytes())));
        }
        RunReport.Grouped grouped = NodeReader.grouped(node, report);
        if (grouped != null) {
            map.put("HashAgg Batches", Plain.of(grouped.batches()));
            map.put("Peak Memory Usage", Plain.of(NodeReader.kilobytes(grouped.bytes())));
            map.put("Disk Usage", Plain.of(NodeReader.kilobytes(grouped.diskBytes())));
        }
        RunReport.Conflicts conflicts = report.conflicts();
        if (conflicts != null) {
            map.put("Tuples Inserted", Plain.of(conflicts.inserted()));
            map.put("Conflicting Tuples", Plain.of(conflicts.conflicting()));
        }
        RunReport.Merged merged = report.merged();
        if (merged != null) {
            map.put("Tuples Inserted", Plain.of(merged.inserted()));
            map.put("Tuples Updated", Plain.of(merged.updated()));
            map.put("Tuples Deleted", Plain.of(merged.deleted()));
            map.put("Tuples Skipped", Plain.of(merged.skipped()));
        }
        if (options.buffers()) {
            buffers(map, measure.resources());
        }
    }

    /** All of PostgreSQL's keys: nothing here is local, dirtied or written by a reader. */
    static void buffers(Map<String, Object> map, Resources used) {
        map.put("Shared Hit Blocks", Plain.of(used.hits()));
        map.put("Shared Read Blocks", Plain.of(used.reads()));
        map.put("Shared Dirtied Blocks", Plain.of(0));
        map.put("Shared Written Blocks", Plain.of(0));
        map.put("Local Hit Blocks", Plain.of(0));
        map.put("Local Read Blocks", Plain.of(0));
        map.put("Local Dirtied Blocks", Plain.of(0));
        map.put("Local Written Blocks", Plain.of(0));
        map.put("Temp Read Blocks", Plain.of(TextNodes.blocks(used.temporaryRead())));
        map.put("Temp Written Blocks", Plain.of(TextNodes.blocks(used.temporaryWritten())));
    }
}
