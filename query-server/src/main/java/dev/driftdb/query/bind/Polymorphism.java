package dev.driftdb.query.bind;

import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What anyelement, anycompatible and their kin stand for in one call: PostgreSQL manual,
 * "Polymorphic Types".
 *
 * @param element for the anyelement family, null if no argument has it
 * @param compatible for the anycompatible family, null if no argument has it
 * @param types the declared argument types with the pseudo-types replaced
 */
record Polymorphism(@Nullable SqlType element, @Nullable SqlType compatible, List<SqlType> types) {

    /** Null if the actual types do not fit together. */
    static @Nullable Polymorphism resolve(
            List<SqlType> declared, List<SqlType> actual, Coercion coercion) {
        SqlType element = null;
        boolean simpleFamily = false;
        boolean compatibleFamily = false;
        List<SqlType> compatibles = new ArrayList<>();
        for (int i = 0; i < declared.size(); i++) {
            SqlType want = declared.get(i);
            SqlType have = actual.get(i);
            boolean unknown = have.equals(Types.UNKNOWN);
            switch (want.name()) {
                case "anyelement", "anynonarray", "anyarray", "anyenum" -> {
                    simpleFamily = true;
                    if (unknown) {
                        continue;
                    }
                    SqlType found = part(want, have);
                    if (found == null || (element != null && !element.equals(found))) {
                        return null;
                    }
                    element = found;
                }
                case "anycompatible", "anycompatiblenonarray", "anycompatiblearray" -> {
                    compatibleFamily = true;
                    if (!unknown) {
                        SqlType found = part(want, have);
                        if (found == null) {
                            return null;
                        }
                        compatibles.add(found);
                    }
                }
                case "record" -> {
                    if (!unknown && have.storage() != Storage.ROW) {
                        return null;
                    }
                }
                case "cstring" -> {
                    if (!unknown && !have.equals(Types.CSTRING)) {
                        return null;
                    }
                }
                default -> {}
            }
        }
        if (simpleFamily && element == null) {
            // PostgreSQL refuses this; text is what an unknown literal becomes everywhere else.
            element = Types.TEXT;
        }
        if (declared.contains(Types.ANYENUM) && (element == null || !element.isEnum())) {
            return null;
        }
        SqlType compatible = null;
        if (compatibleFamily) {
            compatible = coercion.commonOrNull(compatibles);
            if (compatible == null) {
                return null;
            }
        }
        Polymorphism partial = new Polymorphism(element, compatible, List.of());
        List<SqlType> types = new ArrayList<>();
        for (int i = 0; i < declared.size(); i++) {
            SqlType concrete = partial.concrete(declared.get(i));
            if (concrete == null) {
                return null;
            }
            // "any" takes what comes.
            types.add(concrete.equals(Types.ANY) ? actual.get(i) : concrete);
        }
        return new Polymorphism(element, compatible, types);
    }

    /** Whether the type is of the family in which all stand for one element type. */
    static boolean isOfOneElement(SqlType declared) {
        return switch (declared.name()) {
            case "anyelement", "anynonarray", "anyarray", "anyenum" -> true;
            default -> false;
        };
    }

    private static @Nullable SqlType part(SqlType want, SqlType have) {
        boolean array = want.equals(Types.ANYARRAY) || want.equals(Types.ANYCOMPATIBLEARRAY);
        if (array) {
            return have.isArray() ? have.element() : null;
        }
        boolean scalar = want.equals(Types.ANYNONARRAY) || want.equals(Types.ANYCOMPATIBLENONARRAY);
        return scalar && have.isArray() ? null : have;
    }

    /** A declared type with the pseudo-type replaced; null if there is no array over the type. */
    @Nullable SqlType concrete(SqlType declared) {
        return switch (declared.name()) {
            case "anyelement", "anynonarray", "anyenum" -> element;
            case "anyarray" -> array(element);
            case "anycompatible", "anycompatiblenonarray" -> compatible;
            case "anycompatiblearray" -> array(compatible);
            default -> declared;
        };
    }

    private static @Nullable SqlType array(@Nullable SqlType element) {
        return element == null || element.arrayOid() == 0 ? null : Types.arrayOf(element);
    }
}
