package dev.driftdb.query.session;

import dev.driftdb.query.execute.spill.SpillSpace;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.FormatSettings.DateOrder;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The configuration parameters of one session. A SET inside a transaction is undone by its
 * rollback; SET LOCAL ends with the transaction. For the session's thread only.
 */
final class SessionSettings {
    private final Map<String, String> defaults = new HashMap<>();
    private final Map<String, String> values = new HashMap<>();
    private final BiConsumer<String, String> report;

    /** Values before the transaction changed them; null outside of one. */
    private @Nullable Map<String, @Nullable String> undo;

    /** Names that SET LOCAL changed, with the value to return to at commit. */
    private final Map<String, @Nullable String> locals = new HashMap<>();

    /** What every statement asks for, read from the texts once when one of them changes. */
    private record Derived(
            ZoneId zone,
            List<String> searchPath,
            int floatDigits,
            boolean byteaEscape,
            DateOrder order,
            Isolation isolation,
            Transaction.@Nullable Modes unusualModes,
            boolean readOnly,
            String asOf,
            boolean linearizable,
            String applicationName,
            long lockTimeoutMs,
            long statementTimeoutMs,
            long idleInTransactionTimeoutMs,
            long idleTimeoutMs) {}

    private Derived derived;

    /**
     * @param report told the name and new value of a reported parameter
     */
    SessionSettings(BiConsumer<String, String> report) {
        this.report = report;
        this.derived = derive();
    }

    /** A value that RESET returns to, from the connection's start-up. */
    void startWith(String name, String value) {
        SettingDef def = SettingDef.of(name);
        String key = key(def);
        defaults.put(key, def.canonical().apply(value));
        values.put(key, def.canonical().apply(value));
        derived = derive();
    }

    String get(String name) {
        SettingDef def = SettingDef.of(name);
        return values.getOrDefault(key(def), def.defaultValue());
    }

    @Nullable String find(String name) {
        return SettingDef.all().containsKey(name.toLowerCase(Locale.ROOT)) ? get(name) : null;
    }

    /** SET: returns the canonical value. */
    String set(String name, @Nullable String value, boolean local) {
        SettingDef def = SettingDef.of(name);
        if (!def.settable()) {
            throw new SqlException(
                    SqlState.CANT_CHANGE_RUNTIME_PARAM,
                    "parameter \"" + def.name() + "\" cannot be changed");
        }
        String key = key(def);
        String before = values.get(key);
        String next =
                value == null
                        ? defaults.getOrDefault(key, def.defaultValue())
                        : def.canonical().apply(value);
        if (undo != null && !undo.containsKey(key)) {
            undo.put(key, before);
        }
        if (local) {
            locals.putIfAbsent(key, before);
        } else {
            locals.remove(key);
        }
        put(def, next);
        return next;
    }

    /** What takes the next change of a parameter back. */
    Runnable undoOf(String name) {
        String key = key(SettingDef.of(name));
        String before = values.get(key);
        boolean local = locals.containsKey(key);
        String localBefore = locals.get(key);
        return () -> {
            restore(key, before);
            if (local) {
                locals.put(key, localBefore);
            } else {
                locals.remove(key);
            }
        };
    }

    void resetAll() {
        for (SettingDef def : SettingDef.all().values()) {
            if (def.settable() && !def.name().startsWith("transaction_")) {
                set(def.name(), null, false);
            }
        }
    }

    /** Sets what only the server may set. */
    void publish(String name, String value) {
        values.put(key(SettingDef.of(name)), value);
    }

    void begin() {
        undo = new HashMap<>();
    }

    void end(boolean committed) {
        Map<String, @Nullable String> back = committed ? locals : undo;
        if (back != null) {
            back.forEach(this::restore);
        }
        locals.clear();
        undo = null;
    }

    private void restore(String key, @Nullable String value) {
        SettingDef def = SettingDef.of(key);
        put(def, value == null ? defaults.getOrDefault(key, def.defaultValue()) : value);
    }

    private void put(SettingDef def, String next) {
        String before = get(def.name());
        values.put(key(def), next);
        derived = derive();
        if (def.reported() && !before.equals(next)) {
            report.accept(def.name(), next);
        }
    }

    private Derived derive() {
        return new Derived(
                SettingDef.zone(get("TimeZone")),
                parseSearchPath(get("search_path")),
                Integer.parseInt(get("extra_float_digits")),
                get("bytea_output").equals("escape"),
                DateOrder.valueOf(get("DateStyle").substring("ISO, ".length())),
                Isolation.of(get("default_transaction_isolation")),
                modes(),
                get("default_transaction_read_only").equals("on"),
                get("driftdb.as_of"),
                get("driftdb.read_consistency").equals("linearizable"),
                get("application_name"),
                Long.parseLong(get("lock_timeout")),
                Long.parseLong(get("statement_timeout")),
                Long.parseLong(get("idle_in_transaction_session_timeout")),
                Long.parseLong(get("idle_session_timeout")));
    }

    /** Schema names of search_path as written; "$user" is still in it. */
    private static List<String> parseSearchPath(String text) {
        List<String> names = new ArrayList<>();
        for (String part : text.split(",")) {
            String name = part.strip();
            if (name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"")) {
                names.add(name.substring(1, name.length() - 1));
            } else if (!name.isEmpty()) {
                names.add(name.toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    /** The same list until search_path changes. */
    List<String> searchPath() {
        return derived.searchPath;
    }

    FormatSettings format(long nowMicros) {
        return new FormatSettings(
                derived.zone, derived.order, derived.floatDigits, nowMicros, derived.byteaEscape);
    }

    Isolation defaultIsolation() {
        return derived.isolation;
    }

    /** Whether a transaction begins with modes besides its level and READ ONLY. */
    boolean hasUnusualModes() {
        return derived.unusualModes != null;
    }

    Transaction.Modes unusualModes() {
        return Objects.requireNonNull(derived.unusualModes);
    }

    private Transaction.@Nullable Modes modes() {
        String level = get("default_transaction_isolation");
        boolean deferrable = get("default_transaction_deferrable").equals("on");
        return deferrable || level.equals("read uncommitted")
                ? new Transaction.Modes(level, null, deferrable, null)
                : null;
    }

    boolean defaultReadOnly() {
        return derived.readOnly;
    }

    /** driftdb.as_of as set, blank for now. */
    String asOf() {
        return derived.asOf;
    }

    /** Whether a read waits for the log's end. */
    boolean linearizable() {
        return derived.linearizable;
    }

    String applicationName() {
        return derived.applicationName;
    }

    /** work_mem in bytes. */
    long workBytes() {
        return SettingDef.kilobytes("work_mem", get("work_mem")) * 1024;
    }

    /** temp_file_limit in bytes, {@link SpillSpace#UNBOUNDED} for none. */
    long temporaryBytesMax() {
        String value = get("temp_file_limit");
        return value.equals("-1")
                ? SpillSpace.UNBOUNDED
                : SettingDef.kilobytes("temp_file_limit", value) * 1024;
    }

    int statisticsTarget() {
        return Integer.parseInt(get("default_statistics_target"));
    }

    /** 0 for no limit. */
    long lockTimeoutMs() {
        return derived.lockTimeoutMs;
    }

    /** 0 for no limit. */
    long statementTimeoutMs() {
        return derived.statementTimeoutMs;
    }

    /** 0 for no limit. */
    long idleInTransactionTimeoutMs() {
        return derived.idleInTransactionTimeoutMs;
    }

    /** 0 for no limit. */
    long idleTimeoutMs() {
        return derived.idleTimeoutMs;
    }

    /** (name, value, description) of each parameter, in the order of names. */
    List<List<String>> list() {
        List<List<String>> rows = new ArrayList<>();
        for (SettingDef def : SettingDef.all().values()) {
            rows.add(List.of(def.name(), get(def.name()), def.description()));
        }
        return rows;
    }

    private static String key(SettingDef def) {
        return def.name().toLowerCase(Locale.ROOT);
    }
}
