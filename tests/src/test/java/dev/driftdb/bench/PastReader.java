package dev.driftdb.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;

/** Reads one number as of another offset each time, and checks it. */
final class PastReader implements Load.Worker {
    /** What the number is after so many updates. */
    interface Expected {
        long at(long key, int updates);
    }

    private final Connection connection;
    private final PreparedStatement select;
    private final long[] offsets;
    private final long keyCount;
    private final Expected expected;

    /**
     * @param sql with the offset as its first parameter, and a key as its second
     * @param offsets after each update, the first one before any
     * @param keyCount keys are 0 to this, exclusive; 0 if it takes none
     */
    PastReader(Endpoint endpoint, String sql, long[] offsets, long keyCount, Expected expected)
            throws SQLException {
        connection = endpoint.connect();
        select = connection.prepareStatement(sql);
        this.offsets = offsets.clone();
        this.keyCount = keyCount;
        this.expected = expected;
    }

    @Override
    public void run() throws SQLException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int updates = random.nextInt(offsets.length);
        long key = keyCount == 0 ? 0 : random.nextLong(keyCount);
        select.setLong(1, offsets[updates]);
        if (keyCount > 0) {
            select.setLong(2, key);
        }
        try (ResultSet rows = select.executeQuery()) {
            if (!rows.next() || rows.getLong(1) != expected.at(key, updates)) {
                throw new IllegalStateException("a wrong answer of the past");
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
