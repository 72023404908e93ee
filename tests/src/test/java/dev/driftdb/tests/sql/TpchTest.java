package dev.driftdb.tests.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.bench.Tpch;
import dev.driftdb.tests.support.ReferencePostgres;
import dev.driftdb.tests.support.Sql;
import dev.driftdb.tests.support.TestNode;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The 22 queries of TPC-H at a hundredth of a gigabyte give PostgreSQL's rows. */
@ExtendWith(TestNode.class)
final class TpchTest {
    private static final double SCALE = 0.01;

    private static Sql driftdb;
    private static Sql postgres;

    @BeforeAll
    static void load() throws SQLException {
        driftdb = TestNode.connect();
        postgres = Sql.connect(ReferencePostgres.url(), TestNode.DATABASE, new Properties());
        for (Sql sql : List.of(driftdb, postgres)) {
            sql.run("CREATE SCHEMA tpch", "SET search_path = tpch");
            Tpch.load(sql.connection(), SCALE);
        }
    }

    @AfterAll
    static void drop() {
        for (Sql sql : List.of(driftdb, postgres)) {
            sql.run("DROP SCHEMA tpch CASCADE");
            sql.close();
        }
    }

    static IntStream numbers() {
        return IntStream.rangeClosed(1, Tpch.QUERIES);
    }

    @ParameterizedTest(name = "query {0}")
    @MethodSource("numbers")
    void answersAsPostgres(int number) throws Exception {
        List<String> statements = Tpch.statements(number);
        for (String before : statements.subList(0, statements.size() - 1)) {
            driftdb.run(before);
            postgres.run(before);
        }
        assertThat(driftdb.query(statements.getLast()))
                .containsExactlyInAnyOrderElementsOf(postgres.query(statements.getLast()));
    }
}
