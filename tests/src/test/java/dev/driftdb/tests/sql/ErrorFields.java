package dev.driftdb.tests.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What an error response says, a field a line; fields that are not there are left out. */
final class ErrorFields {
    private ErrorFields() {}

    static List<String> of(SQLException error) {
        List<String> lines = new ArrayList<>();
        ServerErrorMessage fields =
                error instanceof PSQLException server ? server.getServerErrorMessage() : null;
        if (fields == null) {
            lines.add("message: " + error.getMessage());
            return lines;
        }
        add(lines, "message", fields.getMessage());
        add(lines, "detail", fields.getDetail());
        add(lines, "hint", fields.getHint());
        add(lines, "position", fields.getPosition() == 0 ? null : "" + fields.getPosition());
        add(lines, "schema", fields.getSchema());
        add(lines, "table", fields.getTable());
        add(lines, "column", fields.getColumn());
        add(lines, "type", fields.getDatatype());
        add(lines, "constraint", fields.getConstraint());
        return lines;
    }

    private static void add(List<String> lines, String name, @Nullable String value) {
        if (value != null) {
            lines.add(name + ": " + value.replace("\n", "\\n"));
        }
    }
}
