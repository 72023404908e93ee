package dev.driftdb.query.ast;

/** An expression kept as text, because the catalog stores text, with its parsed form. */
public record SqlText(String text, SqlExpr expression) {}
