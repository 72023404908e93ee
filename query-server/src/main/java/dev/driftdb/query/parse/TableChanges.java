package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SequenceOptions;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.ast.TableDefinition.AlterAction;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** ALTER TABLE. */
final class TableChanges {
    private final ConstraintDefinitions constraints;

    TableChanges(ConstraintDefinitions constraints) {
        this.constraints = constraints;
    }

    Statement parse(TokenCursor in) {
        in.expect("alter", "table");
        if (in.isWords("all", "in")) {
            throw SqlException.notSupported("ALTER TABLE ALL IN TABLESPACE");
        }
        boolean ifExists = in.accept("if", "exists");
        in.accept("only");
        QualifiedName table = in.qualifiedName();
        in.acceptOperator("*");
        List<AlterAction> actions = new ArrayList<>();
        do {
            actions.add(action(in));
        } while (in.acceptMark(","));
        return new TableDefinition.AlterTable(table, ifExists, actions);
    }

    private AlterAction action(TokenCursor in) {
        int position = in.peek().position();
        if (in.accept("add")) {
            return add(in);
        }
        if (in.accept("drop")) {
            return drop(in);
        }
        if (in.accept("rename")) {
            return rename(in);
        }
        if (in.accept("alter")) {
            if (in.accept("constraint")) {
                return new AlterAction.AlterConstraint(in.name(), ConstraintDefinitions.timing(in));
            }
            in.accept("column");
            return alterColumn(in);
        }
        if (in.accept("owner", "to")) {
            return new AlterAction.SetOwner(in.label());
        }
        if (in.accept("set", "schema")) {
            return new AlterAction.SetSchema(in.name());
        }
        if (in.accept("validate", "constraint")) {
            return new AlterAction.ValidateConstraint(in.name());
        }
        if (in.isWord("reset") && in.peek(1).isMark("(")) {
            in.next();
            return new AlterAction.ResetOptions(optionNames(in));
        }
        if (in.isWord("set") && in.peek(1).isMark("(")) {
            in.next();
            Map<String, String> options = new LinkedHashMap<>();
            TableDefinitions.storageOptions(in, options);
            return new AlterAction.SetOptions(options);
        }
        if (in.peek().kind() != Token.Kind.WORD) {
            throw in.fail();
        }
        switch (in.peek().text()) {
            case "attach",
                    "cluster",
                    "detach",
                    "disable",
                    "enable",
                    "force",
                    "inherit",
                    "no",
                    "of",
                    "not",
                    "replica",
                    "set" ->
                    throw SqlException.notSupported(
                            "ALTER TABLE "
                                    + in.peek().text().toUpperCase(Locale.ROOT)
                                    + (in.peek(1).kind() == Token.Kind.WORD
                                            ? " " + in.peek(1).text().toUpperCase(Locale.ROOT)
                                            : ""),
                            position);
            default -> throw in.fail();
        }
    }

    /** (name, …); names may be dotted. */
    private static List<String> optionNames(TokenCursor in) {
        List<String> names = new ArrayList<>();
        in.expectMark("(");
        do {
            StringBuilder name = new StringBuilder(in.label());
            while (in.acceptMark(".")) {
                name.append('.').append(in.label());
            }
            names.add(name.toString());
        } while (in.acceptMark(","));
        in.expectMark(")");
        return names;
    }

    private AlterAction add(TokenCursor in) {
        if (constraints.startsConstraint(in)) {
            return new AlterAction.AddConstraint(constraints.constraint(in));
        }
        in.accept("column");
        boolean ifNotExists = in.accept("if", "not", "exists");
        return new AlterAction.AddColumn(constraints.column(in), ifNotExists);
    }

    private static AlterAction drop(TokenCursor in) {
        boolean constraint = in.accept("constraint");
        if (!constraint) {
            in.accept("column");
        }
        boolean ifExists = in.accept("if", "exists");
        String name = in.name();
        boolean cascade = in.accept("cascade");
        if (!cascade) {
            in.accept("restrict");
        }
        return constraint
                ? new AlterAction.DropConstraint(name, ifExists, cascade)
                : new AlterAction.DropColumn(name, ifExists, cascade);
    }

    private static AlterAction rename(TokenCursor in) {
        if (in.accept("to")) {
            return new AlterAction.RenameTable(in.name());
        }
        if (in.accept("constraint")) {
            String name = in.name();
            in.expect("to");
            return new AlterAction.RenameConstraint(name, in.name());
        }
        in.accept("column");
        String name = in.name();
        in.expect("to");
        return new AlterAction.RenameColumn(name, in.name());
    }

    private AlterAction alterColumn(TokenCursor in) {
        String column = in.name();
        int position = in.peek().position();
        if (in.accept("set", "default")) {
            return new AlterAction.SetDefault(column, constraints.toComma(in));
        }
        if (in.accept("drop", "default")) {
            return new AlterAction.SetDefault(column, null);
        }
        if (in.accept("set", "not", "null")) {
            return new AlterAction.SetNotNull(column, true);
        }
        if (in.accept("drop", "not", "null")) {
            return new AlterAction.SetNotNull(column, false);
        }
        if (in.accept("drop", "identity")) {
            return new AlterAction.DropIdentity(column, in.accept("if", "exists"));
        }
        if (in.accept("drop", "expression")) {
            return new AlterAction.DropExpression(column, in.accept("if", "exists"));
        }
        if (in.accept("add", "generated")) {
            String identity = identity(in);
            in.expect("as", "identity");
            return new AlterAction.AddIdentity(column, identity, parenthesisedOptions(in));
        }
        if (in.isWord("restart") || isIdentityChange(in)) {
            return identityChanges(in, column);
        }
        if (in.accept("set", "data", "type") || in.accept("type")) {
            TypeName type = TypeNames.parse(in);
            if (in.isWord("collate")) {
                throw SqlException.notSupported(
                        "ALTER COLUMN TYPE … COLLATE", in.peek().position());
            }
            return new AlterAction.SetType(
                    column, type, in.accept("using") ? constraints.toComma(in) : null);
        }
        if (in.isWord("set")
                || in.isWord("drop")
                || in.isWord("add")
                || in.isWord("reset")
                || in.isWord("restart")) {
            throw SqlException.notSupported(
                    "ALTER COLUMN "
                            + in.peek().text().toUpperCase(Locale.ROOT)
                            + " "
                            + in.peek(1).text().toUpperCase(Locale.ROOT),
                    position);
        }
        throw in.fail();
    }

    private static String identity(TokenCursor in) {
        if (in.accept("always")) {
            return "always";
        }
        in.expect("by", "default");
        return "by default";
    }

    static SequenceOptions parenthesisedOptions(TokenCursor in) {
        if (!in.isMark("(")) {
            return SequenceOptions.NONE;
        }
        in.next();
        SequenceOptions options = SequenceDefinitions.options(in);
        in.expectMark(")");
        return options;
    }

    private static boolean isIdentityChange(TokenCursor in) {
        return in.isWord("set")
                && in.peek(1).kind() == Token.Kind.WORD
                && Set.of(
                                "generated",
                                "increment",
                                "minvalue",
                                "maxvalue",
                                "no",
                                "start",
                                "restart",
                                "cache",
                                "cycle",
                                "sequence")
                        .contains(in.peek(1).text());
    }

    /** { SET GENERATED … | SET sequence_option | RESTART [[WITH] n] } … */
    private static AlterAction identityChanges(TokenCursor in, String column) {
        String identity = null;
        SequenceOptions options = SequenceOptions.NONE;
        while (in.isWord("restart") || in.isWord("set")) {
            in.accept("set");
            if (in.accept("generated")) {
                identity = identity(in);
            } else {
                int before = in.index();
                options = options.with(SequenceDefinitions.options(in));
                if (in.index() == before) {
                    throw in.fail();
                }
            }
        }
        return new AlterAction.SetIdentity(column, identity, options);
    }
}
