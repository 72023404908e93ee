package dev.driftdb.query.server;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code driftdb demo}: a node on a throw-away data directory, and a short story played over the
 * wire.
 */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Starts a node on a throw-away data directory, plays a short story over the wire, and ends.")
final class DemoCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    /** The story is for people: only what went wrong may come between. */
    private static final String LOG_LEVEL = "driftdb.log.level";

    @Override
    public Integer call() throws Exception {
        if (spec == null) {
            throw new IllegalStateException("run by picocli only");
        }
        if (System.getProperty(LOG_LEVEL) == null) {
            System.setProperty(LOG_LEVEL, "WARN");
        }
        PrintWriter out = spec.commandLine().getOut();
        return new Demo(out).play();
    }
}
