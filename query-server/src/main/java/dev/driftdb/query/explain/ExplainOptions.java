package dev.driftdb.query.explain;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.List;
import java.util.Locale;

/**
 * The options of EXPLAIN.
 *
 * @param genericPlan parameters may stay without values
 */
public record ExplainOptions(
        boolean analyze,
        boolean verbose,
        boolean costs,
        boolean settings,
        boolean buffers,
        boolean wal,
        boolean timing,
        boolean summary,
        boolean genericPlan,
        Format format) {

    public enum Format {
        TEXT,
        JSON,
        YAML,
        XML
    }

    /** Just the nodes and their conditions. */
    public static final ExplainOptions SHAPE =
            new ExplainOptions(
                    false, false, false, false, false, false, false, false, false, Format.TEXT);

    /**
     * @throws SqlException 42601 for an unknown option or one without a Boolean value, 22023 for an
     *     unknown format and for options that do not go together
     */
    public static ExplainOptions of(List<Statement.ExplainOption> options) {
        boolean analyze = false;
        boolean verbose = false;
        boolean costs = true;
        boolean settings = false;
        boolean buffers = false;
        boolean wal = false;
        Boolean timing = null;
        Boolean summary = null;
        boolean generic = false;
        Format format = Format.TEXT;
        for (Statement.ExplainOption option : options) {
            switch (option.name()) {
                case "analyze" -> analyze = isOn(option);
                case "verbose" -> verbose = isOn(option);
                case "costs" -> costs = isOn(option);
                case "settings" -> settings = isOn(option);
                case "buffers" -> buffers = isOn(option);
                case "wal" -> wal = isOn(option);
                case "timing" -> timing = isOn(option);
                case "summary" -> summary = isOn(option);
                case "generic_plan" -> generic = isOn(option);
                case "format" -> format = format(option);
                default ->
                        throw new SqlException(
                                SqlState.SYNTAX_ERROR,
                                "unrecognized EXPLAIN option \"" + option.name() + "\"",
                                option.position());
            }
        }
        require(!wal || analyze, "EXPLAIN option WAL requires ANALYZE");
        require(timing == null || !timing || analyze, "EXPLAIN option TIMING requires ANALYZE");
        require(
                !generic || !analyze,
                "EXPLAIN options ANALYZE and GENERIC_PLAN cannot be used together");
        return new ExplainOptions(
                analyze,
                verbose,
                costs,
                settings,
                buffers,
                wal,
                timing == null ? analyze : timing,
                summary == null ? analyze : summary,
                generic,
                format);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new SqlException(SqlState.INVALID_PARAMETER_VALUE, message);
        }
    }

    private static boolean isOn(Statement.ExplainOption option) {
        String value = option.value();
        if (value == null) {
            return true;
        }
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "on", "1" -> true;
            case "false", "off", "0" -> false;
            default ->
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR, option.name() + " requires a Boolean value");
        };
    }

    private static Format format(Statement.ExplainOption option) {
        String value = option.value();
        if (value == null) {
            throw new SqlException(SqlState.SYNTAX_ERROR, option.name() + " requires a parameter");
        }
        return switch (value) {
            case "text" -> Format.TEXT;
            case "json" -> Format.JSON;
            case "yaml" -> Format.YAML;
            case "xml" -> Format.XML;
            default ->
                    throw new SqlException(
                            SqlState.INVALID_PARAMETER_VALUE,
                            "unrecognized value for EXPLAIN option \"format\": \"" + value + "\"",
                            option.position());
        };
    }

    /** The format as far as it is known before the options are checked: the result's type. */
    public static Format formatOf(List<Statement.ExplainOption> options) {
        Format format = Format.TEXT;
        for (Statement.ExplainOption option : options) {
            if (option.name().equals("format")) {
                format =
                        "json".equals(option.value())
                                ? Format.JSON
                                : "xml".equals(option.value()) ? Format.XML : Format.TEXT;
            }
        }
        return format;
    }
}
