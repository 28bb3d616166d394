-- What two systems have in common when they are first connected: a match looks through both sides
-- and proposes which records are the same; people confirm or reject. A link that a person made says
-- nothing about what the target shows: it is looked at before anything is written there.
ALTER TABLE id_mappings ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;     -- 1 = linked by a person, never compared
CREATE INDEX id_mappings_of_tenant ON id_mappings (tenant_id, id);        -- list()

CREATE TABLE matches (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    source_connection_id INTEGER NOT NULL REFERENCES connections (id),
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    entity               TEXT    NOT NULL,              -- canonical, of the source
    flow_name            TEXT    NOT NULL DEFAULT '',   -- it was asked for; a flow may go
    state                TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed')),
    from_ms              INTEGER NOT NULL DEFAULT 0,    -- changed since then; 0 = everything
    counts               TEXT    NOT NULL DEFAULT '{}', -- JSON, of a match that completed
    error_code           TEXT    NOT NULL DEFAULT '',
    error_message        TEXT    NOT NULL DEFAULT '',
    requested_by         TEXT    NOT NULL,
    created_at_ms        INTEGER NOT NULL,
    started_at_ms        INTEGER NOT NULL DEFAULT 0,
    finished_at_ms       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX matches_of_tenant ON matches (tenant_id, id);                                 -- list()
CREATE INDEX matches_open ON matches (id) WHERE state IN ('queued', 'running');            -- open()
CREATE INDEX matches_of_pair ON matches (source_connection_id, target_connection_id, entity, id);

CREATE TABLE match_proposals (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    match_id      INTEGER NOT NULL REFERENCES matches (id) ON DELETE CASCADE,
    tenant_id     INTEGER NOT NULL REFERENCES tenants (id),
    grade         TEXT    NOT NULL CHECK (grade IN ('exact', 'assisted', 'ambiguous')),
    state         TEXT    NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected')),
    source_id     TEXT    NOT NULL,
    part          TEXT    NOT NULL,               -- of a record that is several things: a variation
    identity_key  TEXT    NOT NULL,
    role          TEXT    NOT NULL,               -- '' while it is ambiguous
    target_entity TEXT    NOT NULL,               -- '' while it is ambiguous
    target_id     TEXT    NOT NULL,
    detail        BLOB    NOT NULL,               -- sealed: labels, evidence, candidates
    decided_by    TEXT    NOT NULL DEFAULT '',
    reason        TEXT    NOT NULL DEFAULT '',
    decided_at_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (match_id, source_id, part)
) STRICT;
CREATE INDEX match_proposals_of_match ON match_proposals (match_id, id);                   -- proposals()
CREATE INDEX match_proposals_of_grade ON match_proposals (match_id, grade, state);         -- tally()
