package dev.driftdb.tests.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * What must have been before what. The nodes are moments: the beginning and the end of each
 * transaction, and moments of the clock. A cycle is an anomaly. One thread.
 */
final class DependencyGraph {
    /** Why one moment is before another. */
    enum Kind {
        /** A transaction begins before it ends. */
        WITHIN,
        /** The later overwrote what the earlier wrote. */
        WW,
        /** The later read what the earlier wrote. */
        WR,
        /** The later overwrote what the earlier read. */
        RW,
        /** The earlier had ended when the later began. */
        TIME
    }

    private record Edge(int from, int to, Kind kind, String why) {}

    /** A cycle, named by the fewest kinds of edges that close one among its moments. */
    record Cycle(Anomaly.Type type, String what) {}

    private final List<List<Edge>> outgoing = new ArrayList<>();

    /** A new moment. */
    int node() {
        outgoing.add(new ArrayList<>());
        return outgoing.size() - 1;
    }

    void edge(int from, int to, Kind kind, String why) {
        outgoing.get(from).add(new Edge(from, to, kind, why));
    }

    /** One cycle for each set of moments that are all before one another. */
    List<Cycle> cycles(IntFunction<String> names) {
        List<Cycle> cycles = new ArrayList<>();
        for (Set<Integer> component : components()) {
            cycles.add(classified(component, names));
        }
        return cycles;
    }

    private Cycle classified(Set<Integer> component, IntFunction<String> names) {
        EnumSet<Kind> kinds = EnumSet.of(Kind.WITHIN, Kind.WW);
        List<Edge> found = shortest(component, kinds);
        if (!found.isEmpty()) {
            return cycle(Anomaly.Type.G0, found, names);
        }
        kinds.add(Kind.WR);
        found = shortest(component, kinds);
        if (!found.isEmpty()) {
            return cycle(Anomaly.Type.G1C, found, names);
        }
        found = closedBy(component, e -> e.kind() == Kind.RW, kinds);
        if (!found.isEmpty()) {
            return cycle(Anomaly.Type.G_SINGLE, found, names);
        }
        kinds.add(Kind.RW);
        found = shortest(component, kinds);
        if (!found.isEmpty()) {
            return cycle(Anomaly.Type.G2_ITEM, found, names);
        }
        kinds.add(Kind.TIME);
        return cycle(Anomaly.Type.REAL_TIME, shortest(component, kinds), names);
    }

    private static Cycle cycle(Anomaly.Type type, List<Edge> edges, IntFunction<String> names) {
        StringBuilder text = new StringBuilder();
        for (Edge edge : edges) {
            if (edge.kind() != Kind.WITHIN) {
                text.append(names.apply(edge.from()))
                        .append(" -")
                        .append(edge.kind())
                        .append(edge.why().isEmpty() ? "" : "(" + edge.why() + ")")
                        .append("-> ")
                        .append(names.apply(edge.to()))
                        .append("; ");
            }
        }
        return new Cycle(type, text.toString());
    }

    /** The shortest cycle of edges of these kinds; empty if there is none. */
    private List<Edge> shortest(Set<Integer> component, Set<Kind> kinds) {
        return closedBy(component, e -> kinds.contains(e.kind()), kinds);
    }

    /** The shortest cycle of one edge that closes it and a way back of edges of these kinds. */
    private List<Edge> closedBy(Set<Integer> component, Predicate<Edge> closing, Set<Kind> kinds) {
        List<Edge> best = List.of();
        for (int node : component) {
            for (Edge edge : outgoing.get(node)) {
                if (component.contains(edge.to()) && closing.test(edge)) {
                    List<Edge> cycle = closed(edge, component, kinds);
                    if (!cycle.isEmpty() && (best.isEmpty() || cycle.size() < best.size())) {
                        best = cycle;
                    }
                }
            }
        }
        return best;
    }

    private List<Edge> closed(Edge closing, Set<Integer> component, Set<Kind> kinds) {
        Edge[] reachedBy = new Edge[outgoing.size()];
        Deque<Integer> next = new ArrayDeque<>();
        next.add(closing.to());
        reachedBy[closing.to()] = closing;
        while (!next.isEmpty()) {
            int node = next.remove();
            if (node == closing.from()) {
                List<Edge> way = new ArrayList<>();
                for (int at = node; ; at = reachedBy[at].from()) {
                    way.add(reachedBy[at]);
                    if (reachedBy[at].equals(closing)) {
                        break;
                    }
                }
                Collections.reverse(way);
                return way;
            }
            for (Edge edge : outgoing.get(node)) {
                if (kinds.contains(edge.kind())
                        && component.contains(edge.to())
                        && reachedBy[edge.to()] == null) {
                    reachedBy[edge.to()] = edge;
                    next.add(edge.to());
                }
            }
        }
        return List.of();
    }

    /** The strongly connected components of more than one node, by Tarjan's algorithm. */
    private List<Set<Integer>> components() {
        int count = outgoing.size();
        int[] index = new int[count];
        int[] low = new int[count];
        int[] position = new int[count];
        boolean[] onStack = new boolean[count];
        Arrays.fill(index, -1);
        List<Set<Integer>> components = new ArrayList<>();
        Deque<Integer> stack = new ArrayDeque<>();
        Deque<Integer> calls = new ArrayDeque<>();
        int visited = 0;
        for (int root = 0; root < count; root++) {
            if (index[root] >= 0) {
                continue;
            }
            calls.push(root);
            while (!calls.isEmpty()) {
                int node = calls.peek();
                if (index[node] < 0) {
                    index[node] = visited;
                    low[node] = visited;
                    visited++;
                    stack.push(node);
                    onStack[node] = true;
                }
                List<Edge> edges = outgoing.get(node);
                if (position[node] < edges.size()) {
                    int to = edges.get(position[node]).to();
                    position[node]++;
                    if (index[to] < 0) {
                        calls.push(to);
                    } else if (onStack[to]) {
                        low[node] = Math.min(low[node], index[to]);
                    }
                    continue;
                }
                calls.pop();
                if (!calls.isEmpty()) {
                    low[calls.peek()] = Math.min(low[calls.peek()], low[node]);
                }
                if (low[node] == index[node]) {
                    Set<Integer> component = popped(stack, onStack, node);
                    if (component.size() > 1) {
                        components.add(component);
                    }
                }
            }
        }
        return components;
    }

    private static Set<Integer> popped(Deque<Integer> stack, boolean[] onStack, int root) {
        Set<Integer> component = new java.util.HashSet<>();
        int member;
        do {
            member = stack.pop();
            onStack[member] = false;
            component.add(member);
        } while (member != root);
        return component;
    }
}
