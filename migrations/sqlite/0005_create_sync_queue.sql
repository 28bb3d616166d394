-- The durable queue. A job is a (flow, entity, source id) with the version that is wanted and the
-- version that is done; ten pending versions are one row. A dead letter is a row in state 'dead'.
CREATE TABLE sync_queue (
    id                   INTEGER PRIMARY KEY,
    tenant_id            INTEGER NOT NULL REFERENCES tenants (id),
    flow_id              INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    target_connection_id INTEGER NOT NULL REFERENCES connections (id),
    entity               TEXT    NOT NULL,
    source_id            TEXT    NOT NULL,
    lane                 TEXT    NOT NULL,               -- within the target connection
    state                TEXT    NOT NULL CHECK (state IN ('queued', 'leased', 'parked', 'settled', 'dead')),
    wanted_version       INTEGER NOT NULL,
    done_version         INTEGER NOT NULL DEFAULT 0,
    content_hash         TEXT    NOT NULL,               -- of the record as last collected
    record               BLOB,                           -- sealed copy; NULL = refetch
    record_version       INTEGER NOT NULL DEFAULT 0,     -- the version the copy is of
    priority             INTEGER NOT NULL DEFAULT 2,     -- 0 interactive, 1 webhook, 2 schedule, 3 backfill
    run_at_ms            INTEGER NOT NULL,               -- not before
    attempts             INTEGER NOT NULL DEFAULT 0,     -- failures of the wanted version
    lease_token          INTEGER NOT NULL DEFAULT 0,     -- fencing: only its holder may settle
    lease_until_ms       INTEGER NOT NULL DEFAULT 0,
    run_id               TEXT,                           -- the run that waits for its first outcome
    written              TEXT    NOT NULL DEFAULT '' CHECK (written IN ('', 'created', 'updated')),
    outcome              TEXT    NOT NULL DEFAULT '',    -- of a dead job: failed, held, conflict
    error_class          TEXT    NOT NULL DEFAULT '',
    error_code           TEXT    NOT NULL DEFAULT '',
    error_message        TEXT    NOT NULL DEFAULT '',
    detail               BLOB,                           -- sealed: document, answer, three sides
    redrives             INTEGER NOT NULL DEFAULT 0,
    first_failed_at_ms   INTEGER NOT NULL DEFAULT 0,
    created_at_ms        INTEGER NOT NULL,
    updated_at_ms        INTEGER NOT NULL,
    UNIQUE (flow_id, source_id)
) STRICT;
CREATE INDEX sync_queue_due ON sync_queue (flow_id, priority, run_at_ms, id) WHERE state = 'queued';      -- claim()
CREATE INDEX sync_queue_leased ON sync_queue (lease_until_ms) WHERE state = 'leased';                     -- release_leases()
CREATE INDEX sync_queue_dead ON sync_queue (tenant_id, updated_at_ms DESC, id) WHERE state = 'dead';      -- failures()
CREATE INDEX sync_queue_of_run ON sync_queue (run_id) WHERE run_id IS NOT NULL;                           -- park_run()

-- Who may write in a lane now. A row lives as long as a delivery holds it or an open intent covers it.
CREATE TABLE lanes (
    connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    lane          TEXT    NOT NULL,
    token         INTEGER NOT NULL,
    intent_id     INTEGER,                               -- the open intent that keeps it
    PRIMARY KEY (connection_id, lane)
) STRICT, WITHOUT ROWID;
CREATE INDEX lanes_of_token ON lanes (token);                                      -- release()
CREATE INDEX lanes_of_intent ON lanes (intent_id) WHERE intent_id IS NOT NULL;     -- settle()
