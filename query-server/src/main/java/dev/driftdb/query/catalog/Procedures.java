package dev.driftdb.query.catalog;

import java.util.List;

/**
 * Functions that other rows of the catalog name and no statement calls: input and output functions,
 * comparisons, handlers. {@code procedures.txt} lists them.
 */
public final class Procedures {
    private Procedures() {}

    /** One of them; types by their oids. */
    public record Procedure(
            int oid,
            String name,
            long result,
            boolean strict,
            String volatility,
            List<Long> arguments) {
        public Procedure {
            arguments = List.copyOf(arguments);
        }
    }

    /** All of them, read anew. */
    public static List<Procedure> all() {
        return DataFile.words("procedures.txt").stream().map(Procedures::procedure).toList();
    }

    private static Procedure procedure(String[] words) {
        return new Procedure(
                Integer.parseInt(words[0]),
                words[1],
                Long.parseLong(words[2]),
                words[3].equals("t"),
                words[4],
                List.of(words).subList(5, words.length).stream().map(Long::valueOf).toList());
    }
}
