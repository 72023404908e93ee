package dev.driftdb.query.define;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a definition statement works on: the transaction's catalog, and the way to change it. */
public interface DefinitionScope {
    /** With everything that this statement has written so far. */
    Catalog catalog();

    /** The committed state that the statement reads, without what its transaction has changed. */
    ReadView committed();

    /** The committed catalog at an earlier offset. */
    Catalog catalogAt(long offset);

    List<String> searchPath();

    int ownerId();

    /**
     * The offset of a point in time.
     *
     * @param point null for what the statement itself reads
     */
    long offsetOf(@Nullable TimePoint point);

    /** The schema of the session's temporary objects; made if there is none yet. */
    SchemaDef temporarySchema();

    @Nullable SchemaDef findTemporarySchema();

    /**
     * What becomes of a temporary table's rows at each commit.
     *
     * @param action "delete rows" or "drop"
     */
    void onCommit(TableDef table, String action);

    /** An id that no object ever had. */
    int newId();

    void write(CatalogObject object);

    void drop(CatalogObject object);

    TableAccess tables();

    /** What this statement has written to tables so far is seen from now on. */
    void advance();

    ExecutionContext evalContext();

    FunctionCatalog functions();

    /** Binds a DEFAULT (over no columns) or a CHECK (over a table's), cast to a type. */
    Expr bind(
            SqlExpr expression,
            List<OutputColumn> columns,
            SqlType target,
            int typmod,
            String clause);

    /**
     * What a value of a type with domains in it must satisfy: an expression over the value as the
     * one column, which answers it or refuses it; null if nothing in the type constrains it.
     */
    @Nullable Expr domainChecks(SqlType type);

    /** What a column without a DEFAULT of its own has as one, null unless its type is a domain. */
    @Nullable Expr inheritedDefault(SqlType type);

    /**
     * Binds the query of a view as it is stored.
     *
     * @throws SqlException if it means nothing any more
     */
    void requireBound(ViewDef view);

    /** Binds an expression over a table's columns, of whatever type it is. */
    Expr bind(SqlExpr expression, List<OutputColumn> columns, String clause);

    /** The columns that such an expression names. */
    List<Binder.ColumnUse> columnUses(
            SqlExpr expression, List<OutputColumn> columns, String clause);

    /** The columns that a query answers, bound in this scope. */
    List<OutputColumn> describe(DataStatement.Select query);

    SqlExpr parse(String expression);

    /** Parses a whole query, as a view's text is. */
    Statement parseStatement(String sql);

    /** The table's rows must not change before this transaction's place in the log. */
    void requireUnchanged(TableDef table);

    /** The entries of a new index will be made; until then this transaction keeps its own. */
    void buildIndex(TableDef table, IndexDef index);

    /** The rows of a table move to another storage, under the key that {@code to} has. */
    void rekey(TableDef from, TableDef to);

    /**
     * Stores each row of a table anew, in another storage.
     *
     * @param change makes the row, by column number, what {@code to} stores
     */
    void rewrite(TableDef from, TableDef to, UnaryOperator<@Nullable Object[]> change);

    /**
     * 55006 if rows of a table wait for deferred checks.
     *
     * @param what the statement, in capitals
     */
    void requireNoPendingChecks(TableDef table, String what);

    /** The table is empty from now on. */
    void empty(TableDef table);

    /** A sequence goes on from a state, if the transaction commits. */
    void setSequence(SequenceDef sequence, SequenceState state);

    void notice(String message);

    void notice(String message, String detail);

    void warn(String message);

    /** Binds a view's query that was parsed from its own text. */
    Binder.ViewShape defineView(DataStatement.Select query);

    /** The numbers of the columns that can be given values through a view. */
    List<Integer> updatableColumns(ViewDef view);

    /** Why there are none. */
    String whyNotUpdatable(ViewDef view);

    /** Runs a view's query as of now and hands each row on; it may be reused by the next. */
    void run(ViewDef view, Consumer<@Nullable Object[]> target);

    /** A type as SQL writes it, with its modifier. */
    String typeName(SqlType type, int typmod);

    /**
     * What the names and labels in an expression's text stand for.
     *
     * @param columns what it is bound over
     */
    Binder.StoredUses storedUses(String sql, List<OutputColumn> columns, String clause);

    /** A sequence with another definition goes on from where it is. */
    void keepSequence(SequenceDef sequence, SequenceState state);

    /** How far a sequence has come. */
    SequenceState sequenceState(SequenceDef sequence);
}
