package dev.driftdb.query.catalog;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.catalog.TagDef;
import dev.driftdb.schemas.log.TopicNames;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Schema driftdb: the log's entries, and what DriftDB keeps of tables that SQL has no name for. */
final class DriftDbRows {
    private static final long EPOCH_2000_MS = 946_684_800_000L;
    private static final long MICROS_PER_MS = 1000;

    private DriftDbRows() {}

    static void define(RowSources sources) {
        sources.add("driftdb", "log", (relation, _, context) -> log(relation, context));
        sources.add("driftdb", "topics", DriftDbRows::topics);
        sources.add("driftdb", "tags", DriftDbRows::tags);
        sources.add("driftdb", "snapshots", (relation, _, context) -> snapshots(relation, context));
        sources.add("driftdb", "tables", (relation, catalog, _) -> tables(relation, catalog));
    }

    /** Every entry up to the view's offset, oldest first, read from the view one by one. */
    private static Stream<@Nullable Object[]> log(DeclaredRelation relation, EvalContext context) {
        ReadView view = context.view();
        return LongStream.rangeClosed(0, view.offset())
                .mapToObj(offset -> {
                    context.checkCanceled();
                    return view.entry(offset);
                })
                .filter(Objects::nonNull)
                .map(entry -> logRow(relation, entry));
    }

    private static Stream<@Nullable Object[]> tags(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return catalog.objects(TagDef.class).stream()
                .map(tag -> {
                    EntryInfo entry = lastEntry(tag.offset(), context);
                    return relation.row(
                            "name",
                            tag.name(),
                            "_offset",
                            tag.offset(),
                            "time",
                            entry == null ? null : time(entry),
                            "owner",
                            RelationViews.nameOf(catalog, tag.ownerId()));
                });
    }

    private static Stream<@Nullable Object[]> snapshots(
            DeclaredRelation relation, EvalContext context) {
        return context.snapshots().stream()
                .map(snapshot ->
                        relation.row(
                                "_offset",
                                snapshot.offset(),
                                "_time",
                                time(snapshot.offsetTime().toEpochMilli()),
                                "taken",
                                time(snapshot.taken().toEpochMilli()),
                                "horizon",
                                Math.max(0, snapshot.horizon()),
                                "size",
                                snapshot.bytes(),
                                "location",
                                snapshot.location() + "/" + snapshot.id(),
                                "verified",
                                snapshot.verified()));
    }

    /** The entry at an offset; the last one before it where the log has a part of an entry. */
    private static @Nullable EntryInfo lastEntry(long offset, EvalContext context) {
        for (long at = offset; at >= 0; at--) {
            context.checkCanceled();
            EntryInfo entry = context.view().entry(at);
            if (entry != null) {
                return entry;
            }
        }
        return null;
    }

    private static long time(EntryInfo entry) {
        return time(entry.timestampMs());
    }

    private static long time(long epochMs) {
        return (epochMs - EPOCH_2000_MS) * MICROS_PER_MS;
    }

    private static @Nullable Object[] logRow(DeclaredRelation relation, EntryInfo entry) {
        return relation.row(
                "_offset", entry.offset(),
                "_time", time(entry),
                "transaction_id", entry.transactionId(),
                "origin", entry.origin(),
                "user", entry.user(),
                "application", entry.application(),
                "tag", entry.tag(),
                "committed", entry.committed(),
                "change_count", entry.changeCount());
    }

    /** The topics that belong to one table each, as its options ask for them. */
    private static Stream<@Nullable Object[]> topics(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        TopicNames names = new TopicNames(context.database());
        return catalog.objects(TableDef.class).stream()
                .flatMap(table -> {
                    String schema = RelationViews.nameOf(catalog, table.schemaId());
                    List<@Nullable Object[]> topics = new ArrayList<>();
                    if (TableOptions.changelog(table)) {
                        topics.add(
                                relation.row(
                                        "schema",
                                        schema,
                                        "table",
                                        table.name(),
                                        "kind",
                                        "changelog",
                                        "topic",
                                        names.changelog(schema, table.name())));
                    }
                    if (TableOptions.ingest(table)) {
                        topics.add(
                                relation.row(
                                        "schema",
                                        schema,
                                        "table",
                                        table.name(),
                                        "kind",
                                        "events",
                                        "topic",
                                        names.events(schema, table.name())));
                    }
                    return topics.stream();
                });
    }

    private static Stream<@Nullable Object[]> tables(DeclaredRelation relation, Catalog catalog) {
        return catalog.objects(TableDef.class).stream()
                .map(table -> {
                    SqlArray options = RelationRows.options(table.options());
                    return relation.row(
                            "schema", RelationViews.nameOf(catalog, table.schemaId()),
                            "table", table.name(),
                            "table_id", table.id(),
                            "storage_id", table.storageId(),
                            "version", catalog.versionOf(table.id()),
                            "has_primary_key", table.hasPrimaryKey(),
                            "options",
                                    options == null ? SqlArray.of(Types.TEXT, List.of()) : options);
                });
    }
}
