package dev.driftdb.query.regex;

import java.util.List;

/** A pattern without its groups: what is inside counts, where it matched does not. */
final class Plain {
    private Plain() {}

    static Node of(Node node) {
        return switch (node) {
            case Node.Group group -> of(group.part());
            case Node.Repeat repeat ->
                    new Node.Repeat(
                            of(repeat.part()), repeat.min(), repeat.max(), repeat.preference());
            case Node.Alternatives alternatives ->
                    new Node.Alternatives(of(alternatives.branches()), false);
            case Node.Concat concat ->
                    new Node.Concat(of(concat.parts()), concat.preference(), false);
            case Node.Empty _, Node.Chars _, Node.Anchor _, Node.Look _, Node.BackReference _ ->
                    node;
        };
    }

    private static List<Node> of(List<Node> nodes) {
        return nodes.stream().map(Plain::of).toList();
    }
}
