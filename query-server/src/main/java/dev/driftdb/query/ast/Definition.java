package dev.driftdb.query.ast;

/** A statement that changes what the catalog says or what its objects store. */
public sealed interface Definition extends Statement
        permits TableDefinition, TypeDefinition, ObjectDefinition, TagDefinition {}
