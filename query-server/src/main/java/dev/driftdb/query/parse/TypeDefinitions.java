package dev.driftdb.query.parse;

import dev.driftdb.query.ast.ObjectDefinition;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TypeDefinition;
import dev.driftdb.query.ast.TypeDefinition.AttributeSpec;
import dev.driftdb.query.ast.TypeDefinition.DomainAction;
import dev.driftdb.query.ast.TypeDefinition.DomainSpec;
import dev.driftdb.query.ast.TypeDefinition.TypeAction;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CREATE and ALTER of types and domains. */
final class TypeDefinitions {
    private static final Set<String> COLLATIONS =
            Set.of("C", "POSIX", "default", "ucs_basic", "C.utf8", "C.UTF-8");

    private final ConstraintDefinitions constraints;

    TypeDefinitions(ConstraintDefinitions constraints) {
        this.constraints = constraints;
    }

    // ---- types ----

    Statement createType(TokenCursor in) {
        int position = in.peek().position();
        in.expect("create", "type");
        QualifiedName name = in.qualifiedName();
        if (in.atEnd() || in.isMark("(")) {
            throw SqlException.notSupported("CREATE TYPE of a base type", position);
        }
        in.expect("as");
        if (in.isWord("range")) {
            throw SqlException.notSupported("CREATE TYPE AS RANGE", position);
        }
        if (in.accept("enum")) {
            in.expectMark("(");
            List<String> labels = new ArrayList<>();
            if (!in.isMark(")")) {
                do {
                    labels.add(in.string());
                } while (in.acceptMark(","));
            }
            in.expectMark(")");
            return new TypeDefinition.CreateEnum(name, labels);
        }
        in.expectMark("(");
        List<AttributeSpec> attributes = new ArrayList<>();
        if (!in.isMark(")")) {
            do {
                attributes.add(attribute(in));
            } while (in.acceptMark(","));
        }
        in.expectMark(")");
        return new TypeDefinition.CreateComposite(name, attributes);
    }

    private static AttributeSpec attribute(TokenCursor in) {
        int position = in.peek().position();
        String name = in.name();
        TypeName type = TypeNames.parse(in);
        collation(in);
        return new AttributeSpec(name, type, position);
    }

    private static void collation(TokenCursor in) {
        if (in.accept("collate")) {
            QualifiedName collation = in.qualifiedName();
            if (!COLLATIONS.contains(collation.last())) {
                throw SqlException.notSupported(
                        "collation \"" + collation.last() + "\"", collation.position());
            }
        }
    }

    Statement alterType(TokenCursor in) {
        int position = in.peek().position();
        in.expect("alter", "type");
        QualifiedName name = in.qualifiedName();
        List<TypeAction> actions = new ArrayList<>();
        if (in.accept("add", "value")) {
            boolean ifNotExists = in.accept("if", "not", "exists");
            String label = in.string();
            boolean before = in.accept("before");
            String neighbor = before || in.accept("after") ? in.string() : null;
            actions.add(new TypeAction.AddValue(label, ifNotExists, neighbor, before));
        } else if (in.accept("rename")) {
            actions.add(renaming(in));
        } else if (in.accept("set", "schema")) {
            actions.add(new TypeAction.SetSchema(in.name()));
        } else if (in.accept("owner", "to")) {
            actions.add(new TypeAction.SetOwner(in.name()));
        } else if (in.isWord("set") && in.peek(1).isMark("(")) {
            throw SqlException.notSupported("ALTER TYPE SET", position);
        } else {
            do {
                actions.add(attributeAction(in));
            } while (in.acceptMark(","));
        }
        return new TypeDefinition.AlterType(name, actions);
    }

    private static TypeAction renaming(TokenCursor in) {
        if (in.accept("value")) {
            String from = in.string();
            in.expect("to");
            return new TypeAction.RenameValue(from, in.string());
        }
        if (in.accept("attribute")) {
            String from = in.name();
            in.expect("to");
            return new TypeAction.RenameAttribute(from, in.name(), cascade(in));
        }
        in.expect("to");
        return new TypeAction.Rename(in.name());
    }

    private static TypeAction attributeAction(TokenCursor in) {
        if (in.accept("add")) {
            in.expect("attribute");
            return new TypeAction.AddAttribute(attribute(in), cascade(in));
        }
        if (in.accept("drop")) {
            in.expect("attribute");
            boolean ifExists = in.accept("if", "exists");
            return new TypeAction.DropAttribute(in.name(), ifExists, cascade(in));
        }
        in.expect("alter");
        in.expect("attribute");
        String name = in.name();
        in.accept("set", "data");
        in.expect("type");
        TypeName type = TypeNames.parse(in);
        collation(in);
        return new TypeAction.AlterAttribute(name, type, cascade(in));
    }

    private static boolean cascade(TokenCursor in) {
        boolean cascade = in.accept("cascade");
        if (!cascade) {
            in.accept("restrict");
        }
        return cascade;
    }

    // ---- domains ----

    Statement createDomain(TokenCursor in) {
        in.expect("create", "domain");
        QualifiedName name = in.qualifiedName();
        in.accept("as");
        TypeName type = TypeNames.parse(in);
        List<DomainSpec> specs = new ArrayList<>();
        while (!in.atEnd()) {
            int position = in.peek().position();
            String constraint = in.accept("constraint") ? in.name() : null;
            if (constraint == null && in.isWord("collate")) {
                collation(in);
            } else if (in.accept("not", "null")) {
                specs.add(new DomainSpec.Null(false, position));
            } else if (in.accept("null")) {
                specs.add(new DomainSpec.Null(true, position));
            } else if (in.accept("default")) {
                specs.add(new DomainSpec.Default(constraints.defaultValue(in), position));
            } else {
                specs.add(new DomainSpec.Check(constraint, check(in), position));
            }
        }
        return new TypeDefinition.CreateDomain(name, type, specs);
    }

    private SqlText check(TokenCursor in) {
        if (!in.isWord("check")) {
            if (in.isWord("unique")
                    || in.isWord("primary")
                    || in.isWord("references")
                    || in.isWord("generated")
                    || in.isWord("exclude")) {
                throw new SqlException(
                        dev.driftdb.schemas.error.SqlState.SYNTAX_ERROR,
                        (in.isWord("primary")
                                        ? "primary key"
                                        : in.isWord("references")
                                                ? "foreign key"
                                                : in.isWord("exclude")
                                                        ? "exclusion"
                                                        : in.isWord("generated")
                                                                ? "specifying GENERATED"
                                                                : "unique")
                                + (in.isWord("generated")
                                        ? " not supported for domains"
                                        : " constraints not possible for domains"));
            }
            throw in.fail();
        }
        in.expect("check");
        SqlText condition = constraints.parenthesised(in);
        if (in.isWords("no", "inherit")) {
            throw new SqlException(
                    dev.driftdb.schemas.error.SqlState.INVALID_OBJECT_DEFINITION,
                    "check constraints for domains cannot be marked NO INHERIT");
        }
        return condition;
    }

    Statement alterDomain(TokenCursor in) {
        in.expect("alter", "domain");
        QualifiedName name = in.qualifiedName();
        return new TypeDefinition.AlterDomain(name, domainAction(in));
    }

    private DomainAction domainAction(TokenCursor in) {
        if (in.accept("set", "default")) {
            return new DomainAction.SetDefault(constraints.text(in, in.endIndex()));
        }
        if (in.accept("drop", "default")) {
            return new DomainAction.SetDefault(null);
        }
        if (in.accept("set", "not", "null")) {
            return new DomainAction.SetNotNull(true);
        }
        if (in.accept("drop", "not", "null")) {
            return new DomainAction.SetNotNull(false);
        }
        if (in.accept("set", "schema")) {
            return new DomainAction.SetSchema(in.name());
        }
        if (in.accept("add")) {
            @Nullable String constraint = in.accept("constraint") ? in.name() : null;
            SqlText check = check(in);
            boolean notValid = in.accept("not", "valid");
            return new DomainAction.AddConstraint(constraint, check, notValid);
        }
        if (in.accept("drop", "constraint")) {
            boolean ifExists = in.accept("if", "exists");
            String constraint = in.name();
            cascade(in);
            return new DomainAction.DropConstraint(constraint, ifExists);
        }
        if (in.accept("validate", "constraint")) {
            return new DomainAction.ValidateConstraint(in.name());
        }
        if (in.accept("rename", "constraint")) {
            String constraint = in.name();
            in.expect("to");
            return new DomainAction.RenameConstraint(constraint, in.name());
        }
        if (in.accept("rename", "to")) {
            return new DomainAction.Rename(in.name());
        }
        in.expect("owner", "to");
        return new DomainAction.SetOwner(in.name());
    }

    // ---- COMMENT ----

    Statement comment(TokenCursor in) {
        int position = in.peek().position();
        in.expect("comment", "on");
        Token first = in.peek();
        if (first.kind() != Token.Kind.WORD) {
            throw in.fail();
        }
        String kind = first.text();
        QualifiedName name;
        String constraint = null;
        switch (kind) {
            case "table", "view", "index", "sequence", "schema", "database", "role" -> {
                in.next();
                name = in.qualifiedName();
            }
            case "materialized" -> {
                in.expect("materialized", "view");
                kind = "materialized view";
                name = in.qualifiedName();
            }
            case "type", "domain" -> {
                in.next();
                TypeName type = TypeNames.parse(in);
                if (type.arrayDimensions() > 0) {
                    throw SqlException.notSupported("COMMENT ON an array type", type.position());
                }
                name = new QualifiedName(type.parts(), type.position());
            }
            case "column" -> {
                in.next();
                name = in.qualifiedName();
            }
            case "constraint" -> {
                in.next();
                constraint = in.name();
                in.expect("on");
                if (in.accept("domain")) {
                    kind = "domain constraint";
                }
                name = in.qualifiedName();
            }
            case "access",
                    "aggregate",
                    "cast",
                    "collation",
                    "conversion",
                    "event",
                    "extension",
                    "foreign",
                    "function",
                    "language",
                    "large",
                    "operator",
                    "policy",
                    "procedural",
                    "procedure",
                    "publication",
                    "routine",
                    "rule",
                    "server",
                    "statistics",
                    "subscription",
                    "tablespace",
                    "tag",
                    "text",
                    "transform",
                    "trigger" ->
                    throw SqlException.notSupported(
                            "COMMENT ON " + UtilityParser.spelled(in, 0), position);
            default -> throw in.fail();
        }
        in.expect("is");
        String text = in.accept("null") ? null : in.string();
        return new ObjectDefinition.Comment(kind, name, constraint, text);
    }
}
