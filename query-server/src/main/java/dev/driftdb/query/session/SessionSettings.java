package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    private ZoneId zone = SettingDef.zone("UTC");
    private List<String> searchPath = List.of("public");
    private int floatDigits = 1;
    private boolean dayFirst;

    /**
     * @param report told the name and new value of a reported parameter
     */
    SessionSettings(BiConsumer<String, String> report) {
        this.report = report;
    }

    /** A value that RESET returns to, from the connection's start-up. */
    void startWith(String name, String value) {
        SettingDef def = SettingDef.of(name);
        String key = key(def);
        defaults.put(key, def.canonical().apply(value));
        values.put(key, def.canonical().apply(value));
        derive();
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
            for (Map.Entry<String, @Nullable String> entry : Map.copyOf(nonNull(back)).entrySet()) {
                restore(entry.getKey(), back.get(entry.getKey()));
            }
        }
        locals.clear();
        undo = null;
    }

    private static Map<String, String> nonNull(Map<String, @Nullable String> map) {
        Map<String, String> keys = new HashMap<>();
        map.keySet().forEach(key -> keys.put(key, key));
        return keys;
    }

    private void restore(String key, @Nullable String value) {
        SettingDef def = SettingDef.of(key);
        put(def, value == null ? defaults.getOrDefault(key, def.defaultValue()) : value);
    }

    private void put(SettingDef def, String next) {
        String before = get(def.name());
        values.put(key(def), next);
        derive();
        if (def.reported() && !before.equals(next)) {
            report.accept(def.name(), next);
        }
    }

    private void derive() {
        zone = SettingDef.zone(get("TimeZone"));
        floatDigits = Integer.parseInt(get("extra_float_digits"));
        dayFirst = get("DateStyle").endsWith("DMY");
        searchPath = parseSearchPath(get("search_path"));
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

    List<String> searchPath() {
        return searchPath;
    }

    FormatSettings format(long nowMicros) {
        return new FormatSettings(zone, dayFirst, floatDigits, nowMicros);
    }

    long millis(String name) {
        return Long.parseLong(get(name));
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
