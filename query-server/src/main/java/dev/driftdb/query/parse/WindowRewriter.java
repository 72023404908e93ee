package dev.driftdb.query.parse;

import dev.driftdb.query.parse.Frame.Clause;
import dev.driftdb.query.parse.Skeleton.State;
import java.util.List;

/** Writes FILTER, WITHIN GROUP, OVER and the window definitions. */
final class WindowRewriter {
    private final RewriteState state;
    private final TokenCursor in;
    private final Skeleton out;
    private final NameRewriter names;
    private final WindowFrames frames;

    WindowRewriter(RewriteState state, NameRewriter names, QueryParser parser) {
        this.state = state;
        this.in = state.in;
        this.out = state.out;
        this.names = names;
        this.frames = new WindowFrames(state.in, parser);
    }

    void window(Token token) {
        Token before = in.index() == 0 ? token : in.tokens().get(in.index() - 1);
        Token next = in.peek(1);
        boolean fits =
                out.state == State.AFTER_OPERAND
                        && before.isMark(")")
                        && switch (token.text()) {
                            case "filter" -> next.isMark("(") && in.peek(2).isWord("where");
                            case "within" -> next.isWord("group") && in.peek(2).isMark("(");
                            default -> next.isMark("(") || next.isName();
                        };
        if (!fits) {
            names.name(token);
            return;
        }
        in.next();
        switch (token.text()) {
            case "filter" -> {
                out.operator("filter", token);
                Token open = in.next();
                in.next();
                out.raw("|| (", open);
                out.state = State.START;
                state.frames.push(new Frame(Frame.Kind.PARENTHESIS, open, Clause.NONE, null));
            }
            case "within" -> {
                in.next();
                out.operator("within", token);
                openWindow();
                if (!in.isWord("order")) {
                    throw in.fail();
                }
            }
            default -> {
                if (in.isMark("(")) {
                    out.operator("over", token);
                    openWindow();
                } else {
                    out.postfix("over name", in.peek()).names = List.of(in.name());
                }
            }
        }
    }

    private void openWindow() {
        Token open = in.next();
        out.raw("|| ( SELECT", open);
        out.state = State.START;
        Slot slot = new Slot(Slot.Kind.WINDOW, "", open);
        out.operand(slot);
        state.frames.push(new Frame(Frame.Kind.WINDOW, open, Clause.NONE, slot));
        baseWindow(slot);
    }

    /** WINDOW name AS (: the cursor is at the parenthesis. */
    void namedWindow() {
        Slot slot = out.slots.getLast();
        Token open = in.next();
        slot.definitionPosition = open.position();
        out.keyword("(", open);
        state.frames.push(new Frame(Frame.Kind.NAMED_WINDOW, open, Clause.NONE, slot));
        baseWindow(slot);
    }

    private void baseWindow(Slot slot) {
        Token token = in.peek();
        boolean keyword =
                token.isWord("partition")
                        || token.isWord("order")
                        || token.isWord("range")
                        || token.isWord("rows")
                        || token.isWord("groups");
        if (token.isName() && !keyword) {
            slot.base = in.name();
            out.state = State.AFTER_OPERAND;
        }
    }

    void windowPart(Token token) {
        Frame frame = state.top();
        Slot slot = frame.slot;
        boolean inWindow = frame.kind == Frame.Kind.WINDOW || frame.kind == Frame.Kind.NAMED_WINDOW;
        if (!inWindow || slot == null) {
            names.name(token);
            return;
        }
        if (token.text().equals("partition")) {
            if (!in.peek(1).isWord("by")) {
                names.name(token);
                return;
            }
            Token before = in.tokens().get(in.index() - 1);
            boolean first =
                    before.isMark("(")
                            || (slot.base != null
                                    && out.state == State.AFTER_OPERAND
                                    && in.tokens().get(in.index() - 2).isMark("("));
            if (!first) {
                throw in.fail();
            }
            in.expect("partition", "by");
            out.keyword(frame.kind == Frame.Kind.WINDOW ? "," : "PARTITION BY", token);
            return;
        }
        // Elsewhere these words are names: PARTITION BY rows.
        boolean frameStarts =
                out.state == State.AFTER_OPERAND || in.tokens().get(in.index() - 1).isMark("(");
        if (!frameStarts) {
            names.name(token);
            return;
        }
        slot.frame = frames.read();
        out.state = State.AFTER_OPERAND;
    }
}
