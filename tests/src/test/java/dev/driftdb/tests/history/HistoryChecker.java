package dev.driftdb.tests.history;

import dev.driftdb.tests.history.RecordedTransaction.End;
import dev.driftdb.tests.history.Step.Append;
import dev.driftdb.tests.history.Step.ReadList;
import dev.driftdb.tests.history.Step.ReadRegister;
import dev.driftdb.tests.history.Step.WriteRegister;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what no order of the transactions explains, given what each isolation level owes.
 *
 * <p>Lists show the order of their versions by themselves. Of registers it is known that a value
 * came after the one that its transaction had read before. From that follow the dependencies that
 * {@link Dependencies} puts into a graph, whose cycles are anomalies; the rest is found here.
 */
final class HistoryChecker {
    private final History history;
    private final List<Anomaly> anomalies = new ArrayList<>();

    /** Who wrote a value. */
    private final Map<Integer, RecordedTransaction> writers = new HashMap<>();

    /** The longest that was read of each list, without what its reader had added itself. */
    private final Map<Integer, List<Integer>> lists = new TreeMap<>();

    /** Values that somebody else than their writer has read. */
    private final Set<Integer> seen = new HashSet<>();

    private HistoryChecker(History history) {
        this.history = history;
    }

    static List<Anomaly> check(History history) {
        HistoryChecker checker = new HistoryChecker(history);
        checker.run();
        return List.copyOf(checker.anomalies);
    }

    private void run() {
        List<RecordedTransaction> all = new ArrayList<>(history.transactions());
        all.add(history.last());
        for (RecordedTransaction transaction : all) {
            for (Step step : transaction.steps()) {
                Integer value = written(step);
                if (value != null && writers.put(value, transaction) != null) {
                    throw new IllegalArgumentException("value " + value + " is written twice");
                }
            }
        }
        for (RecordedTransaction transaction : all) {
            new Inside(transaction).check();
        }
        all.forEach(this::checkOrder);
        checkEnd();
        checkLostUpdates();
        List<RecordedTransaction> effective = all.stream().filter(this::tookEffect).toList();
        Dependencies dependencies = new Dependencies(effective, writers, lists);
        for (DependencyGraph.Cycle cycle : dependencies.cycles()) {
            found(cycle.type(), cycle.what());
        }
    }

    private void found(Anomaly.Type type, String what) {
        anomalies.add(new Anomaly(type, what));
    }

    static @Nullable Integer written(Step step) {
        return switch (step) {
            case Append append -> append.value();
            case WriteRegister write -> write.value();
            case ReadList _, ReadRegister _ -> null;
        };
    }

    /** What was not acknowledged has taken effect if somebody has seen it. */
    private boolean tookEffect(RecordedTransaction transaction) {
        return switch (transaction.end()) {
            case COMMITTED -> true;
            case ABORTED -> false;
            case UNKNOWN ->
                    transaction.steps().stream()
                            .map(HistoryChecker::written)
                            .anyMatch(value -> value != null && seen.contains(value));
        };
    }

    /** One transaction by itself: what it read is explained by others and what it had written. */
    private final class Inside {
        private final RecordedTransaction transaction;
        private final Map<Integer, List<Integer>> appended = new HashMap<>();
        private final Map<Integer, List<Integer>> readLists = new HashMap<>();
        private final Map<Integer, Integer> ownRegisters = new HashMap<>();
        private final Map<Integer, Integer> readRegisters = new HashMap<>();

        Inside(RecordedTransaction transaction) {
            this.transaction = transaction;
        }

        void check() {
            for (Step step : transaction.steps()) {
                switch (step) {
                    case Append(int key, int value) ->
                            appended.computeIfAbsent(key, _ -> new ArrayList<>()).add(value);
                    case WriteRegister(int key, int value) -> ownRegisters.put(key, value);
                    case ReadList read -> list(read);
                    case ReadRegister read -> register(read);
                }
            }
        }

        private void list(ReadList read) {
            List<Integer> values = read.values();
            List<Integer> own = appended.getOrDefault(read.key(), List.of());
            if (new HashSet<>(values).size() != values.size()) {
                found(
                        Anomaly.Type.DUPLICATE,
                        name() + " read " + values + " of list " + read.key());
            }
            int others = values.size() - own.size();
            if (others < 0 || !values.subList(others, values.size()).equals(own)) {
                found(
                        Anomaly.Type.INTERNAL,
                        name() + " read " + values + " after it had added " + own);
                return;
            }
            List<Integer> base = values.subList(0, others);
            base.forEach(value -> value(value, read));
            if (!base.isEmpty()) {
                intermediate(base.getLast(), read);
            }
            List<Integer> before = readLists.put(read.key(), base);
            if (before != null && transaction.level().hasOneView() && !before.equals(base)) {
                found(Anomaly.Type.INTERNAL, name() + " read " + before + ", then " + base);
            }
            List<Integer> longest = lists.getOrDefault(read.key(), List.of());
            if (base.size() > longest.size()) {
                lists.put(read.key(), base);
            }
        }

        private void register(ReadRegister read) {
            Integer own = ownRegisters.get(read.key());
            if (own != null) {
                if (own != read.value()) {
                    found(
                            Anomaly.Type.INTERNAL,
                            name() + " read " + read.value() + " after writing " + own);
                }
                return;
            }
            if (read.value() != 0) {
                value(read.value(), read);
                intermediate(read.value(), read);
            }
            Integer before = readRegisters.put(read.key(), read.value());
            if (before != null && transaction.level().hasOneView() && before != read.value()) {
                found(Anomaly.Type.INTERNAL, name() + " read " + before + ", then " + read.value());
            }
        }

        private void value(int value, Step read) {
            seen.add(value);
            RecordedTransaction writer = writers.get(value);
            if (writer == null) {
                found(Anomaly.Type.UNKNOWN_VALUE, name() + " read " + value + " in " + read);
            } else if (writer.end() == End.ABORTED && writer.id() != transaction.id()) {
                found(
                        Anomaly.Type.G1A,
                        name()
                                + " read "
                                + value
                                + " of aborted T"
                                + writer.id()
                                + ", which was told "
                                + writer.answer());
            }
        }

        private void intermediate(int value, Step read) {
            RecordedTransaction writer = writers.get(value);
            if (writer == null || writer.id() == transaction.id()) {
                return;
            }
            int last = 0;
            for (Step step : writer.steps()) {
                Integer written = written(step);
                if (written != null
                        && step.key() == read.key()
                        && step instanceof Append == read instanceof ReadList) {
                    last = written;
                }
            }
            if (last != value) {
                found(
                        Anomaly.Type.G1B,
                        name() + " read " + value + " before " + last + " of T" + writer.id());
            }
        }

        private String name() {
            return "T" + transaction.id();
        }
    }

    /** Each reading of a list is the beginning of the longest. */
    private void checkOrder(RecordedTransaction transaction) {
        Set<Integer> own = new HashSet<>();
        for (Step step : transaction.steps()) {
            if (step instanceof Append append) {
                own.add(append.value());
            } else if (step instanceof ReadList read) {
                List<Integer> base =
                        read.values().stream().filter(value -> !own.contains(value)).toList();
                List<Integer> longest = lists.getOrDefault(read.key(), List.of());
                if (base.size() > longest.size() || !longest.subList(0, base.size()).equals(base)) {
                    found(
                            Anomaly.Type.INCOMPATIBLE_ORDER,
                            "T" + transaction.id() + " read " + base + " of " + longest);
                }
            }
        }
    }

    /** What was acknowledged is there at the end, and all or nothing of everything. */
    private void checkEnd() {
        Set<Integer> there = new HashSet<>();
        for (Step step : history.last().steps()) {
            if (step instanceof ReadList read) {
                there.addAll(read.values());
            }
        }
        for (RecordedTransaction transaction : history.transactions()) {
            List<Integer> missing = new ArrayList<>();
            List<Integer> found = new ArrayList<>();
            for (Step step : transaction.steps()) {
                if (step instanceof Append append) {
                    (there.contains(append.value()) ? found : missing).add(append.value());
                }
            }
            String name = "T" + transaction.id() + " added " + found + " and " + missing;
            if (transaction.end() == End.COMMITTED && !missing.isEmpty()) {
                found(Anomaly.Type.LOST_APPEND, name + ", the latter are not there");
            } else if (transaction.end() == End.UNKNOWN && !missing.isEmpty() && !found.isEmpty()) {
                found(Anomaly.Type.HALF_TRANSACTION, name + ", the latter are not there");
            }
        }
    }

    /** Of those that may not lose an update only one replaces a version. */
    private void checkLostUpdates() {
        record Version(int key, int value) {}
        Map<Version, RecordedTransaction> replacedBy = new HashMap<>();
        for (RecordedTransaction transaction : history.transactions()) {
            if (!tookEffect(transaction)) {
                continue;
            }
            Map<Integer, ReadRegister> read = new HashMap<>();
            for (Step step : transaction.steps()) {
                if (step instanceof ReadRegister register
                        && (transaction.level().hasOneView() || register.locked())) {
                    read.putIfAbsent(register.key(), register);
                } else if (step instanceof WriteRegister write) {
                    ReadRegister before = read.remove(write.key());
                    if (before == null || writtenBy(transaction, before.value())) {
                        continue;
                    }
                    Version version = new Version(write.key(), before.value());
                    RecordedTransaction other = replacedBy.put(version, transaction);
                    if (other != null) {
                        found(
                                Anomaly.Type.LOST_UPDATE,
                                "T"
                                        + other.id()
                                        + " and T"
                                        + transaction.id()
                                        + " replaced "
                                        + version);
                    }
                }
            }
        }
    }

    private boolean writtenBy(RecordedTransaction transaction, int value) {
        RecordedTransaction writer = writers.get(value);
        return writer != null && writer.id() == transaction.id();
    }
}
