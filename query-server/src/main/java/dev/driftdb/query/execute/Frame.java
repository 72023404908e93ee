package dev.driftdb.query.execute;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The surroundings of one run of a (sub)plan: the row around it, the frame of that row, values that
 * stay the same during the run, and common tables. For the session's own thread.
 */
public final class Frame {
    private static final int CANCEL_CHECK_MASK = 0xFF;
    private static final @Nullable Object[] NO_SLOTS = {};

    /** What all frames of one execution share. */
    private static final class Shared {
        final @Nullable ExecutionContext context;
        final int slotCount;
        final Frame root;
        int ticks;

        Shared(@Nullable ExecutionContext context, int slotCount, Frame root) {
            this.context = context;
            this.slotCount = slotCount;
            this.root = root;
        }
    }

    private final Shared shared;
    private final @Nullable Frame parent;
    private final @Nullable Frame sibling;
    private final @Nullable Object[] outerRow;
    private @Nullable Object[] slots = NO_SLOTS;
    private @Nullable Map<Integer, CommonRows> commonTables;

    /** For expressions that need no statement around them. */
    public static final Frame NONE = new Frame();

    private Frame() {
        this.shared = new Shared(null, 0, this);
        this.parent = null;
        this.sibling = null;
        this.outerRow = Eval.NO_ROW;
    }

    /** The frame of a statement. */
    public Frame(ExecutionContext context, int slotCount) {
        this.shared = new Shared(context, slotCount, this);
        this.parent = null;
        this.sibling = null;
        this.outerRow = Eval.NO_ROW;
    }

    private Frame(
            Shared shared,
            @Nullable Frame parent,
            @Nullable Frame sibling,
            @Nullable Object[] outerRow) {
        this.shared = shared;
        this.parent = parent;
        this.sibling = sibling;
        this.outerRow = outerRow;
    }

    /** The frame of a subquery (or lateral side) run for a row of this one. */
    public Frame inside(@Nullable Object[] row) {
        return new Frame(shared, this, null, row);
    }

    /** The same surroundings with nothing remembered: for each round of a recursion. */
    public Frame again() {
        return new Frame(shared, parent, this, outerRow);
    }

    public ExecutionContext context() {
        ExecutionContext context = shared.context;
        if (context == null) {
            throw new IllegalStateException("no statement is running");
        }
        return context;
    }

    /** The row {@code depth} levels up, from 1. */
    public @Nullable Object[] outer(int depth) {
        Frame frame = this;
        for (int i = 1; i < depth; i++) {
            frame = frame.up();
        }
        return frame.outerRow;
    }

    /** The frame {@code levels} further out; the statement's own beyond that. */
    public Frame ancestor(int levels) {
        Frame frame = this;
        for (int i = 0; i < levels; i++) {
            if (frame.parent == null) {
                return frame;
            }
            frame = frame.parent;
        }
        return frame;
    }

    public Frame root() {
        return shared.root;
    }

    private Frame up() {
        if (parent == null) {
            throw new IllegalStateException("a reference beyond the outermost query");
        }
        return parent;
    }

    /** What was remembered under a number, null if nothing yet. */
    public @Nullable Object slot(int number) {
        return number < slots.length ? slots[number] : null;
    }

    public void remember(int number, Object value) {
        if (slots.length == 0) {
            slots = new @Nullable Object[shared.slotCount];
        }
        slots[number] = value;
    }

    public void defineCommonTable(int id, CommonRows rows) {
        if (commonTables == null) {
            commonTables = new HashMap<>();
        }
        commonTables.put(id, rows);
    }

    public CommonRows commonTable(int id) {
        for (Frame frame = this; frame != null; frame = frame.next()) {
            CommonRows rows = frame.commonTables == null ? null : frame.commonTables.get(id);
            if (rows != null) {
                return rows;
            }
        }
        throw new IllegalStateException("common table " + id + " is not open");
    }

    private @Nullable Frame next() {
        return sibling != null ? sibling : parent;
    }

    /** To be called for every row in every loop: looks for cancellation now and then. */
    public void tick() {
        if ((++shared.ticks & CANCEL_CHECK_MASK) == 0) {
            context().checkCanceled();
        }
    }
}
