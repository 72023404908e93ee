package dev.driftdb.query.define;

import dev.driftdb.query.ast.ObjectDefinition.Comment;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.CommentDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;

/** COMMENT ON. */
public final class Comments {
    /** The system catalogs whose rows can have a comment. */
    private static final int PG_CLASS = 1259;

    private static final int PG_TYPE = 1247;
    private static final int PG_NAMESPACE = 2615;
    private static final int PG_CONSTRAINT = 2606;
    private static final int PG_DATABASE = 1262;
    private static final int PG_AUTHID = 1260;

    /** The one database has this oid in pg_database. */
    private static final int DATABASE_ID = 5;

    /**
     * @param column number, 0 for the object itself
     */
    private record Target(int classOid, int objectId, int column) {}

    private final DefinitionScope scope;
    private final Names names;

    public Comments(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void comment(Comment statement) {
        if (statement.kind().equals("database")
                && !statement.name().last().equals(scope.evalContext().database())) {
            scope.notice("database \"" + statement.name().last() + "\" does not exist");
            return;
        }
        Target target = target(statement);
        String text = statement.text();
        for (CommentDef known : scope.catalog().commentsOn(target.objectId())) {
            if (known.classOid() == target.classOid() && known.column() == target.column()) {
                // An empty comment is no comment.
                if (text == null || text.isEmpty()) {
                    scope.drop(known);
                } else {
                    scope.write(
                            new CommentDef(
                                    known.id(),
                                    known.classOid(),
                                    known.objectId(),
                                    known.column(),
                                    text));
                }
                return;
            }
        }
        if (text != null && !text.isEmpty()) {
            scope.write(
                    new CommentDef(
                            scope.newId(),
                            target.classOid(),
                            target.objectId(),
                            target.column(),
                            text));
        }
    }

    private Target target(Comment statement) {
        QualifiedName name = statement.name();
        return switch (statement.kind()) {
            case "schema" -> new Target(PG_NAMESPACE, names.schema(name.last(), 0).id(), 0);
            case "database" -> new Target(PG_DATABASE, DATABASE_ID, 0);
            case "role" -> {
                CatalogObject role = scope.catalog().findRole(name.last());
                if (role == null) {
                    throw new SqlException(
                            SqlState.UNDEFINED_OBJECT,
                            "role \"" + name.last() + "\" does not exist");
                }
                yield new Target(PG_AUTHID, role.id(), 0);
            }
            case "type", "domain" -> {
                SqlType type = names.type(name);
                if (statement.kind().equals("domain") && !type.isDomain()) {
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE, "\"" + name + "\" is not a domain");
                }
                yield new Target(PG_TYPE, type.oid(), 0);
            }
            case "column" -> column(name);
            case "constraint" -> constraint(name, String.valueOf(statement.constraint()));
            case "domain constraint" ->
                    domainConstraint(name, String.valueOf(statement.constraint()));
            default -> relation(statement.kind(), name);
        };
    }

    private Relation find(QualifiedName name) {
        Relation relation = names.find(name);
        if (relation == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_TABLE, "relation \"" + name + "\" does not exist");
        }
        return relation;
    }

    private Target relation(String kind, QualifiedName name) {
        Relation relation = find(name);
        boolean fits =
                switch (relation) {
                    case TableDef table ->
                            kind.equals(
                                    scope.catalog().materializedView(table.id()) == null
                                            ? "table"
                                            : "materialized view");
                    case ViewDef _ -> kind.equals("view");
                    case IndexDef _ -> kind.equals("index");
                    case SequenceDef _ -> kind.equals("sequence");
                };
        if (!fits) {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    "\""
                            + name.last()
                            + "\" is not a"
                            + (kind.equals("index") ? "n " : " ")
                            + kind);
        }
        return new Target(PG_CLASS, relation.id(), 0);
    }

    private Target column(QualifiedName name) {
        List<String> parts = name.parts();
        if (parts.size() < 2) {
            throw new SqlException(SqlState.SYNTAX_ERROR, "column name must be qualified");
        }
        QualifiedName owner =
                new QualifiedName(parts.subList(0, parts.size() - 1), name.position());
        SqlType type = names.findType(owner);
        TypeDef composite = type == null ? null : names.definition(type);
        int id;
        List<ColumnDef> columns;
        if (composite != null && composite.kind() instanceof TypeDef.Composite made) {
            id = composite.id();
            columns = made.visible();
        } else {
            Relation relation = find(owner);
            id = relation.id();
            columns =
                    switch (relation) {
                        case TableDef table -> table.visibleColumns();
                        case ViewDef view -> view.columns();
                        case IndexDef _, SequenceDef _ ->
                                throw new SqlException(
                                                SqlState.WRONG_OBJECT_TYPE,
                                                "cannot set comment on relation \""
                                                        + owner.last()
                                                        + "\"")
                                        .withDetail(
                                                "This operation is not supported for "
                                                        + (relation instanceof IndexDef
                                                                ? "indexes."
                                                                : "sequences."));
                    };
        }
        for (ColumnDef column : columns) {
            if (column.name().equals(name.last())) {
                return new Target(PG_CLASS, id, column.number());
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_COLUMN,
                "column \""
                        + name.last()
                        + "\" of relation \""
                        + owner.last()
                        + "\" does not exist");
    }

    private Target constraint(QualifiedName name, String constraint) {
        Relation relation = find(name);
        if (relation instanceof TableDef table) {
            for (Constraint known : table.constraints()) {
                if (known.name().equals(constraint)) {
                    return new Target(PG_CONSTRAINT, known.id(), 0);
                }
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_OBJECT,
                "constraint \""
                        + constraint
                        + "\" for table \""
                        + name.last()
                        + "\" does not exist");
    }

    private Target domainConstraint(QualifiedName name, String constraint) {
        SqlType type = names.type(name);
        TypeDef definition = names.definition(type);
        if (definition == null || !(definition.kind() instanceof TypeDef.Domain domain)) {
            throw new SqlException(SqlState.WRONG_OBJECT_TYPE, "\"" + name + "\" is not a domain");
        }
        for (TypeDef.DomainCheck check : domain.checks()) {
            if (check.name().equals(constraint)) {
                return new Target(PG_CONSTRAINT, check.id(), 0);
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_OBJECT,
                "constraint \""
                        + constraint
                        + "\" for domain "
                        + type.sqlName()
                        + " does not exist");
    }
}
