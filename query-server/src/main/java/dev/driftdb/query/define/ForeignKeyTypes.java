package dev.driftdb.query.define;

import dev.driftdb.query.function.CastDef;
import dev.driftdb.query.function.FunctionCatalog;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which types may refer to which: the referencing value is compared as the referenced type. */
public final class ForeignKeyTypes {
    private static final List<SqlType> INTEGERS = List.of(Types.INT2, Types.INT4, Types.INT8);
    private static final List<SqlType> TEXTS = List.of(Types.TEXT, Types.VARCHAR);

    private ForeignKeyTypes() {}

    /** Whether equal values of both types have equal key bytes. */
    public static boolean haveSameKeys(SqlType from, SqlType to) {
        return from.equals(to)
                || (INTEGERS.contains(from) && INTEGERS.contains(to))
                || (TEXTS.contains(from) && TEXTS.contains(to));
    }

    /** Whether a column of one type may refer to a column of the other. */
    static boolean areComparable(SqlType from, SqlType to, FunctionCatalog functions) {
        return haveSameKeys(from, to) || cast(functions, from, to) != null;
    }

    /** What a referencing value goes through before it is compared; null for nothing. */
    public static @Nullable CastDef cast(FunctionCatalog functions, SqlType from, SqlType to) {
        if (haveSameKeys(from, to)) {
            return null;
        }
        CastDef cast = functions.cast(from, to);
        return cast != null && cast.context() == CastDef.Context.IMPLICIT ? cast : null;
    }
}
