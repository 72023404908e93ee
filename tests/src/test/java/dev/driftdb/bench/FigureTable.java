package dev.driftdb.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The table that is printed at the end: benchmark | DriftDB | floor or peer | ratio | target | met.
 * Used by the main thread.
 */
final class FigureTable {
    private static final String NONE = "-";

    private static final List<String> HEADING =
            List.of("benchmark", "DriftDB", "floor or peer", "ratio", "target", "met");

    private final List<List<String>> lines = new ArrayList<>();
    private final boolean judged;

    /**
     * @param judged false leaves the last column empty: a run too short to mean anything
     */
    FigureTable(boolean judged) {
        this.judged = judged;
    }

    /** A floor's or a peer's own figure. */
    void addPeer(String benchmark, String figure) {
        add(benchmark, NONE, figure, NONE, NONE, NONE);
    }

    /** A figure that is compared with nothing. */
    void add(String benchmark, String driftdb) {
        add(benchmark, driftdb, NONE, NONE, NONE, NONE);
    }

    /** A figure with a peer but without a target. */
    void add(String benchmark, String driftdb, String peer, double ratio) {
        add(benchmark, driftdb, peer, Figures.ratio(ratio), NONE, NONE);
    }

    /** A figure whose ratio to its peer has a target. */
    void add(String benchmark, String driftdb, String peer, double ratio, Target target) {
        add(
                benchmark,
                driftdb,
                peer,
                Figures.ratio(ratio),
                text(target, ""),
                verdict(target, ratio));
    }

    /** A figure that has a target itself; {@code unit} is printed behind the target. */
    void addJudged(String benchmark, String driftdb, double figure, String unit, Target target) {
        add(benchmark, driftdb, NONE, NONE, text(target, unit), verdict(target, figure));
    }

    void addFailure(String benchmark, String reason) {
        add(benchmark, "FAILED", reason, NONE, NONE, "no");
    }

    private void add(String... cells) {
        lines.add(List.of(cells));
    }

    private String verdict(Target target, double figure) {
        if (!judged) {
            return NONE;
        }
        return target.isMetBy(figure) ? "yes" : "no";
    }

    private static String text(Target target, String unit) {
        return (target.smallerIsBetter() ? "<= " : ">= ") + Figures.limit(target.bound()) + unit;
    }

    void print(PrintWriter out) {
        int[] widths = new int[HEADING.size()];
        widen(widths, HEADING);
        lines.forEach(line -> widen(widths, line));
        print(out, widths, HEADING);
        List<String> rule = new ArrayList<>();
        for (int width : widths) {
            rule.add("-".repeat(width));
        }
        out.println(String.join("-|-", rule));
        lines.forEach(line -> print(out, widths, line));
        out.flush();
    }

    private static void widen(int[] widths, List<String> cells) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], cells.get(i).length());
        }
    }

    private static void print(PrintWriter out, int[] widths, List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(i == 0 ? "" : " | ");
            line.append(cells.get(i)).append(" ".repeat(widths[i] - cells.get(i).length()));
        }
        out.println(line.toString().stripTrailing());
    }
}
