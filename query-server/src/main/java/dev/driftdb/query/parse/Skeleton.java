package dev.driftdb.query.parse;

import dev.driftdb.query.ast.TimePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text for JSqlParser while it is written, with the slots it mentions.
 *
 * <p>Every operator becomes an element of a {@code ||} chain: {@code a + b IS NULL} is written
 * {@code s0 || s1 || s2 || s3}. JSqlParser so reads clauses, parentheses and calls, and {@link
 * OperatorChain} applies PostgreSQL's precedence. Not for several threads.
 */
final class Skeleton {
    /** What the text so far asks for next. */
    enum State {
        /** Something new: nothing to join with. */
        START,
        /** The operand of the operator before. */
        AFTER_OPERATOR,
        /** An operator, a comma, an alias, the end. */
        AFTER_OPERAND
    }

    final String source;
    final List<Slot> slots = new ArrayList<>();
    private final StringBuilder out = new StringBuilder(256);
    private int[] offsets = new int[64];
    private Token[] origins = new Token[64];
    private int origin;
    State state = State.START;

    /** AS OF SYSTEM TIME of the whole statement. */
    @Nullable TimePoint asOf;

    /** Whether it said SYSTEM TIME: then it is the whole statement's, wherever it stands. */
    boolean asOfStatement;

    /** The token after the last one rewritten. */
    private Token end;

    Skeleton(String source, Token start) {
        this.source = source;
        this.end = start;
    }

    Token end() {
        return end;
    }

    void finish(Token after) {
        end = after;
    }

    String text() {
        return out.toString();
    }

    void keyword(String text, Token token) {
        mark(token);
        out.append(text).append(' ');
        state = State.START;
    }

    int tokens() {
        return origin;
    }

    /** Text that does not change the state. */
    void raw(String text, Token token) {
        mark(token);
        out.append(text).append(' ');
    }

    /** Makes room for an operand: joins it with the operator before it. */
    void operandStart() {
        if (state == State.AFTER_OPERATOR) {
            out.append("|| ");
        }
    }

    Slot operand(Slot slot) {
        operandStart();
        write(slot);
        state = State.AFTER_OPERAND;
        return slot;
    }

    /** An operator that wants an operand after it; binary if one stands before it. */
    Slot operator(String text, Token token) {
        return chain(text, token, State.AFTER_OPERATOR);
    }

    /** An operator that follows its operand. */
    Slot postfix(String text, Token token) {
        return chain(text, token, State.AFTER_OPERAND);
    }

    private Slot chain(String text, Token token, State after) {
        if (state != State.START) {
            out.append("|| ");
        }
        Slot slot = new Slot(Slot.Kind.OPERATOR, text, token);
        write(slot);
        state = after;
        return slot;
    }

    void write(Slot slot) {
        mark(slot.token);
        if (slot.written == 0) {
            slots.add(slot);
            slot.written = slots.size();
        }
        out.append('s').append(slot.written - 1).append(' ');
    }

    private void mark(Token token) {
        if (origin == offsets.length) {
            offsets = Arrays.copyOf(offsets, origin * 2);
            origins = Arrays.copyOf(origins, origin * 2);
        }
        offsets[origin] = out.length();
        origins[origin] = token;
        origin++;
    }

    /** The token of the original text that the text at this offset was written for. */
    @Nullable Token originOf(int offset) {
        int found = Arrays.binarySearch(offsets, 0, origin, offset);
        int i = found >= 0 ? found : -found - 2;
        return i < 0 ? null : origins[i];
    }

    /** The slot of a placeholder, taken by this call. */
    Slot take(String placeholder) {
        Slot slot = slots.get(Integer.parseInt(placeholder, 1, placeholder.length(), 10));
        slot.taken++;
        return slot;
    }
}
