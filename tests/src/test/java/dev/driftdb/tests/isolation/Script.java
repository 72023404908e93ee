package dev.driftdb.tests.isolation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Statements of several sessions in one order, with what becomes of each. In a file, parted by
 * blank lines:
 *
 * <pre>
 * # a comment
 * script write skew
 * levels READ COMMITTED, SERIALIZABLE      each run replaces $LEVEL; without it there is one run
 * servers one                              locks decide: it says nothing of two servers
 * setup CREATE TABLE ...
 * T1: BEGIN ISOLATION LEVEL $LEVEL
 * T2!: SELECT ...                          answers in the end, however long it waits
 * invariant SERIALIZABLE: SELECT ...       true after it at these levels, on one and on two servers
 * ---- READ COMMITTED
 * 1 ok                                     the outcome of the first step; written by PostgreSQL
 * 2 waits
 * 3 ok; 2 count 1                          the third step lets the second go on
 * </pre>
 *
 * @param levels empty if the script does not depend on it
 * @param expected the outcomes by level, "" without levels
 */
record Script(
        String name,
        List<String> comments,
        List<String> levels,
        boolean oneServer,
        List<String> setup,
        List<Step> steps,
        List<Invariant> invariants,
        Map<String, List<String>> expected) {
    static final String NO_LEVEL = "";

    private static final Pattern STEP = Pattern.compile("T(\\d)(!?): (.*)");
    private static final Pattern INVARIANT = Pattern.compile("invariant ?([A-Z, ]*): (.*)");

    /**
     * @param session its number, from 1
     * @param toItsEnd whether it is waited for, though it may wait for a lock
     */
    record Step(int session, boolean toItsEnd, String sql) {
        @Override
        public String toString() {
            return "T" + session + (toItsEnd ? "!" : "") + ": " + sql;
        }
    }

    /**
     * A query that answers true.
     *
     * @param levels empty for every level
     */
    record Invariant(List<String> levels, String query) {
        boolean holdsAt(String level) {
            return levels.isEmpty() || levels.contains(level);
        }
    }

    /** The runs that it stands for. */
    List<String> runs() {
        return levels.isEmpty() ? List.of(NO_LEVEL) : levels;
    }

    /** How many sessions take part. */
    int sessions() {
        return steps.stream().mapToInt(Step::session).max().orElse(0);
    }

    static List<Script> parse(String text) {
        List<Script> scripts = new ArrayList<>();
        for (String block : text.split("\\n\\s*\\n")) {
            if (!block.isBlank()) {
                scripts.add(parseOne(block.strip().lines().toList()));
            }
        }
        return scripts;
    }

    private static Script parseOne(List<String> lines) {
        String name = "";
        List<String> comments = new ArrayList<>();
        List<String> levels = List.of();
        boolean oneServer = false;
        List<String> setup = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        List<Invariant> invariants = new ArrayList<>();
        Map<String, List<String>> expected = new LinkedHashMap<>();
        List<String> outcomes = new ArrayList<>();
        boolean expecting = false;
        for (String line : lines) {
            Matcher step = STEP.matcher(line);
            Matcher invariant = INVARIANT.matcher(line);
            if (line.startsWith("----")) {
                expecting = true;
                outcomes = new ArrayList<>();
                for (String level : line.substring(4).strip().split(", ")) {
                    expected.put(level, outcomes);
                }
            } else if (expecting) {
                outcomes.add(line);
            } else if (line.startsWith("#")) {
                comments.add(line);
            } else if (line.startsWith("script ")) {
                name = line.substring(7);
            } else if (line.startsWith("levels ")) {
                levels = list(line.substring(7));
            } else if (line.equals("servers one")) {
                oneServer = true;
            } else if (line.startsWith("setup ")) {
                setup.add(line.substring(6));
            } else if (step.matches()) {
                steps.add(
                        new Step(
                                Integer.parseInt(step.group(1)),
                                !step.group(2).isEmpty(),
                                step.group(3)));
            } else if (invariant.matches()) {
                invariants.add(new Invariant(list(invariant.group(1)), invariant.group(2)));
            } else {
                throw new IllegalArgumentException("no part of a script: " + line);
            }
        }
        return new Script(name, comments, levels, oneServer, setup, steps, invariants, expected);
    }

    private static List<String> list(String text) {
        return text.isBlank() ? List.of() : Arrays.asList(text.strip().split(", "));
    }

    Script withExpected(Map<String, List<String>> outcomes) {
        return new Script(name, comments, levels, oneServer, setup, steps, invariants, outcomes);
    }

    /** As it stands in a file; levels of the same outcomes come together. */
    String text() {
        StringBuilder text = new StringBuilder();
        comments.forEach(comment -> text.append(comment).append('\n'));
        if (!name.isEmpty()) {
            text.append("script ").append(name).append('\n');
        }
        if (!levels.isEmpty()) {
            text.append("levels ").append(String.join(", ", levels)).append('\n');
        }
        if (oneServer) {
            text.append("servers one\n");
        }
        setup.forEach(statement -> text.append("setup ").append(statement).append('\n'));
        steps.forEach(step -> text.append(step).append('\n'));
        for (Invariant invariant : invariants) {
            text.append("invariant");
            if (!invariant.levels().isEmpty()) {
                text.append(' ').append(String.join(", ", invariant.levels()));
            }
            text.append(": ").append(invariant.query()).append('\n');
        }
        Map<List<String>, List<String>> byOutcome = new LinkedHashMap<>();
        expected.forEach((level, outcomes) ->
                byOutcome.computeIfAbsent(outcomes, _ -> new ArrayList<>()).add(level));
        byOutcome.forEach((outcomes, of) -> {
            text.append(("---- " + String.join(", ", of)).strip()).append('\n');
            outcomes.forEach(outcome -> text.append(outcome).append('\n'));
        });
        return text.toString();
    }
}
