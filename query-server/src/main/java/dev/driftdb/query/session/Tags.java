package dev.driftdb.query.session;

import dev.driftdb.query.ast.CursorStatement;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.ObjectDefinition;
import dev.driftdb.query.ast.SessionStatement;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.ast.TagDefinition;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.query.ast.TypeDefinition;

/** Command tags (PostgreSQL manual, Message Formats, CommandComplete). */
final class Tags {
    private Tags() {}

    static String of(Statement statement) {
        return switch (statement) {
            case DataStatement.Select _ -> "SELECT";
            case DataStatement.Insert _ -> "INSERT";
            case DataStatement.Update _ -> "UPDATE";
            case DataStatement.Delete _ -> "DELETE";
            case DataStatement.Merge _ -> "MERGE";
            case TableDefinition.Truncate _ -> "TRUNCATE TABLE";
            case Statement.Copy _ -> "COPY";
            case Statement.Explain _ -> "EXPLAIN";
            case TableDefinition.CreateTable _ -> "CREATE TABLE";
            case TableDefinition.CreateTableAs _ -> "SELECT";
            case TableDefinition.AlterTable _ -> "ALTER TABLE";
            case TableDefinition.CreateIndex _ -> "CREATE INDEX";
            case TableDefinition.Reindex _ -> "REINDEX";
            case ObjectDefinition.CreateView _ -> "CREATE VIEW";
            case ObjectDefinition.CreateSequence _ -> "CREATE SEQUENCE";
            case ObjectDefinition.AlterSequence _ -> "ALTER SEQUENCE";
            case ObjectDefinition.CreateSchema _ -> "CREATE SCHEMA";
            case TypeDefinition.CreateEnum _, TypeDefinition.CreateComposite _ -> "CREATE TYPE";
            case TypeDefinition.AlterType _ -> "ALTER TYPE";
            case TypeDefinition.CreateDomain _ -> "CREATE DOMAIN";
            case TypeDefinition.AlterDomain _ -> "ALTER DOMAIN";
            case ObjectDefinition.Comment _ -> "COMMENT";
            case TagDefinition.CreateTag _ -> "CREATE TAG";
            case TagDefinition.DropTag _ -> "DROP TAG";
            case ObjectDefinition.Drop drop -> "DROP " + kind(drop.kind());
            case ObjectDefinition.Undrop _ -> "UNDROP TABLE";
            case ObjectDefinition.AlterObject alter -> "ALTER " + kind(alter.kind());
            case ObjectDefinition.CreateMaterializedView _ -> "CREATE MATERIALIZED VIEW";
            case ObjectDefinition.RefreshMaterializedView _ -> "REFRESH MATERIALIZED VIEW";
            case TransactionStatement.Begin _ -> "BEGIN";
            case TransactionStatement.Commit _ -> "COMMIT";
            case TransactionStatement.Rollback _ -> "ROLLBACK";
            case TransactionStatement.Savepoint _ -> "SAVEPOINT";
            case TransactionStatement.ReleaseSavepoint _ -> "RELEASE";
            case TransactionStatement.RollbackToSavepoint _ -> "ROLLBACK";
            case TransactionStatement.SetTransaction _, SessionStatement.Set _ -> "SET";
            case TransactionStatement.SetConstraints _ -> "SET CONSTRAINTS";
            case SessionStatement.Reset _ -> "RESET";
            case SessionStatement.Show _ -> "SHOW";
            case SessionStatement.Prepare _ -> "PREPARE";
            case SessionStatement.Execute _ -> "EXECUTE";
            case SessionStatement.Deallocate all ->
                    all.name() == null ? "DEALLOCATE ALL" : "DEALLOCATE";
            case CursorStatement.DeclareCursor _ -> "DECLARE CURSOR";
            case CursorStatement.Fetch fetch -> fetch.move() ? "MOVE" : "FETCH";
            case CursorStatement.CloseCursor all ->
                    all.name() == null ? "CLOSE CURSOR ALL" : "CLOSE CURSOR";
            case SessionStatement.Discard discard ->
                    "DISCARD " + discard.what().toUpperCase(java.util.Locale.ROOT);
            case Statement.Vacuum vacuum -> vacuum.vacuum() ? "VACUUM" : "ANALYZE";
            case Statement.Restore _ -> "RESTORE TABLE";
            case Statement.Checkpoint checkpoint ->
                    checkpoint.snapshot() ? "SNAPSHOT" : "CHECKPOINT";
            case Statement.Revert _ -> "REVERT TRANSACTION";
            case TransactionStatement.LockTable _ -> "LOCK TABLE";
            case Statement.Empty _ -> "";
        };
    }

    private static String kind(ObjectDefinition.ObjectKind kind) {
        return kind.name().replace('_', ' ');
    }

    static String withCount(String command, long rows) {
        return command.equals("INSERT") ? "INSERT 0 " + rows : command + " " + rows;
    }

    /** What a statement is called that a read-only transaction refuses. */
    static String inReadOnly(Statement statement) {
        return statement instanceof DataStatement.Select select
                        && !select.query().locking().isEmpty()
                ? "SELECT FOR "
                        + select.query().locking().getFirst().strength().name().replace('_', ' ')
                : of(statement);
    }
}
