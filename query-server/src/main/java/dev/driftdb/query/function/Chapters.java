package dev.driftdb.query.function;

/** The table of contents: every chapter that defines functions. */
final class Chapters {
    private Chapters() {}

    static void define(Definitions d, RegNames names) {
        ArithmeticOperators.define(d);
        MathFunctions.define(d);
        StringFunctions.define(d);
        UnicodeFunctions.define(d);
        IdentifierText.define(d);
        BinaryStringFunctions.define(d);
        PatternFunctions.define(d);
        FormattingFunctions.define(d);
        DateTimeOperators.define(d);
        DateTimeFunctions.define(d);
        PeriodFunctions.define(d);
        DateFields.define(d);
        ArrayFunctions.define(d);
        EnumFunctions.define(d);
        ArraySamples.define(d);
        SeriesFunctions.define(d);
        JsonFunctions.define(d);
        SystemFunctions.define(d);
        CatalogFunctions.define(d, names);
        InputFunctions.define(d, names);
        Casts.define(d, names);
        Aggregates.define(d);
        CollectingAggregates.define(d);
        JsonAggregates.define(d);
        StatisticAggregates.define(d);
        OrderedSetAggregates.define(d);
        WindowFunctions.define(d);
    }
}
