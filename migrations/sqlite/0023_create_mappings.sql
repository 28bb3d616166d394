-- Mappings: rules that adjust a document before it is sent. A person changes the draft; what was
-- published stays as it was, under its number, so that it can be named (by a failure, by a plan)
-- and brought back. Deliveries use the version in force and nothing else. A dead letter names the
-- version it was made with: what a mapping caused is sent again when another one is in force.
CREATE TABLE field_mappings (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    name          TEXT    NOT NULL,
    draft         TEXT    NOT NULL,               -- JSON: the definition people work on
    draft_hash    TEXT    NOT NULL,               -- SHA-256 of the draft
    updated_by    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,               -- of the draft
    UNIQUE (tenant_id, name)
) STRICT;
CREATE TABLE mapping_versions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id       INTEGER NOT NULL REFERENCES tenants (id),
    mapping_id      INTEGER NOT NULL REFERENCES field_mappings (id) ON DELETE CASCADE,
    version         INTEGER NOT NULL CHECK (version > 0),  -- 1, 2, 3 ... within the mapping
    state           TEXT    NOT NULL CHECK (state IN ('in_force', 'retired')),
    definition      TEXT    NOT NULL,             -- JSON, never changed
    content_hash    TEXT    NOT NULL,             -- SHA-256 of the definition
    reason          TEXT    NOT NULL,             -- why it was published, or brought back
    published_by    TEXT    NOT NULL,
    published_at_ms INTEGER NOT NULL,
    in_force_at_ms  INTEGER NOT NULL,             -- since when, or when it was the last time
    UNIQUE (mapping_id, version)
) STRICT;
CREATE UNIQUE INDEX mapping_versions_in_force ON mapping_versions (mapping_id)
 WHERE state = 'in_force';
CREATE INDEX mapping_versions_of_tenant ON mapping_versions (tenant_id);

ALTER TABLE sync_queue ADD COLUMN mapping TEXT NOT NULL DEFAULT '';            -- of the failure
ALTER TABLE sync_queue ADD COLUMN mapping_version INTEGER NOT NULL DEFAULT 0;  -- 0 = a shipped one
CREATE INDEX sync_queue_of_mapping ON sync_queue (tenant_id, mapping, mapping_version)
 WHERE state = 'dead' AND mapping <> '';

-- Which entities the account has and which of their paths the connector owns, discovered with the
-- facts: a mapping is checked against it before it is used.
ALTER TABLE connections ADD COLUMN catalog TEXT NOT NULL DEFAULT '';
