package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Interval;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The WITH (…) settings of tables: which there are, what values they take, what they mean. */
public final class TableOptions {
    /** Whether committed changes are published; on by default. */
    public static final String CHANGELOG = "changelog";

    /** The number of partitions that the changelog topic is made with; 1 by default. */
    public static final String CHANGELOG_PARTITIONS = "changelog_partitions";

    /** Whether events of the table's topic become rows; off by default. */
    public static final String INGEST = "ingest";

    /** How long history is kept: an interval, or infinity; by default what the server says. */
    public static final String HISTORY_RETENTION = "history_retention";

    private static final int PARTITIONS_MAX = 1000;
    private static final int FILLFACTOR_MIN = 10;
    private static final int FILLFACTOR_MAX = 100;

    private static final List<String> TRUE = List.of("on", "true", "yes", "1");
    private static final List<String> FALSE = List.of("off", "false", "no", "0");

    private TableOptions() {}

    /**
     * @throws SqlException 22023 for an unknown option or a value that it cannot take
     */
    public static void check(Map<String, String> options) {
        options.forEach((name, value) -> {
            switch (name) {
                case CHANGELOG, INGEST, "autovacuum_enabled" -> checkBoolean(name, value);
                case CHANGELOG_PARTITIONS -> checkInteger(name, value, 1, PARTITIONS_MAX);
                case HISTORY_RETENTION -> parseRetention(value);
                // PostgreSQL's, taken so that its scripts run; pages are not what rows are kept in.
                case "fillfactor" -> checkInteger(name, value, FILLFACTOR_MIN, FILLFACTOR_MAX);
                default -> throw invalid("unrecognized parameter \"" + name + "\"");
            }
        });
    }

    private static void checkBoolean(String name, String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        if (!TRUE.contains(lower) && !FALSE.contains(lower)) {
            throw invalid("invalid value for boolean option \"" + name + "\": " + value);
        }
    }

    private static void checkInteger(String name, String value, int min, int max) {
        int number;
        try {
            number = Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw invalid("invalid value for integer option \"" + name + "\": " + value);
        }
        if (number < min || number > max) {
            throw invalid("value " + value + " out of bounds for option \"" + name + "\"")
                    .withDetail("Valid values are between \"" + min + "\" and \"" + max + "\".");
        }
    }

    /**
     * @return null for infinity
     * @throws SqlException 22007 for no interval, 22023 for a negative one
     */
    public static @Nullable Interval parseRetention(String value) {
        if (value.strip().equalsIgnoreCase("infinity")) {
            return null;
        }
        Interval kept =
                (Interval) TextFormat.parse(Types.INTERVAL, value.strip(), FormatSettings.UTC);
        if (kept.months() < 0 || kept.days() < 0 || kept.micros() < 0) {
            throw invalid("a retention must not be negative: " + value);
        }
        return kept;
    }

    private static SqlException invalid(String message) {
        return new SqlException(SqlState.INVALID_PARAMETER_VALUE, message);
    }

    public static boolean changelog(TableDef table) {
        return isOn(table, CHANGELOG, true);
    }

    public static int changelogPartitions(TableDef table) {
        String value = table.options().get(CHANGELOG_PARTITIONS);
        return value == null ? 1 : Integer.parseInt(value);
    }

    public static boolean hasHistoryRetention(TableDef table) {
        return table.options().containsKey(HISTORY_RETENTION);
    }

    /** How long this table's history is kept; null for ever. */
    public static @Nullable Interval historyRetention(TableDef table) {
        String value = table.options().get(HISTORY_RETENTION);
        return value == null ? null : parseRetention(value);
    }

    public static boolean ingest(TableDef table) {
        return isOn(table, INGEST, false);
    }

    private static boolean isOn(TableDef table, String name, boolean otherwise) {
        String value = table.options().get(name);
        return value == null ? otherwise : TRUE.contains(value.toLowerCase(Locale.ROOT));
    }
}
