package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.bind.Namespace.Field;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** What one run over one statement gathers. */
final class BindState {
    /** Says that a plain scan was asked for a pseudo-column: bind again with them. */
    static final class PseudoColumnAsked extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PseudoColumnAsked() {
            super("a pseudo-column was asked for", null, false, false);
        }
    }

    private static final int PARAMETERS_MAX = 65535;

    final BindContext context;
    final FunctionCatalog functions;
    final Folding folding;
    final Coercion coercion;

    /** Gathers what names stand for, if that is asked for and no view's text is being bound. */
    @Nullable ReferenceCollector references;

    final Collations collations = new Collations();

    /** Whether plain scans carry the pseudo-columns. */
    final boolean pseudoColumns;

    private final IdentityHashMap<Expr, Integer> positions = new IdentityHashMap<>();
    private final IdentityHashMap<Expr, List<Field>> fields = new IdentityHashMap<>();
    private final IdentityHashMap<OutputColumn, List<Field>> columnFields = new IdentityHashMap<>();
    private final IdentityHashMap<LogicalPlan, Integer> scanPositions = new IdentityHashMap<>();

    private int scanId;
    private @Nullable IntConsumer scanListener;

    /** The common tables whose recursive terms are being bound. */
    final Set<Integer> recursing = new HashSet<>();

    private final TreeSet<Integer> parameters = new TreeSet<>();
    private final ArrayList<Hidden> hidden = new ArrayList<>();
    private boolean cacheable = true;
    private boolean openPoints;
    private int nextCommonTableId = 1;

    BindState(BindContext context, boolean pseudoColumns) {
        this.context = context;
        this.functions = context.functions();
        this.pseudoColumns = pseudoColumns;
        this.folding = new Folding(context.evalContext());
        this.coercion = new Coercion(this);
    }

    /**
     * A relation of the statement that cannot be read from where names are being resolved, for what
     * errors say of it.
     *
     * @param lateral whether it could if the subquery said LATERAL
     */
    record Hidden(Relation relation, boolean lateral) {}

    List<Hidden> hidden() {
        return hidden;
    }

    void hide(Relation relation, boolean lateral) {
        hidden.add(new Hidden(relation, lateral));
    }

    void unhide(int count) {
        hidden.subList(hidden.size() - count, hidden.size()).clear();
    }

    boolean hasParameters() {
        return !parameters.isEmpty();
    }

    int newCommonTableId() {
        return nextCommonTableId++;
    }

    boolean cacheable() {
        return cacheable;
    }

    void notCacheable() {
        cacheable = false;
    }

    /** The offset of a point to read at; now while that depends on unknown parameters. */
    long resolve(TimePoint point) {
        return known(point, context.resolve(point));
    }

    /** The same of an end of a span of time, which may begin before the first entry. */
    long resolveBound(TimePoint point) {
        return known(point, context.resolveBound(point));
    }

    /** Only a literal offset means the same for ever. */
    private long known(TimePoint point, @Nullable Long offset) {
        if (offset == null) {
            openPoints = true;
            return context.offset();
        }
        if (!(point instanceof TimePoint.Offset(SqlExpr.NumberLiteral _))) {
            cacheable = false;
        }
        return offset;
    }

    /** Whether the plan shows the columns but reads at points that are not known yet. */
    boolean hasOpenPoints() {
        return openPoints;
    }

    <E extends Expr> E at(E expression, int position) {
        if (position > 0) {
            positions.put(expression, position);
        }
        return expression;
    }

    /** Where the expression was written, 0 if that is not known. */
    int position(Expr expression) {
        return positions.getOrDefault(expression, 0);
    }

    void fields(Expr expression, @Nullable List<Field> names) {
        if (names != null) {
            fields.put(expression, names);
        }
    }

    @Nullable List<Field> fields(Expr expression) {
        return fields.get(expression);
    }

    void fields(OutputColumn column, @Nullable List<Field> names) {
        if (names != null) {
            columnFields.put(column, names);
        }
    }

    @Nullable List<Field> fields(OutputColumn column) {
        return columnFields.get(column);
    }

    /** Notes where a common table is read. */
    LogicalPlan.CteScan scanAt(LogicalPlan.CteScan scan, int position) {
        scanPositions.put(scan, position);
        if (scanListener != null && scan.id() == scanId) {
            scanListener.accept(position);
        }
        return scan;
    }

    /** Tells where a common table is read from now on; null for nobody any more. */
    void onScan(int id, @Nullable IntConsumer listener) {
        scanId = id;
        scanListener = listener;
    }

    int position(LogicalPlan.CteScan scan) {
        return scanPositions.getOrDefault(scan, 0);
    }

    Expr parameter(int number, int position) {
        if (number < 1 || number > PARAMETERS_MAX) {
            throw new SqlException(
                    SqlState.UNDEFINED_PARAMETER, "there is no parameter $" + number, position);
        }
        parameters.add(number);
        SqlType type = context.parameterTypes().get(number);
        return at(new Expr.Parameter(number, type == null ? Types.UNKNOWN : type), position);
    }

    /** Gives a parameter that had no type yet the type its context wants. */
    Expr typeParameter(Expr.Parameter parameter, SqlType type, int position) {
        SqlType known = context.parameterTypes().get(parameter.number());
        if (known == null || known.equals(Types.UNKNOWN)) {
            context.parameterTypes().put(parameter.number(), type);
        } else if (!known.equals(type)) {
            throw new SqlException(
                            SqlState.AMBIGUOUS_PARAMETER,
                            "inconsistent types deduced for parameter $" + parameter.number(),
                            position)
                    .withDetail(known.sqlName() + " versus " + type.sqlName());
        }
        return at(new Expr.Parameter(parameter.number(), type), position);
    }

    /** Whatever no context has given a type is text. */
    void typeRemainingParameters() {
        for (int number : parameters) {
            SqlType known = context.parameterTypes().get(number);
            if (known == null || known.equals(Types.UNKNOWN)) {
                context.parameterTypes().put(number, Types.TEXT);
            }
        }
    }
}
