package dev.driftdb.tests.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.tests.isolation.Script.Invariant;
import dev.driftdb.tests.support.ReferencePostgres;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs resources/isolation/*.txt (see {@link Script}) on one server, on two servers of one log, and
 * on the {@link ReferencePostgres}, from which every expected outcome came. {@code
 * -Ddriftdb.scripts=skew} runs only scripts whose file or name contains the text; {@code
 * -Ddriftdb.complete=true} writes PostgreSQL's outcomes into the files.
 *
 * <p>On one server every step has PostgreSQL's outcome. At SERIALIZABLE another transaction may be
 * the one that fails, or at another step, so after the first such difference only the invariants
 * count. Two servers share no locks: a step that waits on PostgreSQL may go on, and its transaction
 * fail with 40001; again the invariants count then.
 */
@ExtendWith(TestNode.class)
@Timeout(300)
final class IsolationTest {
    private static final Path ROOT = Path.of("src/test/resources/isolation");
    private static final String ONLY = System.getProperty("driftdb.scripts", "");
    private static final boolean COMPLETE = Boolean.getBoolean("driftdb.complete");
    private static final String SERIALIZABLE = "SERIALIZABLE";

    /** What may end a transaction that lost a race, and what its later statements then get. */
    private static final List<String> LOST =
            List.of("error 40001", "error 25P02", "error 23505", "error 23503");

    private static final Pattern ERROR = Pattern.compile("error [0-9A-Z]{5}");

    /** One of the three that the scripts are run on. */
    private interface Servers {
        Sql connect(int session);
    }

    @TestFactory
    Stream<DynamicTest> one_server() throws IOException {
        return tests(IsolationTest::onOneServer);
    }

    @TestFactory
    Stream<DynamicTest> two_servers() throws IOException {
        return tests(IsolationTest::onTwoServers);
    }

    @TestFactory
    Stream<DynamicTest> postgresql() throws IOException {
        return COMPLETE ? completions() : tests(IsolationTest::onPostgres);
    }

    private interface Check {
        void run(Script script, String level) throws Exception;
    }

    private static Stream<DynamicTest> tests(Check check) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : COMPLETE ? List.<Path>of() : files()) {
            for (Script script : Script.parse(Files.readString(file))) {
                if (script.steps().isEmpty() || !isAsked(file, script)) {
                    continue;
                }
                for (String level : script.runs()) {
                    String name = file.getFileName() + ": " + script.name() + " " + level;
                    tests.add(DynamicTest.dynamicTest(name, () -> check.run(script, level)));
                }
            }
        }
        return tests.stream();
    }

    private static Stream<DynamicTest> completions() throws IOException {
        return files().stream()
                .map(file -> DynamicTest.dynamicTest("complete " + file, () -> complete(file)));
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> walk = Files.walk(ROOT)) {
            return walk.filter(path -> path.toString().endsWith(".txt")).sorted().toList();
        }
    }

    private static boolean isAsked(Path file, Script script) {
        return (file + " " + script.name()).contains(ONLY);
    }

    // ---- on PostgreSQL ----

    private static Sql postgres(int session) {
        return Sql.connect(ReferencePostgres.url(), TestNode.DATABASE, properties());
    }

    private static Properties properties() {
        Properties simple = new Properties();
        simple.setProperty("preferQueryMode", "simple");
        return simple;
    }

    private static void onPostgres(Script script, String level) throws Exception {
        List<String> outcomes = run(script, level, IsolationTest::postgres);
        assertThat(outcomes).isEqualTo(script.expected().get(level));
    }

    private static void complete(Path file) throws Exception {
        StringBuilder text = new StringBuilder();
        for (Script script : Script.parse(Files.readString(file))) {
            Script completed = script;
            if (!script.steps().isEmpty() && isAsked(file, script)) {
                Map<String, List<String>> expected = new LinkedHashMap<>();
                for (String level : script.runs()) {
                    expected.put(level, run(script, level, IsolationTest::postgres));
                }
                completed = script.withExpected(expected);
            }
            text.append(text.isEmpty() ? "" : "\n").append(completed.text());
        }
        Files.writeString(file, text);
    }

    // ---- on DriftDB ----

    private static void onOneServer(Script script, String level) throws Exception {
        List<String> outcomes = run(script, level, _ -> TestNode.connect());
        List<String> expected = script.expected().getOrDefault(level, List.of());
        if (level.equals(SERIALIZABLE)) {
            onlyRacesLost(outcomes, expected, false);
        } else {
            assertThat(outcomes).isEqualTo(expected);
        }
    }

    private static void onTwoServers(Script script, String level) throws Exception {
        if (script.oneServer()) {
            return;
        }
        int otherPort = TestNode.second().port();
        List<String> outcomes =
                run(
                        script,
                        level,
                        session -> {
                            Sql sql =
                                    session % 2 == 1
                                            ? TestNode.connect()
                                            : Sql.connect(
                                                    "jdbc:postgresql://127.0.0.1:"
                                                            + otherPort
                                                            + "/",
                                                    TestNode.DATABASE,
                                                    properties());
                            sql.run("SET driftdb.read_consistency = linearizable");
                            return sql;
                        });
        onlyRacesLost(outcomes, script.expected().getOrDefault(level, List.of()), true);
    }

    /** As expected up to where a race was lost or nobody was waited for. */
    private static void onlyRacesLost(
            List<String> outcomes, List<String> expected, boolean withoutLocks) {
        assertThat(outcomes).hasSameSizeAs(expected);
        for (int i = 0; i < outcomes.size(); i++) {
            String outcome = outcomes.get(i);
            String wanted = expected.get(i);
            if (!outcome.equals(wanted)) {
                assertThat(
                                outcome.contains("error 40001")
                                        || wanted.contains("error 40001")
                                        || (withoutLocks && wanted.contains("waits")))
                        .as("%s instead of %s in %s", outcome, wanted, outcomes)
                        .isTrue();
                break;
            }
        }
        Matcher errors = ERROR.matcher(String.join("; ", outcomes));
        while (errors.find()) {
            assertThat(
                            LOST.contains(errors.group())
                                    || expected.toString().contains(errors.group()))
                    .as("%s in %s", errors.group(), outcomes)
                    .isTrue();
        }
    }

    private static List<String> run(Script script, String level, Servers servers) throws Exception {
        try (ScriptRun run =
                new ScriptRun(script, "isolation_" + (COMPLETE ? "c" : "t"), servers::connect)) {
            List<String> outcomes = run.outcomes(script, level);
            for (Invariant invariant : script.invariants()) {
                if (invariant.holdsAt(level)) {
                    assertThat(run.holds(invariant.query()))
                            .as("%s after %s", invariant.query(), outcomes)
                            .isTrue();
                }
            }
            return outcomes;
        }
    }
}
