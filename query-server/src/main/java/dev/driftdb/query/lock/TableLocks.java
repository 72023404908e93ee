package dev.driftdb.query.lock;

import java.util.Arrays;

/** Modes of locks by table; immutable, in the order of table ids. */
public final class TableLocks {
    public static final TableLocks NONE = new TableLocks(new int[0], new int[0]);

    private final int[] tables;
    private final int[] modes;

    private TableLocks(int[] tables, int[] modes) {
        this.tables = tables;
        this.modes = modes;
    }

    public static TableLocks of(int table, LockMode mode) {
        return new TableLocks(new int[] {table}, new int[] {mode.bit()});
    }

    public boolean contains(int table) {
        return modesOf(table) != 0;
    }

    public int size() {
        return tables.length;
    }

    int table(int index) {
        return tables[index];
    }

    int modes(int index) {
        return modes[index];
    }

    int modesOf(int table) {
        int index = Arrays.binarySearch(tables, table);
        return index < 0 ? 0 : modes[index];
    }

    private boolean covers(TableLocks others) {
        for (int i = 0; i < others.tables.length; i++) {
            if ((others.modes[i] & ~modesOf(others.tables[i])) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Both; this one itself if it has the others already. */
    public TableLocks plus(TableLocks others) {
        if (covers(others)) {
            return this;
        }
        if (tables.length == 0) {
            return others;
        }
        int[] both = new int[tables.length + others.tables.length];
        int count = 0;
        for (int a = 0, b = 0; a < tables.length || b < others.tables.length; count++) {
            int left = a < tables.length ? tables[a] : Integer.MAX_VALUE;
            int right = b < others.tables.length ? others.tables[b] : Integer.MAX_VALUE;
            both[count] = Math.min(left, right);
            a += left <= right ? 1 : 0;
            b += right <= left ? 1 : 0;
        }
        int[] ids = Arrays.copyOf(both, count);
        int[] all = new int[count];
        for (int i = 0; i < count; i++) {
            all[i] = modesOf(ids[i]) | others.modesOf(ids[i]);
        }
        return new TableLocks(ids, all);
    }
}
