package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.TypeDefinition.AlterDomain;
import dev.driftdb.query.ast.TypeDefinition.CreateDomain;
import dev.driftdb.query.ast.TypeDefinition.DomainAction;
import dev.driftdb.query.ast.TypeDefinition.DomainSpec;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.TypeDef.DomainCheck;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CREATE and ALTER DOMAIN. */
public final class DomainDefinitions {
    private final DefinitionScope scope;
    private final Names names;

    public DomainDefinitions(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void create(CreateDomain statement) {
        try {
            make(statement);
        } catch (SqlException e) {
            throw e.withoutPosition();
        }
    }

    private void make(CreateDomain statement) {
        SchemaDef schema = names.creationSchema(statement.name());
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        names.requireFreeType(schema, name);
        TypeNames.Resolved over =
                TypeNames.resolve(statement.type(), scope.catalog(), scope.searchPath());
        if (over.type().isPseudo() || over.type().equals(Types.UNKNOWN)) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "\"" + over.type().sqlName() + "\" is not a valid base type for a domain");
        }
        Boolean notNull = null;
        String defaultSql = null;
        List<DomainSpec.Check> conditions = new ArrayList<>();
        for (DomainSpec spec : statement.specs()) {
            switch (spec) {
                case DomainSpec.Null(boolean allowed, int _) -> {
                    if (notNull != null && notNull == allowed) {
                        throw new SqlException(
                                SqlState.SYNTAX_ERROR, "conflicting NULL/NOT NULL constraints");
                    }
                    notNull = !allowed;
                }
                case DomainSpec.Default value -> {
                    if (defaultSql != null) {
                        throw new SqlException(
                                SqlState.SYNTAX_ERROR, "multiple default expressions");
                    }
                    defaultSql = defaultSql(name, value.value(), over.type(), over.typmod());
                }
                case DomainSpec.Check check -> conditions.add(check);
            }
        }
        TypeDef.Domain domain =
                new TypeDef.Domain(
                        over.type(),
                        over.typmod(),
                        Boolean.TRUE.equals(notNull),
                        defaultSql,
                        List.of(),
                        scope.searchPath());
        int id = scope.newId();
        TypeDef type = new TypeDef(id, schema.id(), name, scope.ownerId(), domain);
        for (DomainSpec.Check check : conditions) {
            condition(domain, check.condition());
            type = withCheck(type, check.name(), check.condition(), true);
        }
        scope.write(type);
    }

    private String defaultSql(String domain, SqlText value, SqlType type, int typmod) {
        try {
            scope.bind(value.expression(), List.of(), type.base(), typmod, "DEFAULT expression");
        } catch (SqlException e) {
            String message = String.valueOf(e.getMessage());
            String start = "DEFAULT expression is of type ";
            int middle = message.indexOf(" but must be of type ");
            if (!message.startsWith(start) || middle < 0) {
                throw e;
            }
            throw new SqlException(
                            SqlState.DATATYPE_MISMATCH,
                            "column \""
                                    + domain
                                    + "\" is of type "
                                    + type.sqlName()
                                    + " but default expression is of type "
                                    + message.substring(start.length(), middle))
                    .withHint("You will need to rewrite or cast the expression.");
        }
        return new StoredTexts(scope).withIds(value.text(), List.of(), StoredTexts.DEFAULTS);
    }

    /** The condition over VALUE, bound. */
    private Expr condition(TypeDef.Domain domain, SqlText check) {
        String clause = "check constraint";
        try {
            return scope.bind(
                    check.expression(), StoredTexts.valueOf(domain), Types.BOOL, -1, clause);
        } catch (SqlException e) {
            String message = String.valueOf(e.getMessage());
            String mismatch = clause + " is of type ";
            if (message.startsWith(mismatch)) {
                String type =
                        message.substring(
                                mismatch.length(), message.indexOf(" but must be of type "));
                throw new SqlException(
                        SqlState.DATATYPE_MISMATCH,
                        "argument of CHECK must be type boolean, not type " + type);
            }
            if (e.state() == SqlState.GROUPING_ERROR) {
                throw new SqlException(SqlState.GROUPING_ERROR, message + "s");
            }
            throw e.withoutPosition();
        }
    }

    private TypeDef withCheck(
            TypeDef type, @Nullable String given, SqlText condition, boolean validated) {
        TypeDef.Domain domain = (TypeDef.Domain) type.kind();
        List<DomainCheck> checks = new ArrayList<>(domain.checks());
        String name = given == null ? null : Names.cut(given, Names.NAME_BYTES_MAX);
        if (name == null) {
            String stem = Names.cut(type.name(), Names.NAME_BYTES_MAX - "_check".length());
            name = stem + "_check";
            for (int i = 1; find(checks, name) != null; i++) {
                name = stem + "_check" + i;
            }
        } else if (find(checks, name) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_OBJECT,
                    "constraint \""
                            + name
                            + "\" for domain \""
                            + type.name()
                            + "\" already exists");
        }
        checks.add(
                new DomainCheck(
                        scope.newId(),
                        name,
                        new StoredTexts(scope)
                                .withIds(
                                        condition.text(),
                                        StoredTexts.valueOf(domain),
                                        TableConstraints.CHECK),
                        validated));
        return type.withKind(withChecks(domain, checks));
    }

    private static @Nullable DomainCheck find(List<DomainCheck> checks, String name) {
        return checks.stream().filter(c -> c.name().equals(name)).findFirst().orElse(null);
    }

    private static TypeDef.Domain withChecks(TypeDef.Domain domain, List<DomainCheck> checks) {
        return new TypeDef.Domain(
                domain.over(),
                domain.typmod(),
                domain.notNull(),
                domain.defaultSql(),
                checks,
                domain.searchPath());
    }

    static TypeDef without(TypeDef type, DomainCheck check) {
        TypeDef.Domain domain = (TypeDef.Domain) type.kind();
        List<DomainCheck> checks = new ArrayList<>(domain.checks());
        checks.removeIf(c -> c.id() == check.id());
        return type.withKind(withChecks(domain, checks));
    }

    public void alter(AlterDomain statement) {
        TypeDef type = domain(statement.name(), statement.action());
        TypeDef.Domain domain = (TypeDef.Domain) type.kind();
        switch (statement.action()) {
            case DomainAction.SetDefault(@Nullable SqlText value) ->
                    scope.write(
                            type.withKind(
                                    new TypeDef.Domain(
                                            domain.over(),
                                            domain.typmod(),
                                            domain.notNull(),
                                            value == null
                                                    ? null
                                                    : defaultSql(
                                                            type.name(),
                                                            value,
                                                            domain.over(),
                                                            domain.typmod()),
                                            domain.checks(),
                                            domain.searchPath())));
            case DomainAction.SetNotNull(boolean notNull) -> {
                if (notNull && !domain.notNull()) {
                    new DomainRows(scope).check(type, null);
                }
                scope.write(
                        type.withKind(
                                new TypeDef.Domain(
                                        domain.over(),
                                        domain.typmod(),
                                        notNull,
                                        domain.defaultSql(),
                                        domain.checks(),
                                        domain.searchPath())));
            }
            case DomainAction.AddConstraint add -> {
                Expr condition = condition(domain, add.condition());
                TypeDef changed = withCheck(type, add.name(), add.condition(), !add.notValid());
                if (!add.notValid()) {
                    new DomainRows(scope).check(type, condition);
                }
                scope.write(changed);
            }
            case DomainAction.DropConstraint drop -> dropConstraint(type, domain, drop);
            case DomainAction.ValidateConstraint(String name) -> validate(type, domain, name);
            case DomainAction.RenameConstraint rename -> renameConstraint(type, domain, rename);
            case DomainAction.Rename(String name) -> new TypeAlterations(scope).rename(type, name);
            case DomainAction.SetSchema(String schema) ->
                    new TypeAlterations(scope).setSchema(type, schema);
            case DomainAction.SetOwner(String owner) ->
                    new TypeAlterations(scope).requireRole(owner);
        }
    }

    private TypeDef domain(QualifiedName name, DomainAction action) {
        SqlType type = names.typeNamed(name);
        TypeDef definition = names.definition(type);
        if (definition != null && definition.kind() instanceof TypeDef.Domain) {
            return definition;
        }
        boolean quoted =
                action instanceof DomainAction.Rename
                        || action instanceof DomainAction.SetOwner
                        || action instanceof DomainAction.SetSchema;
        throw new SqlException(
                SqlState.WRONG_OBJECT_TYPE,
                (quoted ? "\"" + name + "\"" : type.sqlName()) + " is not a domain");
    }

    private static DomainCheck require(TypeDef type, TypeDef.Domain domain, String name) {
        DomainCheck found = find(domain.checks(), name);
        if (found == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT,
                    "constraint \"" + name + "\" of domain \"" + type.name() + "\" does not exist");
        }
        return found;
    }

    private void dropConstraint(
            TypeDef type, TypeDef.Domain domain, DomainAction.DropConstraint drop) {
        if (drop.ifExists() && find(domain.checks(), drop.constraint()) == null) {
            scope.notice(
                    "constraint \""
                            + drop.constraint()
                            + "\" of domain \""
                            + type.name()
                            + "\" does not exist, skipping");
            return;
        }
        List<DomainCheck> checks = new ArrayList<>(domain.checks());
        checks.remove(require(type, domain, drop.constraint()));
        scope.write(type.withKind(withChecks(domain, checks)));
    }

    private void validate(TypeDef type, TypeDef.Domain domain, String name) {
        DomainCheck found = require(type, domain, name);
        if (found.validated()) {
            return;
        }
        new DomainRows(scope)
                .check(type, condition(domain, new SqlText(found.sql(), scope.parse(found.sql()))));
        List<DomainCheck> checks = new ArrayList<>(domain.checks());
        checks.set(
                checks.indexOf(found),
                new DomainCheck(found.id(), found.name(), found.sql(), true));
        scope.write(type.withKind(withChecks(domain, checks)));
    }

    private void renameConstraint(
            TypeDef type, TypeDef.Domain domain, DomainAction.RenameConstraint rename) {
        DomainCheck found = find(domain.checks(), rename.constraint());
        if (found == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT,
                    "constraint \""
                            + rename.constraint()
                            + "\" for domain "
                            + type.name()
                            + " does not exist");
        }
        String name = Names.cut(rename.newName(), Names.NAME_BYTES_MAX);
        if (find(domain.checks(), name) != null) {
            throw new SqlException(
                    SqlState.DUPLICATE_OBJECT,
                    "constraint \"" + name + "\" for domain " + type.name() + " already exists");
        }
        List<DomainCheck> checks = new ArrayList<>(domain.checks());
        checks.set(
                checks.indexOf(found),
                new DomainCheck(found.id(), name, found.sql(), found.validated()));
        scope.write(type.withKind(withChecks(domain, checks)));
    }
}
