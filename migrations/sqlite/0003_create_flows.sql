-- What is synchronised, and where reading stands. The cursor is a window the host computes: everything
-- the source changed before cursor_ms has its job in sync_queue. While a scan is under way scan_*
-- holds its window and how far it came; cursor_ms moves only at the scan's end.
CREATE TABLE flows (
    id                   INTEGER PRIMARY KEY,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    name                 TEXT    NOT NULL,
    entity               TEXT    NOT NULL,
    source_connection_id INTEGER NOT NULL REFERENCES connections (id),
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    definition           TEXT    NOT NULL,  -- JSON as in the API
    state                TEXT    NOT NULL CHECK (state IN ('running', 'paused', 'stopped')),
    declared             INTEGER NOT NULL DEFAULT 0,
    created_at_ms        INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE sync_state (
    flow_id       INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    entity        TEXT    NOT NULL,
    cursor_ms     INTEGER NOT NULL DEFAULT 0,   -- the source's clock; 0 = never read
    scanning      INTEGER NOT NULL DEFAULT 0,
    scan_mode     TEXT    NOT NULL DEFAULT '',  -- a scan of another mode starts anew
    scan_from_ms  INTEGER NOT NULL DEFAULT 0,   -- 0 = from the beginning
    scan_to_ms    INTEGER NOT NULL DEFAULT 0,
    scan_last_id  TEXT    NOT NULL DEFAULT '',
    scan_next     TEXT    NOT NULL DEFAULT '',  -- the connector's hint
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (flow_id, entity)
) STRICT;
