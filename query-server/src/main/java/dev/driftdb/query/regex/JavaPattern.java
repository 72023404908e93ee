package dev.driftdb.query.regex;

/** Writes a parsed pattern for java.util.regex: it finds whether and where a text matches. */
final class JavaPattern {
    private static final String WORD = "[\\p{IsAlphabetic}\\p{Nd}_]";

    private final StringBuilder out = new StringBuilder();

    static String of(Node root) {
        JavaPattern pattern = new JavaPattern();
        pattern.write(root);
        return pattern.out.toString();
    }

    private void write(Node node) {
        switch (node) {
            case Node.Empty _ -> {
                // Nothing.
            }
            case Node.Chars chars -> out.append(chars.set().java());
            case Node.Concat concat -> concat.parts().forEach(this::part);
            case Node.Alternatives alternatives -> {
                out.append("(?:");
                for (int i = 0; i < alternatives.branches().size(); i++) {
                    out.append(i > 0 ? "|" : "");
                    write(alternatives.branches().get(i));
                }
                out.append(')');
            }
            case Node.Repeat repeat -> {
                part(repeat.part());
                out.append('{').append(repeat.min());
                if (repeat.max() != repeat.min()) {
                    out.append(',');
                    if (repeat.max() >= 0) {
                        out.append(repeat.max());
                    }
                }
                out.append('}');
                if (repeat.preference() == Node.Preference.SHORTER) {
                    out.append('?');
                }
            }
            case Node.Group group -> {
                out.append('(');
                write(group.part());
                out.append(')');
            }
            case Node.Anchor anchor -> out.append(place(anchor.place()));
            case Node.Look look -> {
                out.append(look.ahead() ? "(?" : "(?<").append(look.wanted() ? "=" : "!");
                write(look.part());
                out.append(')');
            }
            case Node.BackReference reference ->
                    out.append("(?:\\").append(reference.group()).append(')');
        }
    }

    private void part(Node node) {
        boolean bare = node instanceof Node.Chars || node instanceof Node.Group;
        out.append(bare ? "" : "(?:");
        write(node);
        out.append(bare ? "" : ")");
    }

    private static String place(Node.Place place) {
        return switch (place) {
            case TEXT_START -> "\\A";
            case TEXT_END -> "\\z";
            case LINE_START -> "(?:\\A|(?<=\\n))";
            case LINE_END -> "(?=\\n|\\z)";
            case WORD_START -> "(?<!" + WORD + ")(?=" + WORD + ")";
            case WORD_END -> "(?<=" + WORD + ")(?!" + WORD + ")";
            case WORD_EDGE ->
                    "(?:(?<!" + WORD + ")(?=" + WORD + ")|(?<=" + WORD + ")(?!" + WORD + "))";
            case NO_WORD_EDGE ->
                    "(?:(?<!" + WORD + ")(?!" + WORD + ")|(?<=" + WORD + ")(?=" + WORD + "))";
        };
    }
}
