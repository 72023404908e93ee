package dev.driftdb.query.explain;

import dev.driftdb.query.execute.NodeMeasure;
import dev.driftdb.query.execute.Resources;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.explain.Explain.Child;
import dev.driftdb.query.explain.Explain.Detail;
import dev.driftdb.query.explain.ExpressionText.Place;
import dev.driftdb.query.expr.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Nodes as lines, indented as PostgreSQL does. */
final class TextNodes {
    private static final int BLOCK_BYTES = 8192;

    private final NodeReader reader;
    private final ExplainOptions options;
    private final List<String> lines;

    TextNodes(NodeReader reader, ExplainOptions options, List<String> lines) {
        this.reader = reader;
        this.options = options;
        this.lines = lines;
    }

    void write(Explain root, int indent) {
        write(root, indent, null, null);
    }

    private void write(Explain node, int indent, @Nullable Place outer, @Nullable Explain parent) {
        int level = indent;
        String arrow = "";
        if (level > 0) {
            arrow = "  ".repeat(level) + "->  ";
            level += 2;
        }
        lines.add(arrow + reader.title(node) + estimate(node) + actual(node));
        level++;
        String margin = "  ".repeat(level);
        if (options.verbose()) {
            List<String> output = reader.output(node, outer);
            if (!output.isEmpty()) {
                lines.add(margin + "Output: " + String.join(", ", output));
            }
        }
        for (Detail detail : node.details()) {
            String line = line(detail, node, outer);
            if (line != null) {
                lines.add(margin + line);
            }
        }
        for (String line : measured(node, parent)) {
            lines.add(margin + line);
        }
        for (Child child : NodeReader.children(node)) {
            String name = reader.subplanName(child);
            if (name != null) {
                lines.add(margin + name);
            }
            write(
                    child.node(),
                    name == null ? level : level + 1,
                    NodeReader.inside(child, outer),
                    node);
        }
    }

    private String estimate(Explain node) {
        Explain.Estimate estimate = node.estimate();
        return !options.costs() || estimate == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "  (cost=%.2f..%.2f rows=%.0f width=%d)",
                        estimate.startup(),
                        estimate.total(),
                        estimate.rows(),
                        estimate.width());
    }

    private static String actual(Explain node) {
        NodeMeasure measure = node.measure();
        if (measure == null) {
            return "";
        }
        double loops = measure.loops();
        if (loops == 0) {
            return " (never executed)";
        }
        String rows = String.format(Locale.ROOT, "%.0f", measure.rows() / loops);
        String times = "";
        if (measure.timed()) {
            boolean whole = node.nodeType().equals("Hash");
            times =
                    "time="
                            + PlanText.millis(
                                    (whole ? measure.totalNanos() : measure.startupNanos()) / loops)
                            + ".."
                            + PlanText.millis(measure.totalNanos() / loops)
                            + " ";
        }
        return " (actual " + times + "rows=" + rows + " loops=" + measure.loops() + ")";
    }

    private @Nullable String line(Detail detail, Explain node, @Nullable Place outer) {
        return switch (detail) {
            case Detail.Text text -> text.label() + ": " + text.value();
            case Detail.Whole whole -> whole.label() + ": " + whole.value();
            case Detail.Names names -> names.label() + ": " + String.join(", ", names.list());
            case Detail.Condition condition ->
                    condition.label() + ": " + reader.condition(condition, node, outer);
            case Detail.Expressions list -> {
                List<String> texts = reader.expressions(list, node, outer);
                yield list.label() + ": " + (texts.isEmpty() ? "()" : String.join(", ", texts));
            }
            case Detail.Keys keys ->
                    keys.label() + ": " + String.join(", ", reader.keys(keys, node, outer));
            case Detail.Sampling sampling -> {
                List<String> parameters = new ArrayList<>();
                sampling.parameters()
                        .forEach(p -> parameters.add(reader.sampling(p, sampling, node, outer)));
                Expr seed = sampling.seed();
                yield sampling.label()
                        + ": "
                        + sampling.method()
                        + " ("
                        + String.join(", ", parameters)
                        + ")"
                        + (seed == null
                                ? ""
                                : " REPEATABLE ("
                                        + reader.sampling(seed, sampling, node, outer)
                                        + ")");
            }
            case Detail.Refused(var label, var count) -> {
                NodeMeasure measure = node.measure();
                double each =
                        measure == null || measure.loops() == 0
                                ? 0
                                : (double) count.sum() / measure.loops();
                yield count.sum() == 0
                        ? null
                        : label + ": " + String.format(Locale.ROOT, "%.0f", each);
            }
        };
    }

    private List<String> measured(Explain node, @Nullable Explain parent) {
        List<String> found = new ArrayList<>();
        NodeMeasure measure = node.measure();
        if (measure == null || measure.loops() == 0) {
            return found;
        }
        RunReport report = measure.report();
        RunReport.Sorted sorted = report.sorted();
        if (sorted != null) {
            found.add(
                    "Sort Method: "
                            + sorted.method()
                            + (sorted.onDisk() ? "  Disk: " : "  Memory: ")
                            + NodeReader.kilobytes(sorted.bytes())
                            + "kB");
        }
        RunReport.Hashed hashed = NodeReader.hashed(node, parent);
        if (hashed != null) {
            found.add(
                    "Buckets: "
                            + hashed.buckets()
                            + "  Batches: "
                            + hashed.batches()
                            + (hashed.batches() > 1 ? " (originally 1)" : "")
                            + "  Memory Usage: "
                            + NodeReader.kilobytes(hashed.bytes())
                            + "kB");
        }
        RunReport.Grouped grouped = NodeReader.grouped(node, report);
        if (grouped != null) {
            found.add(
                    "Batches: "
                            + grouped.batches()
                            + "  Memory Usage: "
                            + NodeReader.kilobytes(grouped.bytes())
                            + "kB"
                            + (grouped.diskBytes() == 0
                                    ? ""
                                    : "  Disk Usage: "
                                            + NodeReader.kilobytes(grouped.diskBytes())
                                            + "kB"));
        }
        RunReport.Conflicts conflicts = report.conflicts();
        if (conflicts != null) {
            found.add("Tuples Inserted: " + conflicts.inserted());
            found.add("Conflicting Tuples: " + conflicts.conflicting());
        }
        RunReport.Merged merged = report.merged();
        if (merged != null) {
            found.add("Tuples:" + merged(merged));
        }
        if (options.buffers()) {
            buffers(measure.resources(), found);
        }
        return found;
    }

    private static String merged(RunReport.Merged merged) {
        return part("inserted", merged.inserted())
                + part("updated", merged.updated())
                + part("deleted", merged.deleted())
                + part("skipped", merged.skipped());
    }

    private static String part(String name, long count) {
        return count == 0 ? "" : " " + name + "=" + count;
    }

    /** Only what is not zero, as PostgreSQL. */
    private static void buffers(Resources used, List<String> found) {
        List<String> kinds = new ArrayList<>();
        String shared = part("hit", used.hits()) + part("read", used.reads());
        if (!shared.isEmpty()) {
            kinds.add("shared" + shared);
        }
        String temporary =
                part("read", blocks(used.temporaryRead()))
                        + part("written", blocks(used.temporaryWritten()));
        if (!temporary.isEmpty()) {
            kinds.add("temp" + temporary);
        }
        if (!kinds.isEmpty()) {
            found.add("Buffers: " + String.join(", ", kinds));
        }
    }

    static long blocks(long bytes) {
        return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
    }
}
