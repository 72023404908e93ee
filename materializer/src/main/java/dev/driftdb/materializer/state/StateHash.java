package dev.driftdb.materializer.state;

import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.catalog.TableDef;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over a view's rows: catalog, sequences, then each table by its id; per row its storage,
 * key, offset and bytes, each with its length. Equal for equal states, however they came about.
 */
public final class StateHash {
    private StateHash() {}

    /** Lower-case hexadecimal digits. Reads every row. */
    public static String of(ReadView view) {
        return of(view, () -> {});
    }

    /**
     * @param eachRow called for each row; may throw to end it
     */
    public static String of(ReadView view, Runnable eachRow) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(view.catalog().version()).flip());
        addRows(digest, view, SystemStorage.CATALOG, eachRow);
        addRows(digest, view, SystemStorage.SEQUENCES, eachRow);
        for (TableDef table : view.catalog().objects(TableDef.class)) {
            addRows(digest, view, table.storageId(), eachRow);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void addRows(
            MessageDigest digest, ReadView view, int storageId, Runnable eachRow) {
        ByteBuffer head = ByteBuffer.allocate(3 * Integer.BYTES + Long.BYTES);
        try (RowCursor rows = view.scan(storageId, KeyRange.ALL, false)) {
            while (rows.next()) {
                eachRow.run();
                byte[] key = rows.key();
                byte[] row = rows.row();
                head.clear();
                head.putInt(storageId).putInt(key.length).putInt(row.length);
                head.putLong(rows.offset()).flip();
                digest.update(head);
                digest.update(key);
                digest.update(row);
            }
        }
    }
}
