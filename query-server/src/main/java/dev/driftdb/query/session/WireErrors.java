package dev.driftdb.query.session;

import dev.driftdb.pgwire.message.BackendMessage.ErrorResponse;
import dev.driftdb.pgwire.message.BackendMessage.NoticeResponse;
import dev.driftdb.pgwire.server.PgError;
import dev.driftdb.schemas.error.SqlException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Errors and notices as messages (PostgreSQL manual, Error and Notice Message Fields). */
final class WireErrors {
    private WireErrors() {}

    static PgError of(SqlException error) {
        Map<Character, String> fields = new HashMap<>();
        fields.put('S', "ERROR");
        fields.put('V', "ERROR");
        fields.put('C', error.state().code());
        fields.put('M', String.valueOf(error.getMessage()));
        put(fields, 'D', error.detail());
        put(fields, 'H', error.hint());
        put(fields, 'P', error.position() > 0 ? Integer.toString(error.position()) : null);
        put(fields, 's', error.schemaName());
        put(fields, 't', error.tableName());
        put(fields, 'c', error.columnName());
        put(fields, 'd', error.typeName());
        put(fields, 'n', error.constraintName());
        put(fields, 'R', error.routine());
        return new PgError(new ErrorResponse(fields));
    }

    private static void put(Map<Character, String> fields, char code, @Nullable String value) {
        if (value != null) {
            fields.put(code, value);
        }
    }

    static NoticeResponse of(Session.Notice notice) {
        return new NoticeResponse(
                Map.of(
                        'S', notice.severity(),
                        'V', notice.severity(),
                        'C', notice.state().code(),
                        'M', notice.message()));
    }
}
