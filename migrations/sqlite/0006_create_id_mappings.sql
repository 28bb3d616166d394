-- Which document of a target stands for which record of a source. Needs (a guest's customer) have no
-- source record; they are known by their identity key, which is also how two flows that meet the same
-- customer find one document.
CREATE TABLE id_mappings (
    id                   INTEGER PRIMARY KEY,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    source_connection_id INTEGER NOT NULL REFERENCES connections (id),
    entity               TEXT    NOT NULL,              -- canonical, of the record
    source_id            TEXT    NOT NULL,              -- '@' + identity key when there is no source record
    role                 TEXT    NOT NULL,
    identity_key         TEXT    NOT NULL,
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    target_entity        TEXT    NOT NULL,
    target_id            TEXT    NOT NULL,
    target_version       TEXT    NOT NULL,
    written_hash         TEXT    NOT NULL,              -- of the placeholder form; '' = only linked
    owned                BLOB,                          -- sealed: the fields we own, as last written
    created_at_ms        INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL,
    UNIQUE (target_connection_id, source_connection_id, entity, source_id, role)
) STRICT;
CREATE INDEX id_mappings_of_identity ON id_mappings (target_connection_id, entity, identity_key);          -- by_identity()
CREATE INDEX id_mappings_of_target ON id_mappings (target_connection_id, target_entity, target_id);        -- by_target()
