package dev.driftdb.query.bind;

import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.catalog.SystemRelations;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a statement is bound against. */
public interface BindContext {
    /** The catalog of the statement's own view, with the transaction's uncommitted definitions. */
    Catalog catalog();

    /** The catalog after the entry at an offset. */
    Catalog catalogAt(long offset);

    /** The offset of the statement's own view. */
    long offset();

    /**
     * The offset that a point names, evaluated now.
     *
     * @return -1 for a point before the first entry; null if the point depends on parameters whose
     *     values are not known yet
     * @throws dev.driftdb.schemas.error.SqlException 22023 for an offset or time behind the log
     */
    @Nullable Long resolveBound(TimePoint point);

    /**
     * The same for a point to read at.
     *
     * @throws dev.driftdb.schemas.error.SqlException 22023 for a point outside of the log
     */
    @Nullable Long resolve(TimePoint point);

    /** The offset that SET driftdb.as_of, BEGIN AS OF or the database's name set; null for now. */
    @Nullable Long sessionAsOf();

    FunctionCatalog functions();

    SystemRelations systemRelations();

    /** Schemas in the order they are searched; pg_catalog comes first unless it is named. */
    List<String> searchPath();

    String database();

    /** Parameter types by number: given ones at first, inferred ones are added while binding. */
    Map<Integer, SqlType> parameterTypes();

    /** For constant folding and for typed literals such as timestamptz '…'. */
    EvalContext evalContext();
}
