package dev.driftdb.query.optimize;

import java.util.ArrayList;
import java.util.List;

/** One node of EXPLAIN's text: what it does, details, and its inputs. */
record Explain(String title, List<String> details, List<Explain> children) {
    Explain {
        details = List.copyOf(details);
        children = List.copyOf(children);
    }

    static Explain of(String title, Explain... children) {
        return new Explain(title, List.of(), List.of(children));
    }

    Explain withDetail(String detail) {
        List<String> more = new ArrayList<>(details);
        more.add(detail);
        return new Explain(title, more, children);
    }

    Explain withChildren(List<Explain> more) {
        List<Explain> all = new ArrayList<>(children);
        all.addAll(more);
        return new Explain(title, details, all);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        write(lines, 0);
        return lines;
    }

    // As PostgreSQL: two columns for the first arrow, six for each further one.
    private void write(List<String> lines, int depth) {
        String indent = depth == 0 ? "" : " ".repeat(2 + (depth - 1) * 6) + "->  ";
        lines.add(indent + title);
        String detailIndent = " ".repeat(depth == 0 ? 2 : 2 + depth * 6);
        details.forEach(detail -> lines.add(detailIndent + detail));
        children.forEach(child -> child.write(lines, depth + 1));
    }
}
