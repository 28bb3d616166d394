-- Documents that somebody else changed in the target in a field of ours, and that the source wants
-- otherwise. One stands open per record; it keeps three sides: what we wrote last, what the source
-- wants, what the target has.
CREATE TABLE conflicts (
    id                   INTEGER PRIMARY KEY,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    flow_id              INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    entity               TEXT    NOT NULL,
    source_id            TEXT    NOT NULL,
    role                 TEXT    NOT NULL,
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    target_entity        TEXT    NOT NULL,
    target_id            TEXT    NOT NULL,
    -- resolving = a person has decided, and it is about to be done; resolved = it is done;
    -- closed = the sides agree again, or it was left alone
    state                TEXT    NOT NULL CHECK (state IN ('open', 'resolving', 'resolved', 'closed')),
    revision             INTEGER NOT NULL DEFAULT 1,     -- raised when a side changes
    sides                BLOB    NOT NULL,               -- sealed
    decision             BLOB,                           -- sealed: what a person decided, by field
    keep                 TEXT    NOT NULL DEFAULT '' CHECK (keep IN ('', 'source', 'target', 'fields')),
    actor                TEXT    NOT NULL DEFAULT '',
    reason               TEXT    NOT NULL DEFAULT '',
    opened_at_ms         INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL,
    decided_at_ms        INTEGER NOT NULL DEFAULT 0,
    closed_at_ms         INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX conflicts_open ON conflicts (flow_id, source_id) WHERE state IN ('open', 'resolving');  -- standing()
CREATE INDEX conflicts_of_tenant ON conflicts (tenant_id, state, id);                                       -- list()
