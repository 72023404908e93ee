package dev.driftdb.query.session;

import dev.driftdb.materializer.snapshot.Snapshot;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.StateHash;
import dev.driftdb.pgwire.server.MustWait;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.bind.BindContext;
import dev.driftdb.query.catalog.SystemRelations;
import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.QueryMemory;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.execute.spill.SpillSpace;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.lock.SessionLocks;
import dev.driftdb.query.statistics.Statistics;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One running statement: what it is bound against, evaluated in and executed over. */
final class StatementContext implements BindContext, ExecutionContext, AutoCloseable {
    /** A statement that asks as often whether to go on is not brief: some 1,000 rows. */
    private static final int BRIEF_CHECKS_MAX = 4;

    private final Session session;
    private final Transaction transaction;
    private final TransactionTables tables;
    private final Catalog catalog;
    private final long statementMicros;
    private final Map<Integer, SqlType> parameterTypes;
    private @Nullable Object @Nullable [] parameters;
    private @Nullable SpillSpace spills;
    private @Nullable QueryMemory memory;

    /** Where nothing may wait: what takes long runs once more on the session's thread. */
    private boolean brief;

    /** Of a brief statement. */
    private int checks;

    private boolean tookLong;

    StatementContext(
            Session session,
            Transaction transaction,
            TransactionTables tables,
            Catalog catalog,
            long statementMicros,
            Map<Integer, SqlType> parameterTypes,
            @Nullable Object @Nullable [] parameters) {
        this.session = session;
        this.transaction = transaction;
        this.tables = tables;
        this.catalog = catalog;
        this.statementMicros = statementMicros;
        this.parameterTypes = parameterTypes;
        this.parameters = parameters;
        tables.evaluateIn(this);
    }

    /** What definitions are looked up and bound in. */
    Definitions definitions() {
        return new Definitions(this, true, false);
    }

    StatementContext withCatalog(Catalog changed, Map<Integer, SqlType> types) {
        return new StatementContext(
                session,
                transaction,
                tables.withCatalog(changed),
                changed,
                statementMicros,
                types,
                parameters);
    }

    StatementContext withParameterTypes(Map<Integer, SqlType> types) {
        return new StatementContext(
                session, transaction, tables, catalog, statementMicros, types, parameters);
    }

    /** From now on {@link MustWait} is thrown where a statement turns out to be long. */
    void requireBrief() {
        brief = true;
    }

    boolean tookLong() {
        return tookLong;
    }

    private void checkBrief() {
        if (brief && ++checks == BRIEF_CHECKS_MAX) {
            tookLong = true;
            throw MustWait.onThread();
        }
    }

    void setParameters(@Nullable Object[] values) {
        parameters = values;
    }

    /** Whether the statement has its parameters; while it is only described it has not. */
    boolean knowsParameters() {
        return parameters != null;
    }

    Database engine() {
        return session.databaseOf();
    }

    Session session() {
        return session;
    }

    Transaction transaction() {
        return transaction;
    }

    TransactionTables access() {
        return tables;
    }

    // ---- binding ----

    @Override
    public Catalog catalog() {
        return catalog;
    }

    @Override
    public Catalog catalogAt(long offset) {
        return tables.viewAt(offset).catalog();
    }

    @Override
    public ReadView viewAt(long offset) {
        return tables.viewAt(offset);
    }

    @Override
    public long offset() {
        return tables.view().offset();
    }

    @Override
    public @Nullable Long resolveBound(TimePoint point) {
        return new TimePoints(this).offsetOf(point);
    }

    @Override
    public @Nullable Long resolve(TimePoint point) {
        return new TimePoints(this).reachedOffsetOf(point);
    }

    @Override
    public @Nullable Long sessionAsOf() {
        return transaction.asOf();
    }

    @Override
    public FunctionCatalog functions() {
        return engine().functions();
    }

    @Override
    public SystemRelations systemRelations() {
        return engine().systemRelations();
    }

    @Override
    public List<String> searchPath() {
        return session.searchPath();
    }

    @Override
    public String database() {
        return engine().name();
    }

    @Override
    public Map<Integer, SqlType> parameterTypes() {
        return parameterTypes;
    }

    @Override
    public EvalContext evalContext() {
        return this;
    }

    // ---- execution ----

    @Override
    public TableAccess tables() {
        return tables;
    }

    @Override
    public long workBytes() {
        return session.settings().workBytes();
    }

    @Override
    public SpillSpace spillSpace() {
        SpillSpace space = spills;
        if (space == null) {
            space =
                    new SpillSpace(
                            engine().temporaryFiles(), session.settings().temporaryBytesMax());
            spills = space;
        }
        return space;
    }

    @Override
    public QueryMemory memory() {
        QueryMemory known = memory;
        if (known == null) {
            known = new QueryMemory(engine().limits().queryBytesMax());
            memory = known;
        }
        return known;
    }

    // ---- evaluation ----

    @Override
    public FormatSettings format() {
        return session.settings().format(transaction.startMicros);
    }

    @Override
    public long transactionTimestamp() {
        return transaction.startMicros;
    }

    @Override
    public long statementTimestamp() {
        return statementMicros;
    }

    @Override
    public ReadView view() {
        return tables.view();
    }

    @Override
    public @Nullable Object parameter(int number) {
        @Nullable Object[] values = parameters;
        if (values == null || number > values.length) {
            throw new SqlException(
                    SqlState.UNDEFINED_PARAMETER, "there is no parameter $" + number);
        }
        return values[number - 1];
    }

    @Override
    public String currentUser() {
        return session.user();
    }

    @Override
    public String sessionUser() {
        return session.user();
    }

    @Override
    public int backendPid() {
        return session.processId();
    }

    @Override
    public @Nullable String setting(String name) {
        return session.settingValue(name);
    }

    @Override
    public String set(String name, String value, boolean local) {
        return session.set(name, value, local);
    }

    @Override
    public List<List<String>> settings() {
        return session.settings().list();
    }

    @Override
    public Statistics statistics() {
        return engine().statistics();
    }

    @Override
    public List<SessionInfo> sessions() {
        return engine().sessionInfos();
    }

    private SequenceDef sequence(int id) {
        if (catalog.find(id) instanceof SequenceDef sequence) {
            return sequence;
        }
        throw new SqlException(
                SqlState.WRONG_OBJECT_TYPE, "the object with oid " + id + " is not a sequence");
    }

    @Override
    public long nextval(int sequenceId) {
        transaction.checkWritable("nextval()");
        SequenceState own = transaction.sequence(sequenceId);
        long value;
        if (own == null) {
            value = engine().sequences().next(sequence(sequenceId));
        } else {
            SequenceState next = Sequences.advanced(sequence(sequenceId), own);
            transaction.advanceSequence(sequenceId, next);
            value = next.last();
        }
        session.sequenceValues().remember(sequenceId, value);
        return value;
    }

    @Override
    public long currval(int sequenceId) {
        Long value = session.sequenceValues().of(sequenceId);
        if (value == null) {
            throw new SqlException(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "currval of sequence \""
                            + sequence(sequenceId).name()
                            + "\" is not yet defined in this session");
        }
        return value;
    }

    @Override
    public long lastval() {
        return session.sequenceValues().last();
    }

    @Override
    public long setval(int sequenceId, long value, boolean called) {
        transaction.checkWritable("setval()");
        SequenceDef sequence = sequence(sequenceId);
        if (value < sequence.min() || value > sequence.max()) {
            throw new SqlException(
                    SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                    "setval: value "
                            + value
                            + " is out of bounds for sequence \""
                            + sequence.name()
                            + "\" ("
                            + sequence.min()
                            + ".."
                            + sequence.max()
                            + ")");
        }
        SequenceState state = new SequenceState(value, called);
        if (transaction.sequence(sequenceId) == null) {
            engine().sequences().set(sequence, state);
        } else {
            transaction.advanceSequence(sequenceId, state);
        }
        if (called) {
            session.sequenceValues().remember(sequenceId, value);
        }
        return value;
    }

    @Override
    public SequenceState sequenceState(int sequenceId) {
        SequenceState own = transaction.sequence(sequenceId);
        return own == null ? engine().sequences().state(sequence(sequenceId)) : own;
    }

    @Override
    public @Nullable Bytes currentRow(TableDef table, String cursor) {
        return session.cursors().currentRow(table, cursor, transaction);
    }

    @Override
    public Random random() {
        return session.random();
    }

    @Override
    public List<Snapshot> snapshots() {
        return engine().replica().snapshots();
    }

    @Override
    public long currentOffset() {
        return transaction.replica().appliedOffset();
    }

    @Override
    public String stateHash(@Nullable String point) {
        if (point == null) {
            return StateHash.of(view(), this::checkCanceled);
        }
        try (ReadView past =
                transaction
                        .replica()
                        .asOf(new TimePoints(this).offsetOf(point), this::checkCanceled)) {
            return StateHash.of(past, this::checkCanceled);
        }
    }

    @Override
    public SessionLocks locks() {
        return session.advisory();
    }

    @Override
    public boolean cancelBackend(int pid) {
        return engine().cancel(pid);
    }

    /** Called while a read waits for a state of the past to be made. */
    void checkWaiting() {
        session.checkWaiting();
    }

    @Override
    public void checkCanceled() {
        session.checkCanceled();
        checkBrief();
    }

    @Override
    public void close() {
        if (spills != null) {
            spills.close();
        }
        tables.close();
    }
}
