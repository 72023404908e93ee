package dev.driftdb.query.ast;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A statement as written. */
public sealed interface Statement
        permits DataStatement,
                Definition,
                TransactionStatement,
                SessionStatement,
                CursorStatement,
                Statement.Copy,
                Statement.Explain,
                Statement.Vacuum,
                Statement.Restore,
                Statement.Revert,
                Statement.Checkpoint,
                Statement.Empty {
    /**
     * COPY.
     *
     * @param table null for COPY (query) TO
     * @param columns empty for all
     * @param options names in lower case (format, delimiter, null, header, quote, escape, freeze…),
     *     the value "true" for a bare option
     */
    record Copy(
            @Nullable QualifiedName table,
            List<String> columns,
            @Nullable Statement query,
            boolean from,
            Map<String, String> options)
            implements Statement {}

    record Explain(List<ExplainOption> options, Statement statement) implements Statement {
        /** The same without running what is explained. */
        public Explain withoutAnalyze() {
            return new Explain(
                    options.stream().filter(o -> !o.name().equals("analyze")).toList(), statement);
        }
    }

    /**
     * An option of EXPLAIN.
     *
     * @param value null if none was written
     * @param position of its name
     */
    record ExplainOption(String name, @Nullable String value, int position) {}

    /** VACUUM and ANALYZE: {@code tables} empty for all. */
    record Vacuum(boolean vacuum, boolean analyze, boolean verbose, List<AnalyzedTable> tables)
            implements Statement {}

    /**
     * @param columns empty for all
     */
    record AnalyzedTable(QualifiedName name, List<String> columns) {}

    /** RESTORE TABLE: the rows become what they were. */
    record Restore(QualifiedName table, TimePoint point) implements Statement {}

    /**
     * CHECKPOINT, SNAPSHOT: a snapshot of the whole state.
     *
     * @param table one that must be there; null if none is named
     */
    record Checkpoint(@Nullable QualifiedName table, boolean snapshot) implements Statement {}

    /** REVERT TRANSACTION: the inverse changes of one that was committed. */
    record Revert(TransactionName transaction) implements Statement {}

    /** An empty statement: nothing between two semicolons. */
    record Empty() implements Statement {}
}
