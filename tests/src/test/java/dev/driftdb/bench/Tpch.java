package dev.driftdb.bench;

import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * The eight tables and 22 queries of TPC-H, data and query texts from a library: the same for every
 * run. No published TPC-H results, which this does not claim to be.
 */
public final class Tpch {
    public static final int QUERIES = 22;

    /** Bytes that are sent to COPY at a time. */
    private static final int COPY_BYTES = 64 * 1024;

    /** Keys as the specification has them, and an index on every column that refers to one. */
    private static final List<String> TABLES =
            List.of(
                    """
                    CREATE TABLE region (
                        r_regionkey integer PRIMARY KEY, r_name char(25) NOT NULL, r_comment varchar(152))
                    """,
                    """
                    CREATE TABLE nation (
                        n_nationkey integer PRIMARY KEY, n_name char(25) NOT NULL, n_regionkey integer NOT NULL,
                        n_comment varchar(152))
                    """,
                    """
                    CREATE TABLE supplier (
                        s_suppkey integer PRIMARY KEY, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL,
                        s_nationkey integer NOT NULL, s_phone char(15) NOT NULL, s_acctbal decimal(15,2) NOT NULL,
                        s_comment varchar(101) NOT NULL)
                    """,
                    """
                    CREATE TABLE customer (
                        c_custkey integer PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL,
                        c_nationkey integer NOT NULL, c_phone char(15) NOT NULL, c_acctbal decimal(15,2) NOT NULL,
                        c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL)
                    """,
                    """
                    CREATE TABLE part (
                        p_partkey integer PRIMARY KEY, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL,
                        p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL, p_size integer NOT NULL,
                        p_container char(10) NOT NULL, p_retailprice decimal(15,2) NOT NULL,
                        p_comment varchar(23) NOT NULL)
                    """,
                    """
                    CREATE TABLE partsupp (
                        ps_partkey integer NOT NULL, ps_suppkey integer NOT NULL, ps_availqty integer NOT NULL,
                        ps_supplycost decimal(15,2) NOT NULL, ps_comment varchar(199) NOT NULL,
                        PRIMARY KEY (ps_partkey, ps_suppkey))
                    """,
                    """
                    CREATE TABLE orders (
                        o_orderkey integer PRIMARY KEY, o_custkey integer NOT NULL, o_orderstatus char(1) NOT NULL,
                        o_totalprice decimal(15,2) NOT NULL, o_orderdate date NOT NULL,
                        o_orderpriority char(15) NOT NULL, o_clerk char(15) NOT NULL, o_shippriority integer NOT NULL,
                        o_comment varchar(79) NOT NULL)
                    """,
                    """
                    CREATE TABLE lineitem (
                        l_orderkey integer NOT NULL, l_partkey integer NOT NULL, l_suppkey integer NOT NULL,
                        l_linenumber integer NOT NULL, l_quantity decimal(15,2) NOT NULL,
                        l_extendedprice decimal(15,2) NOT NULL, l_discount decimal(15,2) NOT NULL,
                        l_tax decimal(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL,
                        l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL,
                        l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL,
                        PRIMARY KEY (l_orderkey, l_linenumber))
                    """);

    private static final List<String> INDEXES =
            List.of(
                    "CREATE INDEX ON nation (n_regionkey)",
                    "CREATE INDEX ON supplier (s_nationkey)",
                    "CREATE INDEX ON customer (c_nationkey)",
                    "CREATE INDEX ON partsupp (ps_suppkey)",
                    "CREATE INDEX ON orders (o_custkey)",
                    "CREATE INDEX ON lineitem (l_partkey, l_suppkey)",
                    "CREATE INDEX ON lineitem (l_suppkey)");

    private Tpch() {}

    /**
     * Makes the tables in the session's schema, fills and analyzes them.
     *
     * @param scale 1 is a gigabyte: 6 million lines of orders
     */
    public static void load(Connection connection, double scale) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute(table);
            }
            for (TpchTable<?> table : TpchTable.getTables()) {
                copy(connection, table, scale);
            }
            for (String index : INDEXES) {
                statement.execute(index);
            }
            for (TpchTable<?> table : TpchTable.getTables()) {
                statement.execute("ANALYZE " + table.getTableName());
            }
        }
    }

    private static void copy(Connection connection, TpchTable<?> table, double scale)
            throws SQLException {
        CopyIn copy =
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY " + table.getTableName() + " FROM STDIN (DELIMITER '|')");
        StringBuilder text = new StringBuilder();
        for (TpchEntity row : table.createGenerator(scale, 1, 1)) {
            String line = row.toLine();
            text.append(line, 0, line.length() - 1).append('\n'); // each field ends with a bar
            if (text.length() >= COPY_BYTES) {
                send(copy, text);
            }
        }
        send(copy, text);
        copy.endCopy();
    }

    private static void send(CopyIn copy, StringBuilder text) throws SQLException {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        text.setLength(0);
    }

    /**
     * The statements of a query: the last one answers, those before it (query 15) make what it
     * reads.
     *
     * @param number from 1 to {@link #QUERIES}
     */
    public static List<String> statements(int number) throws IOException {
        try (InputStream in =
                TpchTable.class.getResourceAsStream("/io/trino/tpch/queries/q" + number + ".sql")) {
            if (in == null) {
                throw new IOException("there is no TPC-H query " + number);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            String withoutComment = text.substring(text.indexOf('\n') + 1);
            List<String> statements = new ArrayList<>(Arrays.asList(withoutComment.split(";")));
            statements.removeIf(String::isBlank);
            return statements;
        }
    }
}
