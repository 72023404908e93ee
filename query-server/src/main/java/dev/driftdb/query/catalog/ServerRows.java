package dev.driftdb.query.catalog;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.type.DateTimes;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What belongs to the database as a whole: schemas, roles, settings, sessions. */
final class ServerRows {
    /** The oid of the one database. */
    static final int DATABASE_ID = 5;

    private static final long EPOCH_2000_SECONDS = 946_684_800L;
    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final DateTimeFormatter ABBREVIATION =
            DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH);

    /** Settings that SET cannot change, whose context in PostgreSQL is "internal". */
    private static final Set<String> READ_ONLY_SETTINGS =
            Set.of(
                    "block_size",
                    "in_hot_standby",
                    "integer_datetimes",
                    "is_superuser",
                    "lc_collate",
                    "lc_ctype",
                    "max_identifier_length",
                    "max_index_keys",
                    "segment_size",
                    "server_encoding",
                    "server_version",
                    "server_version_num");

    private ServerRows() {}

    static void define(RowSources sources) {
        sources.pgCatalog(
                "pg_namespace",
                (relation, catalog, _) ->
                        catalog.objects(SchemaDef.class).stream()
                                .map(schema ->
                                        relation.row(
                                                "oid", schema.id(),
                                                "nspname", schema.name(),
                                                "nspowner", schema.ownerId())));
        sources.pgCatalog(
                "pg_database",
                (relation, _, context) ->
                        Stream.<@Nullable Object[]>of(
                                relation.row(
                                        "oid",
                                        DATABASE_ID,
                                        "datname",
                                        context.database(),
                                        "datdba",
                                        RoleDef.BOOTSTRAP)));
        sources.pgCatalog(
                "pg_tablespace",
                (relation, _, _) ->
                        Stream.of(
                                relation.row("oid", 1663, "spcname", "pg_default"),
                                relation.row("oid", 1664, "spcname", "pg_global")));
        defineRoles(sources);
        sources.pgCatalog("pg_settings", (relation, _, context) -> settings(relation, context));
        sources.pgCatalog("pg_stat_activity", ServerRows::activity);
        LockRows.define(sources);
        sources.pgCatalog(
                "pg_timezone_names", (relation, _, context) -> timeZones(relation, context));
    }

    private static void defineRoles(RowSources sources) {
        sources.pgCatalog(
                "pg_authid",
                (relation, catalog, _) -> roles(catalog).map(role -> role(relation, role)));
        sources.pgCatalog(
                "pg_roles",
                (relation, catalog, _) -> roles(catalog).map(role -> role(relation, role)));
        sources.pgCatalog(
                "pg_user",
                (relation, catalog, _) ->
                        roles(catalog).filter(RoleDef::login).map(role -> user(relation, role)));
        sources.pgCatalog(
                "pg_shadow",
                (relation, catalog, _) ->
                        roles(catalog).filter(RoleDef::login).map(role -> user(relation, role)));
        sources.pgCatalog(
                "pg_group",
                (relation, catalog, _) ->
                        roles(catalog)
                                .filter(role -> !role.login())
                                .map(role ->
                                        relation.row(
                                                "groname", role.name(),
                                                "grosysid", role.id(),
                                                "grolist", SqlArray.of(Types.OID, List.of()))));
    }

    private static Stream<RoleDef> roles(Catalog catalog) {
        return catalog.objects(RoleDef.class).stream();
    }

    private static @Nullable Object[] role(DeclaredRelation relation, RoleDef role) {
        return relation.row(
                "oid", role.id(),
                "rolname", role.name(),
                "rolsuper", role.superuser(),
                "rolcreaterole", role.createRole(),
                "rolcreatedb", role.createDb(),
                "rolcanlogin", role.login(),
                "rolreplication", role.superuser(),
                "rolbypassrls", role.superuser());
    }

    private static @Nullable Object[] user(DeclaredRelation relation, RoleDef role) {
        return relation.row(
                "usename", role.name(),
                "usesysid", role.id(),
                "usecreatedb", role.createDb(),
                "usesuper", role.superuser(),
                "userepl", role.superuser(),
                "usebypassrls", role.superuser());
    }

    private static Stream<@Nullable Object[]> settings(
            DeclaredRelation relation, EvalContext context) {
        return context.settings().stream()
                .map(setting ->
                        relation.row(
                                "name",
                                setting.get(0),
                                "setting",
                                setting.get(1),
                                "short_desc",
                                setting.get(2),
                                "context",
                                READ_ONLY_SETTINGS.contains(setting.get(0)) ? "internal" : "user",
                                "vartype",
                                "string",
                                "pending_restart",
                                false));
    }

    private static Stream<@Nullable Object[]> activity(
            DeclaredRelation relation, Catalog catalog, EvalContext context) {
        return context.sessions().stream()
                .map(session -> {
                    RoleDef role = catalog.findRole(session.user());
                    String address = session.clientAddress();
                    return relation.row(
                            "datid", DATABASE_ID,
                            "datname", session.database(),
                            "pid", session.pid(),
                            "usesysid", role == null ? null : (Long) (long) role.id(),
                            "usename", session.user(),
                            "application_name", session.application(),
                            "client_addr", address.isEmpty() ? null : address,
                            "client_port", session.clientPort(),
                            "backend_start", session.backendStart(),
                            "xact_start", session.transactionStart(),
                            "query_start", session.queryStart(),
                            "wait_event_type", waitEventType(session),
                            "wait_event", waitEvent(session),
                            "backend_xid",
                                    session.transactionId() == 0
                                            ? null
                                            : (Long) (long) session.transactionId(),
                            "state", session.state(),
                            "query", session.query(),
                            "backend_type", "client backend");
                });
    }

    private static @Nullable String waitEventType(EvalContext.SessionInfo session) {
        return session.lockWaitedFor() != null
                ? "Lock"
                : session.state().equals("active") ? null : "Client";
    }

    private static @Nullable String waitEvent(EvalContext.SessionInfo session) {
        return session.lockWaitedFor() != null
                ? session.lockWaitedFor()
                : session.state().equals("active") ? null : "ClientRead";
    }

    private static Stream<@Nullable Object[]> timeZones(
            DeclaredRelation relation, EvalContext context) {
        long now = context.statementTimestamp();
        Instant instant =
                Instant.ofEpochSecond(EPOCH_2000_SECONDS + Math.floorDiv(now, MICROS_PER_SECOND));
        return ZoneId.getAvailableZoneIds().stream()
                .sorted()
                .filter(name -> DateTimes.findZone(name) != null)
                .map(name -> {
                    ZoneId zone = ZoneId.of(name);
                    long seconds = zone.getRules().getOffset(instant).getTotalSeconds();
                    return relation.row(
                            "name",
                            name,
                            "abbrev",
                            ABBREVIATION.format(instant.atZone(zone)),
                            "utc_offset",
                            new Interval(0, 0, Duration.ofSeconds(seconds).toNanos() / 1000),
                            "is_dst",
                            zone.getRules().isDaylightSavings(instant));
                });
    }
}
