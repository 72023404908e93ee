package dev.driftdb.query.server;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option's value comes from when no flag gives it: the environment (DRIFTDB_HTTP_PORT for
 * --http-port), then the properties file that DRIFTDB_CONFIG names (http-port=8080).
 */
final class SettingSources implements IDefaultValueProvider {
    private static final String PREFIX = "DRIFTDB_";

    private final Map<String, String> environment;
    private @Nullable Properties file;

    SettingSources(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) throws IOException {
        if (!(argument instanceof OptionSpec option)
                || option.usageHelp()
                || option.versionHelp()) {
            return null;
        }
        String name = option.longestName().replaceFirst("^--", "");
        String variable = PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
        String value = environment.get(variable);
        return value != null ? value : file().getProperty(name);
    }

    private Properties file() throws IOException {
        Properties known = file;
        if (known == null) {
            known = new Properties();
            String path = environment.get(PREFIX + "CONFIG");
            if (path != null) {
                try (Reader reader = Files.newBufferedReader(Path.of(path))) {
                    known.load(reader);
                }
            }
            file = known;
        }
        return known;
    }
}
