package dev.driftdb.tests.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of records, parted by blank lines:
 *
 * <pre>
 * # a comment
 * connection b                    the session that runs the record; the first one has the name main
 * onlyif driftdb                  or postgresql: where the two differ on purpose
 * statement ok                    SQL follows, without an answer
 * statement error 23505           the SQLSTATE; after ---- also what the server says of it, a field a line
 * query integer varchar rowsort   the column types as java.sql.JDBCType; rowsort: the order does not matter
 * SELECT ...
 * ----
 * 1|one                           the rows; NULL, (empty) for the empty string, \n for a line end
 * </pre>
 *
 * A record without a directive is one whose answer is not known yet: {@link SqlFilesTest} completes
 * it.
 */
record SqlFile(Path path, List<Item> items) {
    /** What a file consists of, in order. */
    sealed interface Item {
        /** A block of comments. */
        record Comment(List<String> lines) implements Item {}

        /**
         * @param onlyIf the system, or empty for both
         * @param answer what is expected
         */
        record Case(
                int line,
                List<String> comments,
                String connection,
                String onlyIf,
                String sql,
                Answer answer)
                implements Item {}
    }

    sealed interface Answer {
        record Unknown() implements Answer {}

        record Ok() implements Answer {}

        /**
         * @param fields "message: ...", "detail: ...", ... as {@link ErrorFields} has them; null if
         *     only the SQLSTATE counts
         */
        record Failure(String sqlState, @Nullable List<String> fields) implements Answer {}

        record Rows(List<String> types, boolean sorted, List<String> rows) implements Answer {}
    }

    static SqlFile read(Path path) throws IOException {
        List<Item> items = new ArrayList<>();
        List<String> block = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(path)) {
            number++;
            if (!line.isBlank()) {
                block.add(line);
            } else if (!block.isEmpty()) {
                items.add(item(block, number - block.size()));
                block = new ArrayList<>();
            }
        }
        if (!block.isEmpty()) {
            items.add(item(block, number - block.size() + 1));
        }
        return new SqlFile(path, items);
    }

    private static Item item(List<String> block, int line) {
        List<String> comments = new ArrayList<>();
        String connection = "main";
        String onlyIf = "";
        int at = 0;
        for (; at < block.size(); at++) {
            String text = block.get(at);
            if (text.startsWith("#")) {
                comments.add(text);
            } else if (text.startsWith("connection ")) {
                connection = text.substring("connection ".length());
            } else if (text.startsWith("onlyif ")) {
                onlyIf = text.substring("onlyif ".length());
            } else {
                break;
            }
        }
        if (at == block.size()) {
            return new Item.Comment(comments);
        }
        String directive = block.get(at);
        List<String> rest = block.subList(at + 1, block.size());
        if (directive.equals("statement ok")) {
            return new Item.Case(
                    line, comments, connection, onlyIf, String.join("\n", rest), new Answer.Ok());
        }
        if (directive.startsWith("statement error ")) {
            String state = directive.substring("statement error ".length());
            int dashes = rest.indexOf("----");
            return new Item.Case(
                    line,
                    comments,
                    connection,
                    onlyIf,
                    String.join("\n", dashes < 0 ? rest : rest.subList(0, dashes)),
                    new Answer.Failure(
                            state,
                            dashes < 0
                                    ? null
                                    : List.copyOf(rest.subList(dashes + 1, rest.size()))));
        }
        if (directive.startsWith("query ")) {
            List<String> words = new ArrayList<>(List.of(directive.split(" ")));
            words.removeFirst();
            boolean sorted = words.remove("rowsort");
            int dashes = rest.indexOf("----");
            return new Item.Case(
                    line,
                    comments,
                    connection,
                    onlyIf,
                    String.join("\n", rest.subList(0, dashes)),
                    new Answer.Rows(
                            words, sorted, List.copyOf(rest.subList(dashes + 1, rest.size()))));
        }
        return new Item.Case(
                line,
                comments,
                connection,
                onlyIf,
                String.join("\n", block.subList(at, block.size())),
                new Answer.Unknown());
    }

    void write() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Item item : items) {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            switch (item) {
                case Item.Comment comment -> lines.addAll(comment.lines());
                case Item.Case test -> {
                    lines.addAll(test.comments());
                    if (!test.connection().equals("main")) {
                        lines.add("connection " + test.connection());
                    }
                    if (!test.onlyIf().isEmpty()) {
                        lines.add("onlyif " + test.onlyIf());
                    }
                    switch (test.answer()) {
                        case Answer.Unknown _ -> lines.addAll(test.sql().lines().toList());
                        case Answer.Ok _ -> {
                            lines.add("statement ok");
                            lines.addAll(test.sql().lines().toList());
                        }
                        case Answer.Failure failure -> {
                            lines.add("statement error " + failure.sqlState());
                            lines.addAll(test.sql().lines().toList());
                            if (failure.fields() != null) {
                                lines.add("----");
                                lines.addAll(failure.fields());
                            }
                        }
                        case Answer.Rows rows -> {
                            lines.add(
                                    "query "
                                            + String.join(" ", rows.types())
                                            + (rows.sorted() ? " rowsort" : ""));
                            lines.addAll(test.sql().lines().toList());
                            lines.add("----");
                            lines.addAll(rows.rows());
                        }
                    }
                }
            }
        }
        Files.write(path, lines);
    }
}
