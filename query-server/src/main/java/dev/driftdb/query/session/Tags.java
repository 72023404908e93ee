package dev.driftdb.query.session;

import dev.driftdb.query.ast.Statement;

/** Command tags (PostgreSQL manual, Message Formats, CommandComplete). */
final class Tags {
    private Tags() {}

    static String of(Statement statement) {
        return switch (statement) {
            case Statement.Select _ -> "SELECT";
            case Statement.Insert _ -> "INSERT";
            case Statement.Update _ -> "UPDATE";
            case Statement.Delete _ -> "DELETE";
            case Statement.Merge _ -> "MERGE";
            case Statement.Truncate _ -> "TRUNCATE TABLE";
            case Statement.Copy _ -> "COPY";
            case Statement.Explain _ -> "EXPLAIN";
            case Statement.CreateTable _ -> "CREATE TABLE";
            case Statement.CreateTableAs _ -> "SELECT";
            case Statement.AlterTable _ -> "ALTER TABLE";
            case Statement.CreateIndex _ -> "CREATE INDEX";
            case Statement.Reindex _ -> "REINDEX";
            case Statement.CreateView _ -> "CREATE VIEW";
            case Statement.CreateSequence _ -> "CREATE SEQUENCE";
            case Statement.AlterSequence _ -> "ALTER SEQUENCE";
            case Statement.CreateSchema _ -> "CREATE SCHEMA";
            case Statement.CreateEnum _, Statement.CreateComposite _ -> "CREATE TYPE";
            case Statement.AlterType _ -> "ALTER TYPE";
            case Statement.CreateDomain _ -> "CREATE DOMAIN";
            case Statement.AlterDomain _ -> "ALTER DOMAIN";
            case Statement.Comment _ -> "COMMENT";
            case Statement.Drop drop -> "DROP " + kind(drop.kind());
            case Statement.AlterObject alter -> "ALTER " + kind(alter.kind());
            case Statement.CreateMaterializedView _ -> "CREATE MATERIALIZED VIEW";
            case Statement.RefreshMaterializedView _ -> "REFRESH MATERIALIZED VIEW";
            case Statement.Begin _ -> "BEGIN";
            case Statement.Commit _ -> "COMMIT";
            case Statement.Rollback _ -> "ROLLBACK";
            case Statement.Savepoint _ -> "SAVEPOINT";
            case Statement.ReleaseSavepoint _ -> "RELEASE";
            case Statement.RollbackToSavepoint _ -> "ROLLBACK";
            case Statement.SetTransaction _, Statement.Set _ -> "SET";
            case Statement.SetConstraints _ -> "SET CONSTRAINTS";
            case Statement.Reset _ -> "RESET";
            case Statement.Show _ -> "SHOW";
            case Statement.Prepare _ -> "PREPARE";
            case Statement.Execute _ -> "EXECUTE";
            case Statement.Deallocate all -> all.name() == null ? "DEALLOCATE ALL" : "DEALLOCATE";
            case Statement.DeclareCursor _ -> "DECLARE CURSOR";
            case Statement.Fetch fetch -> fetch.move() ? "MOVE" : "FETCH";
            case Statement.CloseCursor all ->
                    all.name() == null ? "CLOSE CURSOR ALL" : "CLOSE CURSOR";
            case Statement.Discard discard ->
                    "DISCARD " + discard.what().toUpperCase(java.util.Locale.ROOT);
            case Statement.Vacuum vacuum -> vacuum.vacuum() ? "VACUUM" : "ANALYZE";
            case Statement.Checkpoint _ -> "CHECKPOINT";
            case Statement.LockTable _ -> "LOCK TABLE";
            case Statement.Empty _ -> "";
        };
    }

    private static String kind(Statement.ObjectKind kind) {
        return kind.name().replace('_', ' ');
    }

    static String withCount(String command, long rows) {
        return command.equals("INSERT") ? "INSERT 0 " + rows : command + " " + rows;
    }
}
