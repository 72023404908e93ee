package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Statement.Truncate;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;

/** TRUNCATE. */
public final class Truncations {
    private final DefinitionScope scope;
    private final Names names;

    public Truncations(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void truncate(Truncate statement) {
        for (QualifiedName name : statement.tables()) {
            TableDef table = names.table(name);
            scope.empty(table);
            if (statement.restartIdentity()) {
                restartSequences(table);
            }
        }
    }

    private void restartSequences(TableDef table) {
        for (SequenceDef sequence : scope.catalog().objects(SequenceDef.class)) {
            if (sequence.ownerTableId() == table.id()) {
                scope.setSequence(sequence, new SequenceState(sequence.start(), false));
            }
        }
    }

    /** 42P01 or 42809 unless the name is a table's. */
    public void requireTable(QualifiedName name) {
        names.table(name);
    }
}
