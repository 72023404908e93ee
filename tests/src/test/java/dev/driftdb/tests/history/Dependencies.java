package dev.driftdb.tests.history;

import dev.driftdb.tests.history.DependencyGraph.Kind;
import dev.driftdb.tests.history.Step.Append;
import dev.driftdb.tests.history.Step.ReadList;
import dev.driftdb.tests.history.Step.ReadRegister;
import dev.driftdb.tests.history.Step.WriteRegister;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The dependencies of transactions that took effect, between the moments that each level ties them
 * to.
 *
 * <p>With one view, what a transaction read or replaced was there when it began. At SERIALIZABLE
 * what it read is still so when it ends, unless it writes nothing: then all of it is the moment of
 * its view. At READ COMMITTED what it read is older than its end, and nothing more. So a cycle is
 * what a level forbids; write skew at REPEATABLE READ is none.
 */
final class Dependencies {
    /** One transaction's two moments. */
    private record Node(RecordedTransaction transaction, int begin, int end) {
        String name() {
            return "T" + transaction.id();
        }
    }

    private final DependencyGraph graph = new DependencyGraph();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Integer, Node> byId = new HashMap<>();
    private final Map<Integer, String> names = new HashMap<>();
    private final Map<Integer, RecordedTransaction> writers;

    /** Per register and value: who has replaced that value, as far as is known. */
    private final Map<Step, List<Node>> replacers = new HashMap<>();

    Dependencies(
            List<RecordedTransaction> transactions,
            Map<Integer, RecordedTransaction> writers,
            Map<Integer, List<Integer>> lists) {
        this.writers = writers;
        for (RecordedTransaction transaction : transactions) {
            Node node = new Node(transaction, graph.node(), graph.node());
            nodes.add(node);
            byId.put(transaction.id(), node);
            names.put(node.begin(), node.name());
            names.put(node.end(), node.name());
            graph.edge(node.begin(), node.end(), Kind.WITHIN, "");
        }
        lists.forEach(this::addList);
        nodes.forEach(this::addReplaced);
        nodes.forEach(node -> addReads(node, lists));
        addTime();
    }

    List<DependencyGraph.Cycle> cycles() {
        return graph.cycles(node -> names.getOrDefault(node, "clock"));
    }

    private @Nullable Node writer(int value) {
        RecordedTransaction writer = writers.get(value);
        return writer == null ? null : byId.get(writer.id());
    }

    private void before(Node earlier, @Nullable Node later, Kind kind, String why) {
        if (later == null || later.equals(earlier)) {
            return;
        }
        RecordedTransaction from = earlier.transaction();
        switch (kind) {
            case RW -> {
                switch (from.level()) {
                    case SERIALIZABLE ->
                            graph.edge(
                                    from.writes() ? earlier.end() : earlier.begin(),
                                    later.end(),
                                    kind,
                                    why);
                    case REPEATABLE_READ -> graph.edge(earlier.begin(), later.end(), kind, why);
                    case READ_COMMITTED -> {}
                }
            }
            case WW, WR ->
                    graph.edge(
                            earlier.end(),
                            later.transaction().level().hasOneView() ? later.begin() : later.end(),
                            kind,
                            why);
            case WITHIN, TIME -> throw new IllegalArgumentException("not of two transactions");
        }
    }

    private void addList(int key, List<Integer> values) {
        for (int i = 1; i < values.size(); i++) {
            Node earlier = writer(values.get(i - 1));
            if (earlier != null) {
                before(
                        earlier,
                        writer(values.get(i)),
                        Kind.WW,
                        "list " + key + ": " + values.get(i - 1) + ", " + values.get(i));
            }
        }
    }

    /** What each transaction has read of a register before it wrote it is older. */
    private void addReplaced(Node node) {
        Map<Integer, Integer> read = new HashMap<>();
        for (Step step : node.transaction().steps()) {
            if (step instanceof ReadRegister register) {
                read.putIfAbsent(register.key(), register.value());
            } else if (step instanceof WriteRegister write) {
                Integer value = read.remove(write.key());
                if (value != null) {
                    replacers
                            .computeIfAbsent(
                                    new ReadRegister(write.key(), value, false),
                                    _ -> new ArrayList<>())
                            .add(node);
                    Node earlier = writer(value);
                    if (earlier != null) {
                        before(
                                earlier,
                                node,
                                Kind.WW,
                                "register " + write.key() + ": " + value + ", " + write.value());
                    }
                }
            }
        }
    }

    private void addReads(Node node, Map<Integer, List<Integer>> lists) {
        Set<Integer> own = new HashSet<>();
        for (Step step : node.transaction().steps()) {
            switch (step) {
                case Append append -> own.add(append.value());
                case WriteRegister write -> own.add(write.value());
                case ReadList read -> {
                    List<Integer> base =
                            read.values().stream().filter(value -> !own.contains(value)).toList();
                    String why = "list " + read.key() + ": " + base.size() + " values";
                    if (!base.isEmpty()) {
                        readFrom(node, base.getLast(), why);
                    }
                    List<Integer> all = lists.getOrDefault(read.key(), List.of());
                    if (all.size() > base.size()) {
                        before(node, writer(all.get(base.size())), Kind.RW, why);
                    }
                }
                case ReadRegister(int key, int value, boolean _) -> {
                    if (!own.contains(value)) {
                        String why = "register " + key + ": " + value;
                        readFrom(node, value, why);
                        for (Node later :
                                replacers.getOrDefault(
                                        new ReadRegister(key, value, false), List.of())) {
                            before(node, later, Kind.RW, why);
                        }
                    }
                }
            }
        }
    }

    private void readFrom(Node reader, int value, String why) {
        Node writer = writer(value);
        if (writer != null) {
            before(writer, reader, Kind.WR, why);
        }
    }

    /**
     * What had ended when another began: visible to it on the same server, and on any if it reads
     * linearizably; and in any case earlier in the log.
     */
    private void addTime() {
        Set<Integer> servers = new HashSet<>();
        nodes.forEach(node -> servers.add(node.transaction().server()));
        for (int server : servers) {
            addClock(
                    nodes.stream().filter(n -> n.transaction().server() == server).toList(),
                    nodes.stream().filter(n -> n.transaction().server() == server).toList(),
                    false);
        }
        addClock(nodes, nodes.stream().filter(n -> n.transaction().linearizable()).toList(), false);
        addClock(nodes, nodes.stream().filter(n -> n.transaction().writes()).toList(), true);
    }

    /** A chain of moments, so that not each pair needs an edge. */
    private void addClock(List<Node> ended, List<Node> begun, boolean beforeEnd) {
        List<Node> byEnd =
                ended.stream()
                        .filter(n -> n.transaction().end() == RecordedTransaction.End.COMMITTED)
                        .sorted(Comparator.comparingLong(n -> n.transaction().endedNanos()))
                        .toList();
        List<Node> byBegin =
                begun.stream()
                        .sorted(Comparator.comparingLong(n -> n.transaction().begunNanos()))
                        .toList();
        int next = 0;
        int clock = -1;
        for (Node node : byBegin) {
            while (next < byEnd.size()
                    && byEnd.get(next).transaction().endedNanos()
                            < node.transaction().begunNanos()) {
                int moment = graph.node();
                if (clock >= 0) {
                    graph.edge(clock, moment, Kind.TIME, "");
                }
                graph.edge(byEnd.get(next).end(), moment, Kind.TIME, "");
                clock = moment;
                next++;
            }
            if (clock >= 0) {
                graph.edge(clock, beforeEnd ? node.end() : node.begin(), Kind.TIME, "");
            }
        }
    }
}
