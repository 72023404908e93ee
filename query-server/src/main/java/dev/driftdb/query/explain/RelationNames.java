package dev.driftdb.query.explain;

import dev.driftdb.query.explain.Explain.Target;
import dev.driftdb.query.function.RegNames;
import dev.driftdb.query.plan.LogicalPlan;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;

/** What the relations of a plan are called in its texts: each has a name of its own. */
final class RelationNames {
    private final IdentityHashMap<LogicalPlan, String> names = new IdentityHashMap<>();
    private final IdentityHashMap<Explain, String> written = new IdentityHashMap<>();
    private final Set<String> taken = new HashSet<>();
    private int count;

    RelationNames(Explain root) {
        collect(root);
    }

    private void collect(Explain node) {
        switch (node.target()) {
            case Target.Relation(var scan) -> {
                count++;
                names.put(scan, free(alias(scan)));
            }
            case Target.Written(var table, var alias) -> {
                written.put(node, alias);
                // The others read the table that they write: it is one relation.
                if (node.first().containsValue("Insert")) {
                    count++;
                    taken.add(alias);
                }
            }
            case null -> {}
        }
        node.children().forEach(child -> collect(child.node()));
    }

    private String free(String wanted) {
        String name = wanted;
        for (int i = 1; !taken.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    private static String alias(LogicalPlan scan) {
        return switch (scan) {
            case LogicalPlan.Scan table -> table.alias();
            case LogicalPlan.SystemScan system -> system.alias();
            case LogicalPlan.FunctionScan function -> function.alias();
            case LogicalPlan.CteScan common -> common.alias();
            default -> "*VALUES*";
        };
    }

    /** Whether columns are shown with the names of their relations. */
    boolean several() {
        return count > 1;
    }

    /** Not quoted. */
    String of(LogicalPlan scan) {
        String name = names.get(scan);
        return name == null ? alias(scan) : name;
    }

    String of(Explain modification) {
        return written.getOrDefault(modification, "");
    }

    String column(LogicalPlan scan, String name, boolean qualified) {
        String quoted = RegNames.quoteIdentifier(name);
        return qualified ? RegNames.quoteIdentifier(of(scan)) + "." + quoted : quoted;
    }
}
