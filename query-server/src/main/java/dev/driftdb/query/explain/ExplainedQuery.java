package dev.driftdb.query.explain;

import dev.driftdb.query.execute.ExecutablePlan;
import dev.driftdb.schemas.catalog.Catalog;

/** A plan to be shown, and to be run where runs are measured. */
public record ExplainedQuery(ExecutablePlan plan, Explain root, Catalog catalog) {}
