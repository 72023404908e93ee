package dev.driftdb.query.statistics;

import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statistics in a file, so that a restart has them. What cannot be read is as good as never
 * analyzed.
 */
final class StatisticsFile {
    private static final Logger LOG = LoggerFactory.getLogger(StatisticsFile.class);
    private static final int VERSION = 0x44535401;

    private final Path path;

    StatisticsFile(Path path) {
        this.path = path;
    }

    List<TableStatistics> read() {
        List<TableStatistics> tables = new ArrayList<>();
        if (!Files.exists(path)) {
            return tables;
        }
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            if (in.readInt() != VERSION) {
                return tables;
            }
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                tables.add(table(in));
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("the statistics in {} cannot be read: tables will be analyzed anew", path, e);
            tables.clear();
        }
        return tables;
    }

    private static TableStatistics table(DataInputStream in) throws IOException {
        int tableId = in.readInt();
        int storageId = in.readInt();
        long rows = in.readLong();
        long bytes = in.readLong();
        long micros = in.readLong();
        boolean automatic = in.readBoolean();
        int count = in.readInt();
        Map<Integer, ColumnStatistics> columns = new HashMap<>();
        for (int i = 0; i < count; i++) {
            int number = in.readInt();
            columns.put(number, column(in));
        }
        return new TableStatistics(tableId, storageId, rows, bytes, micros, automatic, columns);
    }

    private static ColumnStatistics column(DataInputStream in) throws IOException {
        SqlType type = Types.byOid(in.readInt());
        double nullFraction = in.readDouble();
        int width = in.readInt();
        double distinct = in.readDouble();
        double correlation = in.readDouble();
        List<Object> common = values(in, type);
        List<Double> frequencies = new ArrayList<>();
        for (int i = 0; i < common.size(); i++) {
            frequencies.add(in.readDouble());
        }
        return new ColumnStatistics(
                type,
                nullFraction,
                width,
                distinct,
                common,
                frequencies,
                values(in, type),
                correlation);
    }

    private static List<Object> values(DataInputStream in, SqlType type) throws IOException {
        int count = in.readInt();
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = in.readNBytes(in.readInt());
            values.add(RowCodec.decodeValue(type, bytes, 0, bytes.length));
        }
        return values;
    }

    void write(Collection<TableStatistics> tables) {
        Path made = path.resolveSibling(path.getFileName() + ".new");
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(made)))) {
            out.writeInt(VERSION);
            out.writeInt(tables.size());
            for (TableStatistics table : tables) {
                write(out, table);
            }
        } catch (IOException e) {
            LOG.warn("the statistics cannot be written to {}", made, e);
            return;
        }
        try {
            Files.move(
                    made,
                    path,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("the statistics cannot be moved to {}", path, e);
        }
    }

    private static void write(DataOutputStream out, TableStatistics table) throws IOException {
        out.writeInt(table.tableId());
        out.writeInt(table.storageId());
        out.writeLong(table.rows());
        out.writeLong(table.bytes());
        out.writeLong(table.analyzedMicros());
        out.writeBoolean(table.automatic());
        out.writeInt(table.columns().size());
        for (Map.Entry<Integer, ColumnStatistics> entry : table.columns().entrySet()) {
            ColumnStatistics column = entry.getValue();
            out.writeInt(entry.getKey());
            out.writeInt(column.type().oid());
            out.writeDouble(column.nullFraction());
            out.writeInt(column.averageWidth());
            out.writeDouble(column.distinct());
            out.writeDouble(column.correlation());
            write(out, column.type(), column.mostCommonValues());
            for (double frequency : column.frequencies()) {
                out.writeDouble(frequency);
            }
            write(out, column.type(), column.histogram());
        }
    }

    private static void write(DataOutputStream out, SqlType type, List<Object> values)
            throws IOException {
        out.writeInt(values.size());
        for (Object value : values) {
            Bytes bytes = RowCodec.encodeValue(type, value);
            out.writeInt(bytes.length());
            out.write(bytes.array());
        }
    }
}
