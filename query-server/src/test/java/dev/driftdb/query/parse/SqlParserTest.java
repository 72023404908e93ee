package dev.driftdb.query.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.ast.TimeClause;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.schemas.error.SqlException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlParserTest {
    private final SqlParser parser = new SqlParser();

    private Statement one(String sql) {
        List<ParsedStatement> parsed = parser.parse(sql);
        assertThat(parsed).hasSize(1);
        return parsed.getFirst().statement();
    }

    private Query.Select select(String sql) {
        return (Query.Select) ((DataStatement.Select) one(sql)).query().body();
    }

    private SqlException failure(String sql) {
        return catchThrowableOfType(SqlException.class, () -> parser.parse(sql));
    }

    @Test
    void no_part_of_a_statement_is_dropped() {
        assertThat(((DataStatement.Delete) one("DELETE FROM t\n\n\nWHERE id=1")).where())
                .isNotNull();
        assertThat(failure("DELETE FROM t\n/\nWHERE id=1").state().code()).isEqualTo("42601");
        assertThat(failure("DELETE FROM t\ngo\nx WHERE id=1").state().code()).isEqualTo("42601");
        assertThat(select("SELECT * FROM a NATURAL INNER JOIN b").from().getFirst())
                .isInstanceOfSatisfying(
                        TableExpr.Join.class, join -> assertThat(join.natural()).isTrue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "SELECT a \"b FROM t; 10; unterminated quoted identifier at or near \"\"b FROM t\"",
                "DELETE FROM tbl WHERE c1 ' 5 OR; 26; unterminated quoted string at or near \"' 5 OR\"",
                "DELETE FROM t go WHERE a = 1 go; 30; syntax error at or near \"go\"",
                "SELEC 1; 1; syntax error at or near \"SELEC\"",
                "SELECT 1 FROM; 14; syntax error at end of input",
                "SELECT * FROM t WHERE; 22; syntax error at end of input",
                "SELECT '😀', 1 FROM FROM; 20; syntax error at or near \"FROM\"",
                "SELECT a.b.c.d.e; 8; improper qualified name (too many dotted names)",
                "SELECT 1a; 8; trailing junk after numeric literal at or near \"1a\"",
                "SELECT 1 LIMIT 1, 2; 10; LIMIT #,# syntax is not supported",
                "CREATE TABLE t (a int,); 23; syntax error at or near \")\"",
                "INSERT INTO t VALUES (1,); 25; syntax error at or near \")\"",
            })
    void syntax_errors_tell_their_place(String sql, int position, String message) {
        SqlException e = failure(sql);
        assertThat(e.state().code()).isEqualTo("42601");
        assertThat(e.getMessage()).isEqualTo(message);
        assertThat(e.position()).isEqualTo(position);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'",
                "GRANT ALL ON t TO u",
                "LISTEN x",
                "CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION f()",
                "COPY t FROM '/etc/passwd'",
                "COPY t TO PROGRAM 'x'",
                "CREATE UNLOGGED TABLE t (a int)",
                "CREATE TABLE t (a int) INHERITS (u)",
                "CREATE TABLE t (a int) PARTITION BY HASH (a)",
                "SUBSCRIBE TO t",
                "UNDROP VIEW t",
                "ALTER TAG x RENAME TO y",
                "COMMENT ON TAG x IS 'y'",
                "SELECT * INTO UNLOGGED x FROM t",
                "SELECT B'101'",
                "PREPARE TRANSACTION 'x'"
            })
    void what_is_not_supported_is_named(String sql) {
        SqlException e = failure(sql);
        assertThat(e.state().code()).as(e.getMessage()).isEqualTo("0A000");
        assertThat(e.getMessage()).endsWith("is not supported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "drop table if exists pgbench_accounts, pgbench_branches, pgbench_history,"
                        + " pgbench_tellers",
                "create table pgbench_history(tid int,bid int,aid    int,delta int,mtime"
                        + " timestamp,filler char(22))",
                "create table pgbench_accounts(aid    int not null,bid int,abalance int,filler"
                        + " char(84)) with (fillfactor=100)",
                "truncate table pgbench_accounts, pgbench_branches, pgbench_history,"
                        + " pgbench_tellers",
                "insert into pgbench_tellers(tid,bid,tbalance) values (1,1,0)",
                "copy pgbench_accounts from stdin with (freeze on)",
                "copy pgbench_accounts from stdin",
                "vacuum analyze pgbench_branches",
                "vacuum pgbench_branches",
                "alter table pgbench_branches add primary key (bid)",
                "alter table pgbench_tellers add constraint x foreign key (bid) references"
                        + " pgbench_branches",
                "select count(*) from pgbench_branches",
                "select o.n, p.partstrat, pg_catalog.count(i.inhparent) from"
                        + " pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on (n.oid ="
                        + " c.relnamespace) cross join lateral (select"
                        + " pg_catalog.array_position(pg_catalog.current_schemas(true),"
                        + " n.nspname)) as o(n) left join pg_catalog.pg_partitioned_table as p on"
                        + " (p.partrelid = c.oid) left join pg_catalog.pg_inherits as i on (c.oid ="
                        + " i.inhparent) where c.relname = 'pgbench_accounts' and o.n is not null"
                        + " group by 1, 2 order by 1 asc limit 1",
                "UPDATE pgbench_branches SET bbalance = bbalance + -3055 WHERE bid = 1;",
                "BEGIN;",
                "END;"
            })
    void every_statement_of_pgbench_parses(String sql) {
        assertThat(parser.parse(sql)).hasSize(1);
    }

    @Test
    void every_query_of_psqls_describe_commands_parses() throws IOException {
        try (InputStream in = SqlParserTest.class.getResourceAsStream("psql-describe.sql")) {
            Objects.requireNonNull(in);
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String query : text.split("--END\n", -1)) {
                if (!query.isBlank()) {
                    assertThat(parser.parse(query)).as(query).hasSize(1);
                }
            }
        }
    }

    @Test
    void several_statements_come_apart_at_semicolons_with_positions_of_the_whole_string() {
        List<ParsedStatement> parsed = parser.parse(";SELECT ';' ; BEGIN;; SELECT $2;");
        assertThat(parsed)
                .extracting(ParsedStatement::text)
                .containsExactly("SELECT ';'", "BEGIN", "SELECT $2");
        assertThat(parsed.getLast().parameterCount()).isEqualTo(2);
        assertThat(failure("SELECT 1; SELECT x +").position()).isEqualTo(21);
    }

    @Test
    void time_clauses_stand_before_or_after_the_alias() {
        for (String sql :
                List.of(
                        "SELECT * FROM orders FOR SYSTEM_TIME AS OF TIMESTAMP '2026-01-15' o",
                        "SELECT * FROM orders o FOR SYSTEM_TIME AS OF TIMESTAMP '2026-01-15'",
                        "SELECT * FROM orders AS o AS OF '2026-01-15'",
                        "SELECT * FROM orders AS OF '2026-01-15' AS o")) {
            TableExpr.Named named = (TableExpr.Named) select(sql).from().getFirst();
            assertThat(named.alias()).as(sql).isEqualTo("o");
            assertThat(named.time()).as(sql).isInstanceOf(TimeClause.AsOf.class);
        }
    }

    @Test
    void points_in_time_come_in_all_their_forms() {
        assertThat(point("OFFSET 4711")).isInstanceOf(TimePoint.Offset.class);
        assertThat(point("@SEQ:4711")).isInstanceOf(TimePoint.Offset.class);
        assertThat(point("4711")).isInstanceOf(TimePoint.Offset.class);
        assertThat(point("'2026-01-15 10:30:00+00'")).isInstanceOf(TimePoint.At.class);
        assertThat(point("$1")).isInstanceOf(TimePoint.At.class);
        assertThat(point("now() - interval '1 hour'")).isInstanceOf(TimePoint.At.class);
        assertThat(point("CURRENT_TIMESTAMP")).isInstanceOf(TimePoint.At.class);
        assertThat(point("INTERVAL '-10 minutes'")).isInstanceOf(TimePoint.Ago.class);
        assertThat(point("'-10s'")).isInstanceOf(TimePoint.Ago.class);
        assertThat(point("TAG 'before'"))
                .isInstanceOfSatisfying(
                        TimePoint.Tag.class, tag -> assertThat(tag.name()).isEqualTo("before"));
    }

    private TimePoint point(String text) {
        Query query =
                ((DataStatement.Select)
                                one("SELECT * FROM t WHERE a = 1 AS OF SYSTEM TIME " + text))
                        .query();
        TimePoint asOf = query.asOf();
        assertThat(asOf).isNotNull();
        assertThat(
                        ((DataStatement.Select) one("SELECT * FROM t WHERE a = 1 AS OF " + text))
                                .query()
                                .asOf())
                .isNotNull();
        TableExpr.Named named =
                (TableExpr.Named)
                        select("SELECT * FROM t FOR SYSTEM_TIME AS OF " + text + " x, u")
                                .from()
                                .getFirst();
        assertThat(named.alias()).isEqualTo("x");
        return Objects.requireNonNull(asOf);
    }

    @Test
    void version_ranges_keep_their_bounds() {
        List<TableExpr> from =
                select(
                                "SELECT * FROM a FOR SYSTEM_TIME BETWEEN 1 AND 2, b FOR SYSTEM_TIME"
                                        + " FROM now() - interval '1 day' TO now() x, c FOR"
                                        + " SYSTEM_TIME ALL")
                        .from();
        assertThat(((TableExpr.Named) from.get(0)).time())
                .isInstanceOfSatisfying(
                        TimeClause.Between.class, b -> assertThat(b.inclusive()).isTrue());
        assertThat(((TableExpr.Named) from.get(1)).time())
                .isInstanceOfSatisfying(
                        TimeClause.Between.class, b -> assertThat(b.inclusive()).isFalse());
        assertThat(((TableExpr.Named) from.get(2)).time()).isInstanceOf(TimeClause.All.class);
    }

    @Test
    void set_operations_group_as_in_postgresql() {
        Query.SetOperation top =
                (Query.SetOperation)
                        ((DataStatement.Select)
                                        one(
                                                "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT ALL"
                                                        + " SELECT 4 ORDER BY 1"))
                                .query()
                                .body();
        assertThat(top.kind()).isEqualTo(Query.SetKind.EXCEPT);
        assertThat(top.all()).isTrue();
        Query.SetOperation left = (Query.SetOperation) top.left().body();
        assertThat(left.kind()).isEqualTo(Query.SetKind.UNION);
        assertThat(left.right().body())
                .isInstanceOfSatisfying(
                        Query.SetOperation.class,
                        s -> assertThat(s.kind()).isEqualTo(Query.SetKind.INTERSECT));
    }

    @Test
    void escape_strings_and_dollar_quotes_come_decoded() {
        assertThat(select("SELECT E'it\\'s\\n\\u0041', $x$a'b$x$, 'a'\n'b', U&'d\\0061t'").items())
                .extracting(item -> ((SqlExpr.StringLiteral) item.expression()).value())
                .containsExactly("it's\nA", "a'b", "ab", "dat");
    }

    @Test
    void expressions_of_definitions_keep_their_text() {
        TableDefinition.CreateTable table =
                (TableDefinition.CreateTable)
                        one(
                                "CREATE TABLE t (a int DEFAULT 1 +  2 NOT NULL, CHECK (a > 0 OR a IS"
                                        + " NULL))");
        SqlText text = table.columns().getFirst().defaultValue();
        Objects.requireNonNull(text);
        assertThat(text.text()).isEqualTo("1 +  2");
        assertThat(table.columns().getFirst().notNull()).isTrue();
        assertThat(
                        ((TableDefinition.ConstraintSpec.Check) table.constraints().getFirst())
                                .condition())
                .extracting(SqlText::text)
                .isEqualTo("a > 0 OR a IS NULL");
    }

    @Test
    void a_thousand_rows_do_not_go_through_jsqlparser() {
        StringBuilder sql = new StringBuilder("INSERT INTO t VALUES (0, 'x', -1.5, NULL, $1)");
        for (int i = 1; i < 1000; i++) {
            sql.append(",(").append(i).append(",'x',DEFAULT,true,date '2020-01-01')");
        }
        DataStatement.Insert insert = (DataStatement.Insert) one(sql.toString());
        Query source = insert.source();
        Objects.requireNonNull(source);
        assertThat(((Query.Values) source.body()).rows()).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void hostile_input_is_answered_in_bounded_time(int kind) {
        String sql =
                switch (kind) {
                    case 0 -> "(".repeat(1 << 20);
                    case 1 -> "SELECT " + "a.".repeat(500_000);
                    case 2 -> "SELECT " + "(".repeat(5000) + "1" + ")".repeat(5000);
                    case 3 -> "x".repeat(20 << 20);
                    case 4 -> "SELECT 1" + " AND 1".repeat(200_000);
                    case 5 -> ")".repeat(1 << 20);
                    case 6 -> "SELECT '" + "x".repeat(4 << 20);
                    case 7 -> "SELECT /*" + "/*".repeat(100_000);
                    case 8 -> "SELECT " + "CASE WHEN ".repeat(1000);
                    default -> "SELECT \u0000";
                };
        SqlException e =
                Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> failure(sql));
        assertThat(e.state().code()).isIn("42601", "54000", "54001");
    }

    @Test
    void nesting_up_to_the_limit_is_fine() {
        int depth = SqlParser.NESTING_MAX - 1;
        assertThat(parser.parse("SELECT " + "(".repeat(depth) + "1" + ")".repeat(depth)))
                .hasSize(1);
        assertThat(parser.parse("SELECT " + "f(".repeat(depth) + "1" + ")".repeat(depth)))
                .hasSize(1);
    }

    @Test
    void random_text_is_parsed_or_refused_with_a_state() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String[] words =
                ("SELECT FROM WHERE a b t ( ) , . 1 'x' $1 + - * = < AND OR NOT IS NULL IN LIKE"
                                + " BETWEEN JOIN ON UNION ALL ORDER BY GROUP LIMIT VALUES INSERT INTO UPDATE"
                                + " SET DELETE AS OF CASE WHEN THEN END :: int [ ] ARRAY EXISTS OVER WITH"
                                + " LATERAL RETURNING ; DEFAULT FOR USING")
                        .split(" ", -1);
        for (int round = 0; round < 2000; round++) {
            StringBuilder sql = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                sql.append(words[random.nextInt(words.length)]).append(' ');
            }
            try {
                parser.parse(sql.toString());
            } catch (SqlException e) {
                assertThat(e.state().code()).isIn("42601", "0A000");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + sql, e);
            }
        }
    }

    @Test
    void a_fragment_is_no_statement() {
        assertThatThrownBy(() -> parser.parse("SELECT 1; garbage"))
                .isInstanceOf(SqlException.class);
    }
}
