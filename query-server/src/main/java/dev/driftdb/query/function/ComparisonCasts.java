package dev.driftdb.query.function;

import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;

/** Conversions of operands that are only compared. */
public final class ComparisonCasts {
    private static final CastDef TO_TIMESTAMP =
            new CastDef(
                    Types.DATE,
                    Types.TIMESTAMP,
                    CastDef.Context.IMPLICIT,
                    false,
                    (value, _, _, _) -> midnight((Long) value));
    private static final CastDef TO_TIMESTAMPTZ =
            new CastDef(
                    Types.DATE,
                    Types.TIMESTAMPTZ,
                    CastDef.Context.IMPLICIT,
                    true,
                    (value, _, _, context) -> {
                        long midnight = midnight((Long) value);
                        return midnight == DateTimes.TIMESTAMP_END
                                ? midnight
                                : DateTimes.localToInstant(midnight, context.format().zone());
                    });

    private ComparisonCasts() {}

    /** A date as timestamp or timestamptz; one later than all of them becomes their end. */
    public static CastDef ofDate(SqlType to) {
        return to.equals(Types.TIMESTAMP) ? TO_TIMESTAMP : TO_TIMESTAMPTZ;
    }

    private static long midnight(long days) {
        boolean beyond =
                !DateTimes.isInfinite(days)
                        && days >= DateTimes.TIMESTAMP_END / DateTimes.MICROS_PER_DAY;
        return beyond ? DateTimes.TIMESTAMP_END : DateTimes.dateToTimestamp(days);
    }
}
