package dev.driftdb.query.session;

/** The point in time that a connection's database name gives: {@code name@4711}. */
public final class ConnectionPoint {
    private ConnectionPoint() {}

    /**
     * @throws dev.driftdb.schemas.error.SqlException 22023 and others for a point that names no
     *     offset
     */
    public static long resolve(Database database, String point) {
        try (Session looking = Session.internal(database);
                StatementContext context = looking.peek()) {
            return new TimePoints(context).offsetOf(point);
        }
    }
}
