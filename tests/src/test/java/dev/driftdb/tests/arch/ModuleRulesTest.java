package dev.driftdb.tests.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may know whom: the table of modules in ARCHITECTURE.md, checked on the compiled classes. */
final class ModuleRulesTest {
    private static final String SCHEMAS = "dev.driftdb.schemas..";
    private static final String INGEST = "dev.driftdb.ingest..";
    private static final String MATERIALIZER = "dev.driftdb.materializer..";
    private static final String PGWIRE = "dev.driftdb.pgwire..";
    private static final String QUERY = "dev.driftdb.query..";

    private static JavaClasses classes = new ClassFileImporter().importClasses(List.of());

    @BeforeAll
    static void read() {
        classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(
                                "dev.driftdb.schemas",
                                "dev.driftdb.ingest",
                                "dev.driftdb.materializer",
                                "dev.driftdb.pgwire",
                                "dev.driftdb.query");
    }

    /** A rule over no classes holds always. */
    @ParameterizedTest
    @ValueSource(strings = {"schemas", "ingest", "materializer", "pgwire", "query"})
    void classes_of_each_module_are_looked_at(String module) {
        assertThat(
                        classes.stream()
                                .filter(c ->
                                        c.getPackageName().startsWith("dev.driftdb." + module)))
                .hasSizeGreaterThan(10);
    }

    @Test
    void schemas_knows_no_other_module() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage(SCHEMAS)
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(INGEST, MATERIALIZER, PGWIRE, QUERY));
    }

    @Test
    void pgwire_knows_no_other_module() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage(PGWIRE)
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(SCHEMAS, INGEST, MATERIALIZER, QUERY));
    }

    @Test
    void ingest_and_materializer_meet_only_in_the_log() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage(INGEST)
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(MATERIALIZER, PGWIRE, QUERY));
        check(
                noClasses()
                        .that()
                        .resideInAPackage(MATERIALIZER)
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(INGEST, PGWIRE, QUERY));
    }

    @Test
    void jsqlparser_is_known_to_the_parser_only() {
        check(only("net.sf.jsqlparser..", "dev.driftdb.query.parse"));
    }

    @Test
    void rocksdb_is_known_to_the_state_only() {
        check(only("org.rocksdb..", "dev.driftdb.materializer.state"));
    }

    @Test
    void amazons_sdk_is_known_to_the_store_of_snapshots_only() {
        check(only("software.amazon..", "dev.driftdb.materializer.snapshot.store"));
    }

    @Test
    void netty_is_known_to_pgwire_only() {
        check(only("io.netty..", PGWIRE));
    }

    @Test
    void kafka_is_known_to_the_ends_of_the_log_only() {
        check(
                only(
                        "org.apache.kafka..",
                        INGEST,
                        "dev.driftdb.materializer.replica",
                        "dev.driftdb.materializer.changelog",
                        "dev.driftdb.query.server"));
    }

    @Test
    void resolve_and_apply_know_no_clock_and_no_chance() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("dev.driftdb.materializer.resolve")
                        .should()
                        .dependOnClassesThat()
                        .haveFullyQualifiedName("java.time.Clock")
                        .orShould()
                        .callMethod(System.class, "currentTimeMillis")
                        .orShould()
                        .callMethod(System.class, "nanoTime")
                        .orShould()
                        .callMethod(java.time.Instant.class, "now")
                        .orShould()
                        .callMethod(java.util.UUID.class, "randomUUID")
                        .orShould()
                        .callMethod(Math.class, "random")
                        .orShould()
                        .dependOnClassesThat()
                        .areAssignableTo(java.util.Random.class));
    }

    /** Text goes one way to rows: a later room may look back at an earlier one, never ahead. */
    @Test
    void the_rooms_of_a_query_are_in_one_direction() {
        List<String> rooms = List.of("ast", "parse", "bind", "optimize", "session", "server");
        for (int room = 0; room < rooms.size(); room++) {
            String[] ahead =
                    rooms.subList(room + 1, rooms.size()).stream()
                            .map(name -> "dev.driftdb.query." + name + "..")
                            .toArray(String[]::new);
            if (ahead.length > 0) {
                check(
                        noClasses()
                                .that()
                                .resideInAPackage("dev.driftdb.query." + rooms.get(room) + "..")
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(ahead));
            }
        }
        check(
                noClasses()
                        .that()
                        .resideInAnyPackage("dev.driftdb.query.plan..", "dev.driftdb.query.expr..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "dev.driftdb.query.parse..",
                                "dev.driftdb.query.optimize..",
                                "dev.driftdb.query.session..",
                                "dev.driftdb.query.server.."));
    }

    /**
     * Within schemas and query some packages are two views of one thing: avro and catalog; expr,
     * plan and function.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.driftdb.(*)..",
                "dev.driftdb.ingest.(*)..",
                "dev.driftdb.materializer.(*)..",
                "dev.driftdb.pgwire.(*).."
            })
    void packages_have_no_cycles(String pattern) {
        check(slices().matching(pattern).should().beFreeOfCycles());
    }

    /** Of our classes only those in the given packages may use the library. */
    private static ArchRule only(String library, String... packages) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(packages)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    private static void check(ArchRule rule) {
        rule.check(classes);
    }
}
