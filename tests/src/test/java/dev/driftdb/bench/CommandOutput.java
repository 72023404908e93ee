package dev.driftdb.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a command that ends by itself printed, errors included.
 *
 * @param exitCode 0 if it was content
 */
record CommandOutput(List<String> command, int exitCode, String text) {
    static CommandOutput of(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new CommandOutput(command, process.waitFor(), text);
        } finally {
            process.destroy();
        }
    }

    String orThrow() {
        if (exitCode != 0) {
            throw new IllegalStateException(
                    String.join(" ", command) + " ended with " + exitCode + ":\n" + text);
        }
        return text;
    }
}
