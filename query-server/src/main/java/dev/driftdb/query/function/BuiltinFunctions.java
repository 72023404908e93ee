package dev.driftdb.query.function;

import dev.driftdb.query.catalog.SystemRelations;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.type.IntervalText;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The functions, operators, casts and aggregates of DriftDB: the chapters of this package put
 * together. Immutable; safe for any thread.
 */
public final class BuiltinFunctions implements FunctionCatalog {
    private record Pair(SqlType from, SqlType to) {}

    private final Map<String, List<ScalarFunction>> scalars;
    private final Map<String, List<AggregateFunction>> aggregates;
    private final Map<String, List<WindowFunction>> windows;
    private final Map<String, List<TableFunction>> tables;
    private final Map<String, List<OperatorDef>> operators;
    private final Map<Pair, CastDef> casts = new HashMap<>();
    private final Map<Pair, Optional<CastDef>> derivedCasts = new ConcurrentHashMap<>();
    private final Definitions all = new Definitions();
    private final RegNames names;

    /**
     * @param systemRelations the relations that 'pg_class'::regclass and its kin find besides the
     *     catalog's own
     */
    public BuiltinFunctions(SystemRelations systemRelations) {
        names = new RegNames(systemRelations);
        Chapters.define(all, names);
        names.functions(all.scalars);
        scalars = group(all.scalars, ScalarFunction::name);
        aggregates = group(all.aggregates, AggregateFunction::name);
        windows = group(all.windows, WindowFunction::name);
        tables = group(all.tables, TableFunction::name);
        operators = group(all.operators, OperatorDef::name);
        for (CastDef cast : all.casts) {
            if (casts.put(new Pair(cast.from(), cast.to()), cast) != null) {
                throw new IllegalStateException(
                        "two casts from " + cast.from() + " to " + cast.to());
            }
        }
    }

    private static <T> Map<String, List<T>> group(List<T> items, Function<T, String> name) {
        Map<String, List<T>> result = new HashMap<>();
        for (T item : items) {
            result.computeIfAbsent(name.apply(item), _ -> new ArrayList<>()).add(item);
        }
        result.replaceAll((_, list) -> List.copyOf(list));
        return result;
    }

    @Override
    public List<ScalarFunction> scalars(String name) {
        return scalars.getOrDefault(name, List.of());
    }

    @Override
    public List<AggregateFunction> aggregates(String name) {
        return aggregates.getOrDefault(name, List.of());
    }

    @Override
    public List<WindowFunction> windowFunctions(String name) {
        return windows.getOrDefault(name, List.of());
    }

    @Override
    public List<TableFunction> tableFunctions(String name) {
        return tables.getOrDefault(name, List.of());
    }

    @Override
    public List<OperatorDef> operators(String symbol) {
        return operators.getOrDefault(symbol, List.of());
    }

    @Override
    public @Nullable CastDef cast(SqlType from, SqlType to) {
        Pair pair = new Pair(from, to);
        if (from.definition() != null || to.definition() != null) {
            // What such a type is made of changes, and the same oid then stands for another type.
            return make(new Pair(from.base(), to.base()));
        }
        Optional<CastDef> known = derivedCasts.get(pair);
        if (known == null) {
            // Not computeIfAbsent: the cast of an array asks for that of its elements.
            known = Optional.ofNullable(make(pair));
            derivedCasts.put(pair, known);
        }
        return known.orElse(null);
    }

    private @Nullable CastDef make(Pair pair) {
        CastDef listed = casts.get(pair);
        if (listed != null) {
            return pair.from.equals(pair.to) ? listed : withModifier(listed);
        }
        if (pair.from.equals(pair.to)) {
            return TypeModifiers.hasModifiers(pair.to) ? modifierOnly(pair.to) : null;
        }
        if (pair.from.equals(Types.UNKNOWN)) {
            return pair.to.isPseudo() ? null : input(pair, CastDef.Context.IMPLICIT);
        }
        if (pair.to.equals(Types.RECORD)) {
            return null;
        }
        if (pair.from.isArray() && pair.to.isArray() && !isVector(pair.to)) {
            return elementwise(pair);
        }
        if (pair.to.category() == 'S' || pair.to.equals(Types.UNKNOWN)) {
            boolean shown =
                    pair.from.storage() != Storage.NONE
                            || pair.from.equals(Types.ANYARRAY)
                            || pair.from.equals(Types.VOID);
            return shown ? output(pair) : null;
        }
        if (pair.from.category() == 'S' && !pair.to.isPseudo()) {
            return input(pair, CastDef.Context.EXPLICIT);
        }
        return null;
    }

    /** Nothing becomes one of these by itself. */
    private static boolean isVector(SqlType type) {
        return type.equals(Types.INT2VECTOR) || type.equals(Types.OIDVECTOR);
    }

    private static CastDef withModifier(CastDef cast) {
        SqlType to = cast.to();
        if (!TypeModifiers.hasModifiers(to)) {
            return cast;
        }
        return new CastDef(
                cast.from(),
                to,
                cast.context(),
                cast.stable(),
                (value, typmod, explicit, context) ->
                        TypeModifiers.apply(
                                to,
                                cast.body().apply(value, -1, explicit, context),
                                typmod,
                                explicit));
    }

    private static CastDef modifierOnly(SqlType type) {
        return new CastDef(
                type,
                type,
                CastDef.Context.IMPLICIT,
                false,
                (value, typmod, explicit, _) -> TypeModifiers.apply(type, value, typmod, explicit));
    }

    /** Through the text output function. */
    private static CastDef output(Pair pair) {
        SqlType from = pair.from;
        return withModifier(
                new CastDef(
                        from,
                        pair.to,
                        CastDef.Context.ASSIGNMENT,
                        true,
                        (value, _, _, context) ->
                                TextFormat.format(from, value, context.format())));
    }

    /** Through the text input function. */
    private CastDef input(Pair pair, CastDef.Context castContext) {
        SqlType to = pair.to;
        CastDef fromText = casts.get(new Pair(Types.TEXT, to));
        if (fromText != null && fromText.stable()) {
            // The names of catalog objects: text input alone cannot find them.
            return new CastDef(pair.from, to, castContext, true, fromText.body());
        }
        if (to.equals(Types.INTERVAL)) {
            return new CastDef(
                    pair.from,
                    to,
                    castContext,
                    false,
                    (value, typmod, explicit, _) ->
                            TypeModifiers.apply(
                                    to,
                                    IntervalText.parse((String) value, IntervalText.range(typmod)),
                                    typmod,
                                    explicit));
        }
        boolean stable = isStableInput(to);
        return withModifier(
                new CastDef(
                        pair.from,
                        to,
                        castContext,
                        stable,
                        (value, _, _, context) ->
                                TextFormat.parse(to, (String) value, context.format())));
    }

    /** Whether the session's settings say what a text means. */
    private static boolean isStableInput(SqlType given) {
        SqlType type = given.base();
        if (type.isArray()) {
            return isStableInput(type.element());
        }
        UserType.Composite composite = type.composite();
        return type.category() == 'D'
                || (composite != null
                        && composite.visible().stream().anyMatch(a -> isStableInput(a.type())));
    }

    private @Nullable CastDef elementwise(Pair pair) {
        SqlType target = pair.to.element();
        CastDef element =
                pair.from.element().base().equals(target.base())
                        ? new CastDef(
                                pair.from.element(),
                                target,
                                CastDef.Context.IMPLICIT,
                                false,
                                CastDef.RELABEL)
                        : cast(pair.from.element(), target);
        if (element == null) {
            return null;
        }
        return new CastDef(
                pair.from,
                pair.to,
                element.context(),
                element.stable(),
                (value, typmod, explicit, context) ->
                        mapElements((SqlArray) value, target, element, typmod, explicit, context));
    }

    private static SqlArray mapElements(
            SqlArray array,
            SqlType target,
            CastDef cast,
            int typmod,
            boolean explicit,
            EvalContext context) {
        List<@Nullable Object> items = new ArrayList<>(array.values().size());
        for (Object item : array.values()) {
            items.add(item == null ? null : cast.body().apply(item, typmod, explicit, context));
        }
        return new SqlArray(target, array.lengths(), array.lowerBounds(), items);
    }

    @Override
    public Collection<ScalarFunction> allScalars() {
        return java.util.Collections.unmodifiableList(all.scalars);
    }

    @Override
    public Collection<AggregateFunction> allAggregates() {
        return java.util.Collections.unmodifiableList(all.aggregates);
    }

    @Override
    public Collection<WindowFunction> allWindowFunctions() {
        return java.util.Collections.unmodifiableList(all.windows);
    }

    @Override
    public Collection<TableFunction> allTableFunctions() {
        return java.util.Collections.unmodifiableList(all.tables);
    }

    @Override
    public Collection<OperatorDef> allOperators() {
        return java.util.Collections.unmodifiableList(all.operators);
    }

    @Override
    public Collection<CastDef> allCasts() {
        return java.util.Collections.unmodifiableList(all.casts);
    }
}
