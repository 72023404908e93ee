package dev.driftdb.query.explain;

import dev.driftdb.query.execute.Resources;
import dev.driftdb.schemas.type.FormatSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What EXPLAIN answers: all of it, in the format that was asked for. */
public final class PlanText {
    /**
     * What is said below the plan.
     *
     * @param settings those that differ from their defaults and matter for planning
     * @param executionNanos negative if nothing was run
     */
    public record Summary(Map<String, String> settings, long planningNanos, long executionNanos) {}

    private PlanText() {}

    /** The lines of the text format; of another format one. */
    public static List<String> of(
            ExplainedQuery query, ExplainOptions options, FormatSettings format, Summary summary) {
        NodeReader reader = new NodeReader(query, options, format);
        if (options.format() == ExplainOptions.Format.TEXT) {
            return text(reader, query, options, summary);
        }
        Map<String, Object> all = structure(reader, query, options, summary);
        return List.of(
                switch (options.format()) {
                    case JSON -> Structure.json(all);
                    case YAML -> Structure.yaml(all);
                    case XML -> Structure.xml(all);
                    case TEXT -> throw new IllegalStateException("not a structure");
                });
    }

    private static List<String> text(
            NodeReader reader, ExplainedQuery query, ExplainOptions options, Summary summary) {
        List<String> lines = new ArrayList<>();
        new TextNodes(reader, options, lines).write(query.root(), 0);
        if (options.settings() && !summary.settings().isEmpty()) {
            List<String> pairs = new ArrayList<>();
            summary.settings().forEach((name, value) -> pairs.add(name + " = '" + value + "'"));
            lines.add("Settings: " + String.join(", ", pairs));
        }
        if (options.summary()) {
            lines.add("Planning Time: " + millis((double) summary.planningNanos()) + " ms");
            if (summary.executionNanos() >= 0) {
                lines.add("Execution Time: " + millis((double) summary.executionNanos()) + " ms");
            }
        }
        return lines;
    }

    private static Map<String, Object> structure(
            NodeReader reader, ExplainedQuery query, ExplainOptions options, Summary summary) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("Plan", new NodeStructure(reader, options).of(query.root()));
        if (options.settings()) {
            all.put("Settings", new LinkedHashMap<String, Object>(summary.settings()));
        }
        if (options.buffers()) {
            Map<String, Object> planning = new LinkedHashMap<>();
            NodeStructure.buffers(planning, Resources.NONE);
            all.put("Planning", planning);
        }
        if (options.summary()) {
            all.put("Planning Time", new Structure.Plain(millis((double) summary.planningNanos())));
        }
        if (options.analyze()) {
            all.put("Triggers", List.of());
        }
        if (options.summary() && summary.executionNanos() >= 0) {
            all.put(
                    "Execution Time",
                    new Structure.Plain(millis((double) summary.executionNanos())));
        }
        return all;
    }

    static String millis(double nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
    }

    /** The plan alone: its nodes and their conditions. */
    public static List<String> shape(ExplainedQuery query) {
        return of(query, ExplainOptions.SHAPE, FormatSettings.UTC, new Summary(Map.of(), 0, -1));
    }
}
