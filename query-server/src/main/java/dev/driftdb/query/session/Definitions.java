package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.bind.BindContext;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.define.DefinitionScope;
import dev.driftdb.query.define.IndexKey;
import dev.driftdb.query.define.IndexTexts;
import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.CatalogText;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.query.plan.PlanTraits;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.CommentDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Definition statements in a transaction: the port between {@code define} and what a transaction
 * writes. One statement at a time defines on a server (a lock), and an entry with definitions takes
 * effect only if the catalog is the one that it was made from.
 */
final class Definitions implements DefinitionScope {
    /** The lock that definition statements of one server queue for. */
    static final LockTarget LOCK = new LockTarget.Definitions();

    /**
     * Ids are claimed like values of a sequence, so a rolled-back statement never gives one back.
     */
    private static final SequenceDef OBJECT_IDS =
            new SequenceDef(
                    0,
                    0,
                    "object ids",
                    RoleDef.BOOTSTRAP,
                    Types.INT4,
                    SystemStorage.FIRST_USER_ID,
                    1,
                    SystemStorage.FIRST_USER_ID,
                    Integer.MAX_VALUE,
                    1,
                    false,
                    0,
                    0);

    private final StatementContext context;
    private final Transaction transaction;
    private final boolean explicit;

    private StatementContext evaluating;

    /** Under which number rows are written; what earlier ones wrote is seen. */
    private int command;

    /**
     * @param explicit the transaction goes on after the statement: what it defined must be usable
     */
    Definitions(StatementContext context, boolean explicit) {
        this(context, explicit, true);
    }

    /**
     * @param changing false for a statement that only looks definitions up
     */
    Definitions(StatementContext context, boolean explicit, boolean changing) {
        this.context = context;
        this.transaction = context.transaction();
        this.explicit = explicit;
        this.evaluating = context;
        this.command = transaction.command();
        if (changing && transaction.definitions.isEmpty()) {
            transaction.require(
                    new Precondition.RangeUnchanged(
                            SystemStorage.CATALOG,
                            Bytes.EMPTY,
                            Bytes.EMPTY,
                            context.view().offset()));
        }
    }

    @Override
    public Catalog catalog() {
        return transaction.catalogOver(context.view().catalog());
    }

    @Override
    public ReadView committed() {
        return context.view();
    }

    @Override
    public Catalog catalogAt(long offset) {
        return context.catalogAt(offset);
    }

    @Override
    public List<String> searchPath() {
        return context.searchPath();
    }

    @Override
    public int ownerId() {
        RoleDef role = context.catalog().findRole(context.currentUser());
        return role == null ? RoleDef.BOOTSTRAP : role.id();
    }

    @Override
    public long offsetOf(@Nullable TimePoint point) {
        if (point == null) {
            return new TimePoints(context).ownOffset();
        }
        Long offset = context.resolve(point);
        if (offset == null) {
            throw SqlException.notSupported("a parameter as the point of a tag");
        }
        return offset;
    }

    @Override
    public SchemaDef temporarySchema() {
        return context.session().temporary().schema(this);
    }

    @Override
    public @Nullable SchemaDef findTemporarySchema() {
        return context.session().temporary().find(catalog());
    }

    @Override
    public void onCommit(TableDef table, String action) {
        context.session().temporary().onCommit(table, action);
    }

    @Override
    public int newId() {
        return (int) context.engine().sequences().next(OBJECT_IDS);
    }

    @Override
    public void write(CatalogObject object) {
        if (object instanceof TableDef table) {
            checkTopicNames(table);
        }
        transaction.define(object.id(), object, committedVersion(object.id()));
    }

    /** 42622 for a table whose topics could not be made. */
    private void checkTopicNames(TableDef table) {
        TopicNames names = new TopicNames(context.database());
        if (catalog().find(table.schemaId()) instanceof SchemaDef schema
                && !TemporarySchemas.isTemporary(schema.name())) {
            if (TableOptions.changelog(table)) {
                names.changelog(schema.name(), table.name());
            }
            if (TableOptions.ingest(table)) {
                names.events(schema.name(), table.name());
            }
        }
    }

    @Override
    public void drop(CatalogObject object) {
        transaction.define(object.id(), null, committedVersion(object.id()));
        for (CommentDef comment : catalog().commentsOn(object.id())) {
            if (!object.equals(comment)) {
                drop(comment);
            }
        }
    }

    private long committedVersion(int id) {
        return context.view().catalog().versionOf(id);
    }

    @Override
    public TableAccess tables() {
        return access();
    }

    private TransactionTables access() {
        return context.access().withCatalog(catalog(), command);
    }

    @Override
    public void advance() {
        command = transaction.nextCommand();
    }

    @Override
    public FunctionCatalog functions() {
        return context.functions();
    }

    /** Over the catalog with this statement's definitions: DEFAULTs may name new sequences. */
    @Override
    @SuppressWarnings("ReferenceEquality") // a catalog is replaced as a whole
    public ExecutionContext evalContext() {
        Catalog now = catalog();
        if (evaluating.catalog() != now) {
            evaluating = context.withCatalog(now, new HashMap<>());
        }
        return evaluating;
    }

    private BindContext bindContext(Map<Integer, SqlType> types) {
        return context.withCatalog(catalog(), types);
    }

    @Override
    public Expr bind(
            SqlExpr expression,
            List<OutputColumn> columns,
            SqlType target,
            int typmod,
            String clause) {
        return withoutSubqueries(
                new Binder(bindContext(new HashMap<>()))
                        .bindExpression(expression, columns, target, typmod, clause),
                clause);
    }

    private static Expr withoutSubqueries(Expr bound, String clause) {
        PlanTraits.eachSubquery(
                bound,
                _ -> {
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot use subquery in "
                                    + (clause.endsWith("s")
                                            ? clause.substring(0, clause.length() - 1)
                                            : clause));
                });
        return bound;
    }

    @Override
    public void requireBound(ViewDef view) {
        new Binder(bindContext(new HashMap<>())).bindView(view);
    }

    @Override
    public @Nullable Expr domainChecks(SqlType type) {
        return new Binder(bindContext(new HashMap<>())).domainChecks(type);
    }

    @Override
    public @Nullable Expr inheritedDefault(SqlType type) {
        return new Binder(bindContext(new HashMap<>())).inheritedDefault(type);
    }

    @Override
    public Expr bind(SqlExpr expression, List<OutputColumn> columns, String clause) {
        return withoutSubqueries(
                new Binder(bindContext(new HashMap<>()))
                        .bindExpression(expression, columns, clause),
                clause.endsWith("s") ? clause.substring(0, clause.length() - 1) : clause);
    }

    @Override
    public List<Binder.ColumnUse> columnUses(
            SqlExpr expression, List<OutputColumn> columns, String clause) {
        return new Binder(bindContext(new HashMap<>())).columnUses(expression, columns, clause);
    }

    @Override
    public List<OutputColumn> describe(DataStatement.Select query) {
        return new Binder(bindContext(new HashMap<>())).bind(query).output();
    }

    @Override
    public SqlExpr parse(String expression) {
        return context.engine().parser().parseExpression(expression);
    }

    @Override
    public Statement parseStatement(String sql) {
        return context.engine().parser().parse(sql).getFirst().statement();
    }

    @Override
    public void requireUnchanged(TableDef table) {
        if (catalog().versionOf(table.id()) == Catalog.UNCOMMITTED
                && committedVersion(table.id()) < 0) {
            return;
        }
        transaction.require(
                new Precondition.RangeUnchanged(
                        table.storageId(), Bytes.EMPTY, Bytes.EMPTY, context.view().offset()));
    }

    @Override
    public void buildIndex(TableDef table, IndexDef index) {
        boolean mayHaveRows = committedVersion(table.id()) >= 0 || isStored(table);
        if (mayHaveRows && !index.computed()) {
            transaction.addStructural(new Change.BuildIndex(index.id()));
        }
        if (explicit) {
            keepOwnIndex(table, index);
        } else if (index.computed()) {
            // Its entries are made with the entry, beside the rows of this table.
            transaction.table(table.storageId());
        }
    }

    /** Whether rows of a table that the catalog does not have yet are there: it comes back. */
    private boolean isStored(TableDef table) {
        try (RowCursor rows = context.view().scan(table.storageId(), KeyRange.ALL, false)) {
            return rows.next();
        }
    }

    /** Until the commit no replica has the index's entries: this transaction keeps all of them. */
    private void keepOwnIndex(TableDef table, IndexDef index) {
        OwnIndex own = transaction.table(table.storageId()).index(index.id());
        own.complete = true;
        IndexKey keys = context.engine().indexKeys().of(this, table, index);
        try (RowCursor rows = access().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                context.checkCanceled();
                Bytes key = keys.of(rows.row(), context);
                if (key != null) {
                    own.add(key, Bytes.copyOf(rows.key()));
                }
            }
        }
    }

    @Override
    public void rekey(TableDef from, TableDef to) {
        OwnTable own = transaction.findTable(from.storageId());
        boolean committedOnly = own == null || !own.hasRows();
        boolean plain = catalog().indexesOf(from.id()).stream().noneMatch(IndexDef::computed);
        if (!explicit && committedOnly && plain) {
            transaction.addStructural(
                    new Change.Rekey(from.id(), from.storageId(), to.storageId()));
            return;
        }
        // The transaction goes on and must find its rows: they are written anew one by one.
        rewrite(from, to, row -> row);
    }

    @Override
    public void rewrite(TableDef from, TableDef to, UnaryOperator<@Nullable Object[]> change) {
        TransactionTables tables = access();
        // A storage that begins in this transaction: what its indexes hold is not its own.
        transaction.empty(to.storageId());
        try (RowCursor rows = tables.scan(from, KeyRange.ALL, false)) {
            while (rows.next()) {
                context.checkCanceled();
                tables.rewrite(to, change.apply(RowCodec.decode(from.columns(), rows.row())));
            }
        }
        transaction.empty(from.storageId());
    }

    @Override
    public void requireNoPendingChecks(TableDef table, String what) {
        if (transaction.checks.concern(table.id())) {
            throw new SqlException(
                    SqlState.OBJECT_IN_USE,
                    "cannot "
                            + what
                            + " \""
                            + table.name()
                            + "\" because it has pending trigger events");
        }
    }

    @Override
    public void empty(TableDef table) {
        transaction.empty(table.storageId());
    }

    @Override
    public void setSequence(SequenceDef sequence, SequenceState state) {
        transaction.setSequence(sequence.id(), state);
    }

    @Override
    public void keepSequence(SequenceDef sequence, SequenceState state) {
        if (transaction.sequence(sequence.id()) != null) {
            transaction.setSequence(sequence.id(), state);
            return;
        }
        context.engine().sequences().set(sequence, state);
        transaction.onUndo(() -> context.engine().sequences().forget(sequence.id()));
    }

    @Override
    public SequenceState sequenceState(SequenceDef sequence) {
        SequenceState own = transaction.sequence(sequence.id());
        return own == null ? context.engine().sequences().state(sequence) : own;
    }

    @Override
    public void notice(String message) {
        context.session().notice(message);
    }

    @Override
    public void notice(String message, String detail) {
        context.session().notice(message + "\n" + detail);
    }

    @Override
    public void warn(String message) {
        context.session().warn(SqlState.WARNING, message);
    }

    @Override
    public Binder.ViewShape defineView(DataStatement.Select query) {
        return new Binder(bindContext(new HashMap<>())).define(query);
    }

    @Override
    public List<Integer> updatableColumns(ViewDef view) {
        return new Binder(bindContext(new HashMap<>())).updatability(view).columns();
    }

    @Override
    public String whyNotUpdatable(ViewDef view) {
        return new Binder(bindContext(new HashMap<>())).updatability(view).reason();
    }

    @Override
    public void run(ViewDef view, Consumer<@Nullable Object[]> target) {
        StatementContext now = context.withCatalog(catalog(), new HashMap<>());
        ExecutablePlan plan =
                context.engine()
                        .planner()
                        .plan(
                                new Binder(now).bindView(view),
                                now.catalog(),
                                context.engine().statistics(),
                                index -> IndexTexts.terms(this, index));
        try (ExecutablePlan.Execution rows = plan.open(now)) {
            for (Object[] row = rows.next(); row != null; row = rows.next()) {
                target.accept(row);
            }
        }
    }

    @Override
    public String typeName(SqlType type, int typmod) {
        return CatalogText.type(type.oid(), (long) typmod);
    }

    @Override
    public Binder.StoredUses storedUses(String sql, List<OutputColumn> columns, String clause) {
        return new Binder(bindContext(new HashMap<>())).storedUses(parse(sql), columns, clause);
    }
}
