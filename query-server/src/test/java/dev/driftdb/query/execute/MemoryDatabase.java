package dev.driftdb.query.execute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.bind.BindContext;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.catalog.SystemRelation;
import dev.driftdb.query.catalog.SystemRelations;
import dev.driftdb.query.execute.spill.SpillSpace;
import dev.driftdb.query.explain.ExplainedQuery;
import dev.driftdb.query.explain.PlanText;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.expr.LoneSession;
import dev.driftdb.query.function.BuiltinFunctions;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.optimize.Planner;
import dev.driftdb.query.parse.SqlParser;
import dev.driftdb.query.statistics.Statistics;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** SQL text to rows over {@link MemoryTables}: parser, binder, planner and operators are real. */
public final class MemoryDatabase implements ExecutionContext, BindContext, LoneSession {
    private static final SystemRelations NO_RELATIONS =
            new SystemRelations() {
                @Override
                public @Nullable SystemRelation find(String schema, String name) {
                    return null;
                }

                @Override
                public Collection<SystemRelation> all() {
                    return List.of();
                }
            };
    private static final FunctionCatalog FUNCTIONS = new BuiltinFunctions(NO_RELATIONS);

    private Catalog catalog = Catalog.EMPTY;
    private final MemoryTables tables = new MemoryTables(catalog);
    private final Map<Integer, SqlType> parameterTypes = new HashMap<>();
    private List<@Nullable Object> parameters = List.of();
    private long sequence;
    private long workBytes = 64 << 20;
    private SpillSpace spills = new SpillSpace(null, SpillSpace.UNBOUNDED);
    private Statistics statistics = Statistics.NONE;
    private QueryMemory memory = new QueryMemory(64 << 20);

    public MemoryDatabase() {}

    MemoryTables stored() {
        return tables;
    }

    void spill(long bytes, SpillSpace space) {
        workBytes = bytes;
        spills = space;
    }

    void limitBytes(long bytes) {
        memory = new QueryMemory(bytes);
    }

    /**
     * @param columns such as "id int4 not null"
     * @param key primary key columns
     */
    public MemoryDatabase table(String name, List<String> columns, String... key) {
        int id = catalog.nextId();
        List<ColumnDef> defs = new ArrayList<>();
        for (String column : columns) {
            String[] words = column.split(" ", 3);
            SqlType type = Types.findByName(words[1]);
            boolean isKey = List.of(key).contains(words[0]);
            defs.add(
                    new ColumnDef(
                            defs.size() + 1,
                            words[0],
                            type == null ? Types.TEXT : type,
                            -1,
                            isKey || words.length > 2,
                            null,
                            null,
                            ColumnDef.Identity.NONE,
                            false));
        }
        List<Integer> keyColumns = new ArrayList<>();
        for (String part : key) {
            keyColumns.add(
                    defs.stream()
                            .filter(c -> c.name().equals(part))
                            .findFirst()
                            .orElseThrow()
                            .number());
        }
        List<Constraint> constraints =
                key.length == 0
                        ? List.of()
                        : List.of(
                                new Constraint.PrimaryKey(
                                        id + 1, name + "_pkey", keyColumns, id + 2));
        catalog =
                catalog.with(
                        1,
                        new TableDef(
                                id,
                                SchemaDef.PUBLIC,
                                name,
                                RoleDef.BOOTSTRAP,
                                id,
                                defs,
                                keyColumns,
                                constraints,
                                Map.of()));
        if (key.length > 0) {
            catalog = catalog.with(1, index(id + 2, name + "_pkey", id, keyColumns, true, true));
        }
        tables.catalog(catalog);
        return this;
    }

    public MemoryDatabase sequence(String name) {
        SequenceDef sequence =
                new SequenceDef(
                        catalog.nextId(),
                        SchemaDef.PUBLIC,
                        name,
                        RoleDef.BOOTSTRAP,
                        Types.INT8,
                        1,
                        1,
                        1,
                        Long.MAX_VALUE,
                        1,
                        false,
                        0,
                        0);
        catalog = catalog.with(1, sequence);
        tables.catalog(catalog);
        return this;
    }

    public MemoryDatabase index(String table, String name, boolean unique, String... columns) {
        if (!(catalog.findRelation(SchemaDef.PUBLIC, table) instanceof TableDef def)) {
            throw new IllegalArgumentException(table);
        }
        List<Integer> numbers = new ArrayList<>();
        for (String column : columns) {
            ColumnDef found = def.findColumn(column);
            numbers.add(found == null ? 0 : found.number());
        }
        catalog = catalog.with(1, index(catalog.nextId(), name, def.id(), numbers, unique, false));
        tables.catalog(catalog);
        return this;
    }

    private static IndexDef index(
            int id, String name, int tableId, List<Integer> columns, boolean unique, boolean key) {
        return new IndexDef(
                id,
                SchemaDef.PUBLIC,
                name,
                tableId,
                columns.stream().map(IndexDef.IndexColumn::ascending).toList(),
                unique,
                true,
                key);
    }

    public ExecutablePlan plan(String sql) {
        parameterTypes.clear();
        return new Planner()
                .plan(
                        new Binder(this).bind(new SqlParser().parse(sql).get(0).statement()),
                        catalog,
                        statistics);
    }

    private ExplainedQuery explained(String sql, boolean measured) {
        parameterTypes.clear();
        return new Planner()
                .explain(
                        new Binder(this).bind(new SqlParser().parse(sql).get(0).statement()),
                        catalog,
                        statistics,
                        Planner.UNBOUND,
                        true,
                        measured,
                        false);
    }

    /** EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off). */
    public String explainAnalyze(String sql) {
        ExplainedQuery query = explained(sql, true);
        tables.nextStatement();
        try (ExecutablePlan.Execution run = query.plan().open(this)) {
            while (run.next() != null) {}
        }
        return String.join("\n", PlanText.shape(query));
    }

    public void statistics(Statistics known) {
        statistics = known;
    }

    /** Rows with values as text separated by |, NULL as an empty circle. */
    public List<String> query(String sql, @Nullable Object... values) {
        ExecutablePlan plan = plan(sql);
        memory = new QueryMemory(memory.bytesMax());
        parameters = java.util.Arrays.asList(values);
        tables.nextStatement();
        List<String> rows = new ArrayList<>();
        try (ExecutablePlan.Execution run = plan.open(this)) {
            for (@Nullable Object[] row = run.next(); row != null; row = run.next()) {
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < plan.columns().size(); i++) {
                    Object value = row[i];
                    text.append(i == 0 ? "" : "|")
                            .append(
                                    value == null
                                            ? "∅"
                                            : TextFormat.format(
                                                    plan.columns().get(i).type(),
                                                    value,
                                                    FormatSettings.UTC));
                }
                rows.add(text.toString());
            }
        }
        assertThat(memory.held()).as("memory still taken at the end").isZero();
        return rows;
    }

    /** Runs a data-modifying statement to its end. */
    public long run(String sql, @Nullable Object... values) {
        ExecutablePlan plan = plan(sql);
        parameters = java.util.Arrays.asList(values);
        tables.nextStatement();
        try (ExecutablePlan.Execution run = plan.open(this)) {
            while (run.next() != null) {}
            return run.rowCount();
        }
    }

    public String explain(String sql) {
        return String.join("\n", PlanText.shape(explained(sql, false)));
    }

    @Override
    public TableAccess tables() {
        return tables;
    }

    @Override
    public long workBytes() {
        return workBytes;
    }

    @Override
    public SpillSpace spillSpace() {
        return spills;
    }

    @Override
    public QueryMemory memory() {
        return memory;
    }

    @Override
    public Catalog catalog() {
        return catalog;
    }

    @Override
    public Catalog catalogAt(long offset) {
        return catalog;
    }

    @Override
    public @Nullable Object parameter(int number) {
        return parameters.get(number - 1);
    }

    @Override
    public String database() {
        return "test";
    }

    @Override
    public List<String> searchPath() {
        return List.of("pg_catalog", "public");
    }

    @Override
    public long nextval(int sequenceId) {
        return ++sequence;
    }

    @Override
    public long currval(int sequenceId) {
        return sequence;
    }

    @Override
    public long lastval() {
        return sequence;
    }

    @Override
    public long setval(int sequenceId, long value, boolean called) {
        sequence = value;
        return value;
    }

    @Override
    public SequenceState sequenceState(int sequenceId) {
        return new SequenceState(sequence, true);
    }

    @Override
    public long offset() {
        return view().offset();
    }

    @Override
    public Long resolveBound(TimePoint point) {
        return resolve(point);
    }

    @Override
    public Long resolve(TimePoint point) {
        return 0L;
    }

    @Override
    public @Nullable Long sessionAsOf() {
        return null;
    }

    @Override
    public FunctionCatalog functions() {
        return FUNCTIONS;
    }

    @Override
    public SystemRelations systemRelations() {
        return NO_RELATIONS;
    }

    @Override
    public Map<Integer, SqlType> parameterTypes() {
        return parameterTypes;
    }

    @Override
    public EvalContext evalContext() {
        return this;
    }
}
